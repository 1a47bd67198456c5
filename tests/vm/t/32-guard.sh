# timeout: 300
# The guard: keeper and parent killed, stopped or frozen together leave nothing pressed, whether the
# chip keeps its levels or lets lines fall back to a pull that presses.

chip_make rig power nc_ambient
cat >"$RESULTS/bench.yaml" <<END
bench: vm
keeper: { spin: 0 s, heartbeat: 250 ms, priority: 50 }
stations:
  A:
    actuators:
      power: { line: power, kind: relay, max_on: 10 s }
      nc_ambient: { line: nc_ambient, active: low, kind: relay, max_on: 10 s }
END
power=$(line_gpio power) nc_ambient=$(line_gpio nc_ambient)
. /src/longpress/tests/vm/strikes.sh
driver=/src/longpress/build/vm-programs/press_driver
bench=$RESULTS/bench.yaml

# guard_start : the service, in a cgroup of its own.
guard_start() {
    mkdir -p /sys/fs/cgroup/guard
    export LONGPRESS_GUARD=/run/lab-guard.sock
    (
        echo $BASHPID >/sys/fs/cgroup/guard/cgroup.procs
        exec "$longpress" guard --listen "$LONGPRESS_GUARD"
    ) >"$RESULTS/guard" 2>&1 &
    guard=$!
    wait_until 10 doctor_says 'the service answers'
}
guard_stop() {
    kill "$guard" 2>/dev/null || :
    wait "$guard" 2>/dev/null || :
    unset LONGPRESS_GUARD
}
doctor_says() { "$longpress" doctor --bench "$bench" 2>&1 | grep -F -- "$1" >>"$RESULTS/doctor"; }

press_start() {
    : >"$RESULTS/driver"
    "$driver" "$bench" A 1 "${1:-8000}" 0 power nc_ambient >"$RESULTS/driver" 2>&1 &
    parent=$!
    wait_until 10 file_says "$RESULTS/driver" $'\npressed '
    keeper=$(sed -n 's/^ready keeper \([0-9]*\) .*/\1/p' "$RESULTS/driver")
}
released() { [ "$(lines_value power nc_ambient)" = 01 ]; }
pressed() { [ "$(lines_value power nc_ambient)" = 10 ]; }
has_ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status"; }

# Without a guard, the lab shows what it is for.
keep_levels 1
LONGPRESS_GUARD=none press_start
assert_contains "$(cat "$RESULTS/driver")" "nobody guards these lines"
kill -KILL "$keeper" "$parent"
wait "$parent" || :
pressed || fail "without a guard, nothing stayed down on a chip that keeps its levels: what is tested here?"
LONGPRESS_GUARD=none doctor_says 'LONGPRESS_GUARD is `none`' || fail "doctor is silent about LONGPRESS_GUARD=none"
# And by hand, it is mended.
expect_exit 0 "$longpress" release --bench "$bench"
assert_contains "$output" "2 lines made inactive"
released || fail "release left a line active"

for keep in 1 0; do
    keep_levels "$keep"
    # A line that nobody drives is pressed.
    set_pull power up
    set_pull nc_ambient down
    strike_what="keep_levels $keep, service: "
    guard_start
    doctor_says 'the service answers' || fail "doctor does not see the guard"
    mkdir -p /sys/fs/cgroup/strike
    strike BOTH 20 100000
    strike GROUPS 10 100000
    strike CGROUP 20 100000
    # The heartbeat has to pass first, and the grace.
    strike HALT 5 600000
    strike FREEZE 5 600000
    rmdir /sys/fs/cgroup/strike
    # The last one was thawed, took its lines itself, and was then killed.
    wait_until 2 released
    wait_until 2 line_used power
    doctor_says 'held inactive by the guard' || fail "doctor does not know what the guard holds"
    # A run takes over what the guard holds, and gives it back in order.
    "$driver" "$bench" A 1 50 0 power >"$RESULTS/driver" 2>&1 || fail "a press after that: $(cat "$RESULTS/driver")"
    guard_stop
done

# The child, where nobody serves: all but the cgroup.
keep_levels 1
set_pull power down
set_pull nc_ambient up
strike_what='keep_levels 1, child: '
doctor_says 'does not cover what ends or freezes a whole control group' || fail "doctor does not say what a child cannot"
strike BOTH 20 100000
strike GROUPS 10 100000
strike HALT 5 600000

# A keeper alone that is stopped is killed as soon as its press is overdue or its beat is missing.
guard_start
press_start
kill -STOP "$keeper"
wait_until 3 released
status=0
wait "$parent" || status=$?
assert_eq 5 "$status" "exit status after the keeper was stopped"
assert_contains "$(cat "$RESULTS/driver")" "its lines were made inactive"

# release in the middle of a run: it is asked to stop, and nothing stays down; also when all stand still.
jog_start() {
    "$longpress" jog A power --for 2900ms --bench "$bench" >"$RESULTS/jog" 2>&1 &
    parent=$!
    wait_until 10 line_is power 1
}
jog_start
expect_exit 0 "$longpress" release --bench "$bench"
assert_contains "$output" "1 run asked to stop"
released || fail "release left a line active"
status=0
wait "$parent" || status=$?
assert_eq 4 "$status" "exit status of a run that was released"
guard_stop

LONGPRESS_GUARD=none jog_start
keeper=$(pgrep -P "$parent")
kill -STOP "$parent" "$keeper"
expect_exit 0 "$longpress" release --bench "$bench"
assert_contains "$output" "1 keeper did not release in time, and had to be killed"
released || fail "release left a line active of a run that was stopped"
kill -CONT "$parent"
status=0
wait "$parent" || status=$?
released || fail "it pressed again when it went on"
assert_between 4 "$status" 5 "exit status of a run whose keeper was killed while it was stopped"

# A line that is somebody else's is told, and the others are released.
gpioset -c "$(chip_dev rig)" 0=1 &
other=$!
wait_until 10 line_used power
expect_exit 5 "$longpress" release --bench "$bench"
assert_contains "$output" "line is in use by \`gpioset\`"
assert_contains "$output" "1 line made inactive"
kill "$other"
wait "$other" 2>/dev/null || :
