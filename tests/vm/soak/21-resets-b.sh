# timeout: 20000
# processors: 1
# 500 whole resets with faults of the radio drawn at random; the other half is in another VM.
. /src/longpress/tests/vm/soak/resets.sh

resets 2 500
