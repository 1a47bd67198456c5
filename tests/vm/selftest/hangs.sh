# timeout: 3
# The child ignores the polite signal and would outlive the test.
trap '' TERM
sleep 1000 &
wait
sleep 1000
