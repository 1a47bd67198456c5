# timeout: 3000
# 2,000 SIGKILLs at random instants of presses, of four stations at once, on two virtual processors. They wait for each other's
# turn here: what counts is that nothing stays active, and not when.
. /src/longpress/tests/vm/soak/kills.sh

kills_make
kills 2 2000 'four stations'
