# timeout: 90
# real: yes
# The keeper on real lines, against the kernel's own record of every write: whatever becomes of the
# program that gave the order, nothing stays pressed.

driver=/src/longpress/build/vm-programs/press_driver
kills=60 stops=6 heartbeat='250 ms' killed_us=20000 stopped_us=300000
if [ -n "$LAB_REAL" ]; then
    # The host may hold up each processor for a while; what counts is that it is released at all.
    kills=20 stops=2 heartbeat='5 s' killed_us=30000000 stopped_us=30000000
fi
chip_make rig power nc_ambient
cat >"$RESULTS/bench.yaml" <<END
bench: vm
keeper: { spin: 200 us, heartbeat: $heartbeat, priority: 50 }
stations:
  A:
    actuators:
      power: { line: power, kind: relay, max_on: 10 s }
      nc_ambient: { line: nc_ambient, active: low, kind: relay, max_on: 10 s }
END
power=$(line_gpio power) nc_ambient=$(line_gpio nc_ambient)

# Presses that are left alone, for comparison: the record has each of them, as long as ordered.
trace_clear
trace_on
"$driver" "$RESULTS/bench.yaml" A 20 50 10 power >"$RESULTS/presses"
trace_save "$RESULTS/presses.trace"
assert_contains "$(head -n 1 "$RESULTS/presses")" "priority 50 locked 1"
assert_eq 20 "$(grep -c '^released .*[0-9]$' "$RESULTS/presses")" "presses that ended on time"
# shellcheck disable=SC2046
press_trace --nominal 50000 $(line_args power) "$RESULTS/presses.trace" >"$RESULTS/presses.table"
longest=$([ -n "$LAB_REAL" ] && echo 5000000 || echo 50100)
assert_between 49990 "$(awk '$1 == "duration" { print $3 }' "$RESULTS/presses.table")" "$longest" "press in us"

. /src/longpress/tests/vm/strikes.sh

strike KILL "$kills" "$killed_us"
strike STOP "$stops" "$stopped_us"

driver_start() {
    : >"$1"
    "$driver" "$RESULTS/bench.yaml" A 1 8000 0 power nc_ambient >"$1" &
    parent=$!
    wait_until 10 file_says "$1" $'\npressed '
    keeper=$(sed -n 's/^ready keeper \([0-9]*\) .*/\1/p' "$1")
}

# The other way round: the keeper is killed, with the lines pulled so that one which nobody drives is
# pressed. The parent takes them, makes them inactive, and says so.
set_pull power up
set_pull nc_ambient down
driver_start "$RESULTS/driver"
trace_clear
trace_on
kill -KILL "$keeper"
status=0
wait "$parent" || status=$?
trace_save "$RESULTS/keeper-killed.trace"
assert_eq 5 "$status" "exit status after the keeper was killed"
assert_contains "$(cat "$RESULTS/driver")" "fault: the keeper process was killed by signal 9; its lines were made inactive"
grep -q "gpio_value: $power set 0" "$RESULTS/keeper-killed.trace" || fail "the parent did not release power"
grep -q "gpio_value: $nc_ambient set 1" "$RESULTS/keeper-killed.trace" || fail "the parent did not release nc_ambient"

# A keeper that hangs is killed, and the same is done; without a guard, which would be quicker.
LONGPRESS_GUARD=none driver_start "$RESULTS/driver"
kill -STOP "$keeper"
status=0
wait "$parent" || status=$?
assert_eq 5 "$status" "exit status after the keeper was stopped"
assert_contains "$(cat "$RESULTS/driver")" "did not answer in time, and was killed; its lines were made inactive"
set_pull power down
set_pull nc_ambient up

# SIGTERM to the keeper: it lets go.
driver_start "$RESULTS/driver"
kill -TERM "$keeper"
status=0
wait "$parent" || status=$?
assert_eq 5 "$status" "exit status after SIGTERM of the keeper"
assert_contains "$(cat "$RESULTS/driver")" "released 1 mask 3"
