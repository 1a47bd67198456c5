# timeout: 3000
# processors: 1
# 2,000 SIGKILLs at random instants of presses, on a chip that keeps its levels when the owner of a line
# dies: what is inactive afterwards was made so by the keeper, the parent or the guard.
stations=A
. /src/longpress/tests/vm/soak/kills.sh

keep_levels 1
kills_make
proof b LONGPRESS_GUARD=none
"$longpress" release --bench "$bench" >/dev/null
kills 3 1000 'levels kept, the guard a child'

mkdir -p /sys/fs/cgroup/guard
export LONGPRESS_GUARD=/run/soak-guard.sock
(
    echo $BASHPID >/sys/fs/cgroup/guard/cgroup.procs
    exec "$longpress" guard --listen "$LONGPRESS_GUARD"
) >"$RESULTS/guard" 2>&1 &
answers() { "$longpress" doctor --bench "$bench" 2>&1 | grep -qF 'the service answers'; }
wait_until 10 answers
kills 4 1000 'levels kept, the guard a service'
