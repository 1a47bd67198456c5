# timeout: 3000
# processors: 1
# 8,000 SIGKILLs at random instants of presses, of a station by itself, on one virtual processor,
# where times are true.
stations=A
. /src/longpress/tests/vm/soak/kills.sh

kills_make
# The worst of wirings: what nobody drives is pressed.
for station in $stations; do
    set_pull "${station}_power" up
done
proof b LONGPRESS_GUARD=none
for station in $stations; do
    set_pull "${station}_power" down
done
kills 1 8000 'one station'
