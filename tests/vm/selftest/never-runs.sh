# Comes after crashes.sh, which leaves no kernel to run it.
