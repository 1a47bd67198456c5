# timeout: 90
# real: yes
# The keeper on real lines, against the kernel's own record of every write: whatever becomes of the
# program that gave the order, nothing stays pressed.

driver=/src/longpress/build/vm-programs/press_driver
strike=/src/longpress/build/vm-programs/strike
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

# strike SIGNAL COUNT MAX_US : COUNT times, at a random instant of a press. In the record every
# "strike" is followed by the writes that make the lines inactive, up to "after", when the keeper has
# ended. (Where the lines are then proves little: what nobody drives goes where it is pulled.)
strike() {
    local signal=$1 count=$2
    trace_clear
    trace_on
    "$strike" "$signal" "$RESULTS/bench.yaml" A "$count" power nc_ambient
    trace_save "$RESULTS/$signal.trace"
    awk -v power="$power" -v nc="$nc_ambient" -v count="$count" '
        /tracing_mark_write:|gpio_value:/ {
            for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) at = substr($i, 1, length($i) - 1)
        }
        /LOST/ { bad = "events lost" }
        /tracing_mark_write: strike/ { strikes++; struck = at; cut = down[power] + down[nc]; last = at }
        /tracing_mark_write: after/ {
            if (down[power] || down[nc]) bad = "active after strike " $NF
            if (cut) printf "%.0f\n", (last - struck) * 1e6
        }
        /gpio_value:.* set / {
            gpio = $(NF - 2); active = (gpio == nc) ? !$NF : $NF
            if (down[gpio] && !active) last = at
            down[gpio] = active
        }
        END {
            if (strikes != count) bad = strikes " strikes"
            if (bad) { print bad > "/dev/stderr"; exit 1 }
        }' "$RESULTS/$signal.trace" >"$RESULTS/latencies-$signal" || fail "SIG$signal: see the record"
    sort -n "$RESULTS/latencies-$signal" | awk -v what="SIG$signal of the parent, $count times" -v max="$3" '
        { us[NR] = $1 }
        END {
            printf "NOTE: %s: all released; %d presses cut short, after median %d us, max %d us\n",
                what, NR, us[int((NR + 1) / 2)], us[NR]
            exit !(us[NR] <= max)
        }' || fail "SIG$signal: released later than $3 us"
    [ "$(wc -l <"$RESULTS/latencies-$signal")" -ge $((count / 2)) ] || fail "too few were in a press"
}

strike KILL "$kills" "$killed_us"
strike STOP "$stops" "$stopped_us"

driver_start() {
    : >"$1"
    "$driver" "$RESULTS/bench.yaml" A 1 8000 0 power nc_ambient >"$1" &
    parent=$!
    wait_until 10 grep -q '^pressed' "$1"
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

# A keeper that hangs is killed, and the same is done.
driver_start "$RESULTS/driver"
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
