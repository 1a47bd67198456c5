# timeout: 60
# The lab itself: is this the kernel, and are these the lines, that the other tests rely on?

assert_contains "$(uname -r)" 6.12.
assert_eq 1 "$(cat /sys/kernel/realtime)" "PREEMPT_RT"
assert_eq 2 "$(nproc)" "processors"

# The root is a layer in memory: what a test writes there, the next run does not find.
assert_eq overlayfs "$(stat -f -c %T /etc)" "root file system"

chip_make rig power nc_ambient - led_r
dev=$(chip_dev rig)
assert_contains "$(gpioinfo)" '"nc_ambient"'
expect_exit 1 gpioinfo no_such_line

# An input: each pull is one edge, once the interrupt is there: a line reads as used before it is. Each
# by itself: its thread asks for the level when it comes to run, and takes two that it missed for one.
edges_are_watched() { grep -qw gpiomon /proc/interrupts; }
for pull in up down; do
    gpiomon --event-clock monotonic --num-events 1 led_r >>"$RESULTS/edges" &
    monitor=$!
    wait_until 5 edges_are_watched
    set_pull led_r "$pull"
    wait "$monitor"
done
assert_contains "$(sed -n 1p "$RESULTS/edges")" rising
assert_contains "$(sed -n 2p "$RESULTS/edges")" falling

# An output: the pulse is in the kernel's record, no shorter than asked, with both its lines.
trace_clear
trace_on
gpioset -t 100ms,0 power=1 nc_ambient=1
trace_save "$RESULTS/trace"
# shellcheck disable=SC2046
press_trace --chord --nominal 100000 $(line_args power nc_ambient) "$RESULTS/trace" >"$RESULTS/presses"
cat "$RESULTS/presses"
assert_between 100000 "$(awk '$1 == "duration" { print $3 }' "$RESULTS/presses")" 1000000 "pulse in us"

# What becomes of a line whose owner is killed: gpio-sim lets it fall back to its pull, and no write
# is recorded. So an inactive line proves nothing about a keeper by itself; a `set 0` in the trace
# does, or a pull towards active.
killed_owner_leaves() {
    local pull=$1 level=$2
    set_pull power "$pull"
    trace_clear
    trace_on
    gpioset power="$level" &
    local owner=$!
    wait_until 5 line_used power
    wait_until 5 line_is power "$level"
    kill -KILL "$owner"
    wait "$owner" || :
    trace_save "$RESULTS/killed-$pull"
    assert_eq 1 "$(grep -c 'gpio_value: .* set ' "$RESULTS/killed-$pull")" "recorded writes of a killed owner"
    line_value power
}
after_down=$(killed_owner_leaves down 1)
after_up=$(killed_owner_leaves up 0)
note "after SIGKILL of its owner: a line at 1 with pull-down is $after_down, at 0 with pull-up is $after_up"
assert_eq 0 "$after_down" "line at 1, pull-down, after its owner was killed"
assert_eq 1 "$after_up" "line at 0, pull-up, after its owner was killed"

# The chip goes while a line of it is held: the holder is told, and the chip can come back.
gpioset power=1 &
owner=$!
wait_until 5 line_used power
chip_unbind rig
[ ! -e "$dev" ] || fail "$dev is still there after the chip was unbound"
owner_status=0
timeout 5 tail --pid="$owner" -f /dev/null || fail "gpioset did not notice that its chip is gone"
wait "$owner" || owner_status=$?
note "gpioset whose chip is unbound ends with status $owner_status"
chip_bind rig
assert_eq 0 "$(line_value nc_ambient)" "a line of the chip that came back"
