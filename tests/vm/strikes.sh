# Sourced by tests that strike down the program that presses: on a chip with the lines power and
# nc_ambient (active-low), whose GPIO numbers are in $power and $nc_ambient, and the bench file
# $RESULTS/bench.yaml with a station A.
#
# strike HOW COUNT MAX_US : COUNT times, at a random instant of a press, as programs/strike.c has it.
# In the record every "strike" is followed by the writes that make the lines inactive, up to "after",
# when the keeper has ended. (Where the lines are then proves little: what nobody drives goes where it is pulled.)
strike=/src/longpress/build/vm-programs/strike

strike() {
    local signal=$1 count=$2
    trace_clear
    trace_on
    STRIKE_LINES="0:$(line_dir power)/value 1:$(line_dir nc_ambient)/value" \
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
        }' "$RESULTS/$signal.trace" >"$RESULTS/latencies-$signal" || fail "$signal: see the record"
    sort -n "$RESULTS/latencies-$signal" | awk -v what="${strike_what:-}$signal, $count times" -v max="$3" '
        { us[NR] = $1 }
        END {
            printf "NOTE: %s: all released; %d presses cut short, after median %d us, max %d us\n",
                what, NR, us[int((NR + 1) / 2)], us[NR]
            exit !(us[NR] <= max)
        }' || fail "$signal: released later than $3 us"
    [ "$(wc -l <"$RESULTS/latencies-$signal")" -ge $((count / 2)) ] || fail "too few were in a press"
}
