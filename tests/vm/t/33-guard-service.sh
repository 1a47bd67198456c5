# timeout: 120
# processors: 1
# The guard as the service that `make install` installs, under a systemd of its own, on a chip that keeps
# its levels: a run whose control group is killed or frozen leaves nothing pressed, also after the guard
# itself was killed or restarted.
. /src/longpress/tests/vm/rig.sh

driver=/src/longpress/build/vm-programs/press_driver
answers=(--answer placed=yes --answer battery=80 --answer power=on)
group=/sys/fs/cgroup/test/systemd
run_group=$group/system.slice/press.scope guard_group=$group/system.slice/longpress-guard.service

keep_levels 1
rig_make
chip=$(chip_dev rig) power=$(line_gpio power) nc_ambient=$(line_gpio nc_ambient)

# ---- systemd, as process 1 of namespaces of its own ----

make -s -C /src/longpress DEPS=no -o build/longpress -o build/config.mk install >"$RESULTS/install" 2>&1
longpress=/usr/local/bin/longpress

# Of what a machine starts early, nothing is needed but the targets that units wait for, and the socket that
# was enabled.
units=/run/units
mkdir -p $units/sockets.target.wants
cp /usr/lib/systemd/system/{basic,paths,shutdown,slices,sockets,sysinit,timers,umount}.target $units
ln -s /usr/local/lib/systemd/system/longpress-guard.socket $units/sockets.target.wants
mkdir -p /run/systemd/system-generators
for generator in /usr/lib/systemd/system-generators/*; do
    ln -s /dev/null "/run/systemd/system-generators/${generator##*/}"
done
printf '%032x\n' 1 >/etc/machine-id
mkdir "$group"
(
    echo $BASHPID >"$group/cgroup.procs"
    exec unshare --pid --fork --kill-child --mount --mount-proc env -i container=lab PATH="$PATH" \
        "SYSTEMD_UNIT_PATH=/run/systemd/transient:$units:/usr/local/lib/systemd/system" \
        /usr/lib/systemd/systemd --unit=basic.target --show-status=no
) >"$RESULTS/systemd" 2>&1 &
outside=$!
wait_until 20 test -S /run/longpress/guard.sock
systemd=$(tr -d ' ' <"/proc/$outside/task/$outside/children")

inside() { nsenter --target "$systemd" --pid --mount -- "$@"; }

# ---- what is struck, and what has become of it ----

# Its process, into $REPLY; a condition: there is one.
guard_pid() { read -r REPLY <"$guard_group/cgroup.procs"; } 2>/dev/null
# Conditions: there is another guard than $1, and it watches lines, as it has their chip open.
other_guard() { guard_pid && [ "$REPLY" != "$1" ]; }
other_guard_watches() {
    local fd
    other_guard "$1" || return
    for fd in "/proc/$REPLY/fd"/*; do
        [ ! "$fd" -ef "$chip" ] || return 0
    done
    return 1
}
pressed() { line_is power 0 && line_is nc_ambient 0; }

# begin NAME PROGRAM... : in a scope of its own, until it presses.
begin() {
    said=$RESULTS/said-$1
    shift
    inside systemd-run --quiet --scope --unit=press -- "$@" >"$said" 2>&1 &
    run=$!
    wait_until 10 pressed
}
begin_run() { begin "$1" "$longpress" run WH-1000XM5 --bench "$bench" "${answers[@]}"; }
begin_presses() { begin "$1" "$driver" "$bench" rig 3 "$2" 200 power nc_ambient; }
# end STATUS : of what was begun.
end() {
    local status=0
    wait "$run" || status=$?
    assert_eq "$1" "$status" "exit status ($(cat "$said"))"
    rig_released || fail "something is pressed at the end"
    wait_until 5 test ! -e "$run_group"
}

# strike WHAT MAX_US COMMAND... : by the kernel's record, all is released so soon after the command begins.
strike() {
    local what=$1 max=$2 us
    shift 2
    pressed || fail "$what: nothing is pressed that could be released"
    trace_clear
    trace_on
    trace_mark strike
    "$@"
    wait_until 5 rig_released
    trace_save "$RESULTS/trace"
    us=$(awk -v power="$power" -v nc="$nc_ambient" '
        /tracing_mark_write:|gpio_value:/ {
            for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) at = substr($i, 1, length($i) - 1)
        }
        /tracing_mark_write: strike/ { struck = at }
        /gpio_value:.* set 1/ && ($(NF - 2) == power || $(NF - 2) == nc) { last = at; seen[$(NF - 2)] = 1 }
        END { if (length(seen) == 2) printf "%.0f\n", (last - struck) * 1e6 }' "$RESULTS/trace")
    assert_between 1 "$us" "$max" "$what, us until released"
    note "$what: released after $us us"
}
group_kill() { echo 1 >"$run_group/cgroup.kill"; }
group_freeze() { echo 1 >"$run_group/cgroup.freeze"; }

# ---- the service is there ----

expect_exit 0 inside "$longpress" doctor --bench "$bench"
assert_contains "$output" 'the service answers'
guard_pid || fail "the guard is not systemd's"

# ---- the run's control group is killed, or frozen ----

begin_run killed
assert_eq 1 "$(pgrep -cx longpress-guard)" "guards, with a run"
strike "the run's cgroup killed" 20000 group_kill
end 137

begin_run frozen
# The heartbeat has to pass first, and the grace.
strike "the run's cgroup frozen" 1200000 group_freeze
echo 0 >"$run_group/cgroup.freeze"
end 5

# ---- the guard is killed, and restarted, in presses that go on as ordered ----

begin_presses guard-killed 2500
guard_pid
before=$REPLY
kill -KILL "$before"
wait_until 2 other_guard_watches "$before"
pressed || fail "what the guard's death ended was a press"
wait_until 5 file_says "$said" 'pressed 2'
guard_pid
before=$REPLY
inside systemctl restart longpress-guard.service
wait_until 2 other_guard_watches "$before"
pressed || fail "what the guard's restart ended was a press"
wait_until 5 file_says "$said" 'pressed 3'
assert_eq 2 "$(grep -c '^released .*[0-9]$' "$said")" "presses that ended on time"
# systemctl itself takes its time.
strike "guard killed and restarted, then the run's scope killed" 500000 \
    inside systemctl kill --signal=KILL press.scope
end 137

# ---- the run meets its end while there is no guard, which was killed again and again ----

# systemd starts it however often it ends, and the next one finds what the keeper has left for it.
begin_presses guardless 9000
before=''
for i in 1 2 3 4 5 6; do
    wait_until 5 other_guard "$before"
    before=$REPLY
    kill -KILL "$before"
done
strike "no guard yet, the run's cgroup killed" 3000000 group_kill
end 137
