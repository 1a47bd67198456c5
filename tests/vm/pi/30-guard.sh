# The guard as a service, outside the cgroup of those it watches.
export LONGPRESS_GUARD=/run/guard.sock
mkdir -p /sys/fs/cgroup/guard /sys/fs/cgroup/rig
sh -c 'echo 0 >/sys/fs/cgroup/guard/cgroup.procs; exec longpress guard --listen "$LONGPRESS_GUARD"' >/tmp/guard 2>&1 &
guard=$!
answers() { longpress doctor --bench "$bench" 2>&1 | grep -q 'the service answers'; }
wait_until answers

cut() { # WHAT WITHIN-MS COMMAND
    local start
    longpress jog A power --for 2900ms --bench "$bench" >/tmp/jog 2>&1 &
    parent=$!
    wait_until pressed
    keeper=$(keeper_of "$parent")
    echo "$parent" >/sys/fs/cgroup/rig/cgroup.procs
    echo "$keeper" >/sys/fs/cgroup/rig/cgroup.procs
    start=$(now_ms)
    eval "$3"
    wait_until released
    took=$(($(now_ms) - start))
    note "persist_gpio_outputs=$persist, service, $1: released after $took ms"
    [ "$took" -le "$2" ] || fail "$1: only after $took ms"
    echo 0 >/sys/fs/cgroup/rig/cgroup.freeze
    kill -CONT "$parent" 2>/dev/null || :
    wait_until ended "$keeper"
    released || fail "$1: pressed again"
    kill -KILL "$parent" 2>/dev/null || :
    wait "$parent" || :
    released || fail "$1: pressed at the end"
}
# shellcheck disable=SC2016
{
    cut "both stopped" 800 'kill -STOP "$keeper" "$parent"'
    cut "cgroup frozen" 800 'echo 1 >/sys/fs/cgroup/rig/cgroup.freeze'
    cut "cgroup killed" 500 'echo 1 >/sys/fs/cgroup/rig/cgroup.kill'
    cut "both killed" 500 'kill -KILL "$keeper" "$parent"'
}
# With nobody left, it is the guard that holds them.
held_inactive || fail "the guard does not hold power"
expect 0 longpress doctor --bench "$bench"
contains "$said" "held inactive by the guard"
expect 0 longpress release --bench "$bench"
contains "$said" "held inactive by the guard"
# And a run takes over.
expect 0 longpress jog A power --for 200ms --bench "$bench"
kill "$guard"
wait "$guard" || :
