# timeout: 60
# The guard that a keeper has of its own, where no service runs: if it is killed in the middle of a press,
# another one follows at once, and does what the first was there for.
. /src/longpress/tests/vm/rig.sh

driver=/src/longpress/build/vm-programs/press_driver
keep_levels 1
rig_make
export LONGPRESS_GUARD=/run/nobody-listens.sock

pressed() { line_is power 0 && line_is nc_ambient 0; }
guard_pid() { pgrep -x longpress-guard; }
# As a guard has the chip of the lines that it watches.
other_guard_watches() {
    local fd pid
    pid=$(guard_pid) && [ "$pid" != "$1" ] || return
    for fd in "/proc/$pid/fd"/*; do
        [ ! "$fd" -ef "$(chip_dev rig)" ] || return 0
    done
    return 1
}

said=$RESULTS/driver
"$driver" "$bench" rig 1 9000 0 power nc_ambient >"$said" 2>&1 &
program=$!
wait_until 10 pressed
keeper=$(sed -n 's/^ready keeper \([0-9]*\) .*/\1/p' "$said")
for i in 1 2 3; do
    guard=$(guard_pid)
    kill -KILL "$guard"
    wait_until 1 other_guard_watches "$guard"
done
pressed || fail "what a guard's death ended was a press"
assert_eq "3 3" "$(grep -c 'guard: the guard is gone' "$said") $(grep -c 'guard: a guard watches these lines again' "$said")" \
    "guards that were missed, and there again"
kill -KILL "$keeper" "$program"
wait "$program" || :
wait_until 1 rig_released
