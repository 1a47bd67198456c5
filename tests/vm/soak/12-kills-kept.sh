# timeout: 3000
# processors: 1
# 2,000 SIGKILLs at random instants of presses, on a chip that keeps its levels when the owner of a line
# dies: what is inactive afterwards was made so by the keeper, the parent or the guard.
stations=A
. /src/longpress/tests/vm/soak/kills.sh

keep_levels=/sys/module/gpio_simk/parameters/keep_levels
if [ ! -e "$keep_levels" ]; then
    note "NOT RUN: this lab has no chip that keeps its levels"
    echo 'a chip that keeps its levels: not run, this lab has none' >"$RESULTS/figures"
    exit 0
fi
kills_make
echo 1 >"$keep_levels"
proof b LONGPRESS_GUARD=none
"$longpress" release --bench "$bench"
kills 3 1000 'levels kept, the guard is a child'

mkdir -p /sys/fs/cgroup/guard
export LONGPRESS_GUARD=/run/soak-guard.sock
(
    echo $BASHPID >/sys/fs/cgroup/guard/cgroup.procs
    exec "$longpress" guard --listen "$LONGPRESS_GUARD"
) >"$RESULTS/guard" 2>&1 &
wait_until 10 test -S "$LONGPRESS_GUARD"
kills 4 1000 'levels kept, the guard is a service'
