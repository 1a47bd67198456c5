# timeout: 300
# How long from the start of a program to its first line written active, by the kernel's own record:
# `longpress run` (profile and bench read, plan proven, keeper started, lines taken, the first press
# ordered) against gpioset, which only takes one line and writes it.

starts=15

chip_make rig power nc_ambient
gpio=$(line_gpio power)
bench=$RESULTS/bench.yaml
cat >"$bench" <<Y
bench: start-to-press
keeper: { heartbeat: 1 s, spin: 5 ms, priority: 50 }
stations:
  A:
    actuators:
      power: { line: power, kind: relay, max_on: 20 s }
      nc_ambient: { line: nc_ambient, kind: relay, max_on: 20 s }
Y

gpioset_once() { gpioset -t 10ms,0 power=1; }

longpress_once() {
    "$longpress" run WH-1000XM5 --bench "$bench" --json --answer placed=yes --answer power=on \
        --answer battery=80 >"$RESULTS/run.json" 2>"$RESULTS/run.err" &
    wait_until 10 line_is power 1
    kill -INT $!
    wait $! || :
}

# From the mark to the first write that makes the line active, us.
first_press_us() {
    awk -v gpio="$gpio" '
        { stamp = 0; for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { stamp = $i + 0; break } }
        /tracing_mark_write: start/ { begin = stamp }
        $0 ~ ("gpio_value: " gpio " set 1") && begin { printf "%.0f\n", (stamp - begin) * 1e6; exit }
    ' "$1"
}

for contender in gpioset longpress; do
    for ((i = 1; i <= starts; i++)); do
        trace_clear
        trace_on
        trace_mark start
        "${contender}_once"
        trace_save "$RESULTS/$contender-$i"
        first_press_us "$RESULTS/$contender-$i"
    done | sort -n >"$RESULTS/$contender.us"
    assert_eq "$starts" "$(wc -l <"$RESULTS/$contender.us")" "$contender: starts measured"
done

median() { sed -n "$(((starts + 1) / 2))p" "$RESULTS/$1.us"; }
printf 'start to first press, %d starts, median us: gpioset %s, longpress %s; longpress/gpioset %s\n' \
    "$starts" "$(median gpioset)" "$(median longpress)" \
    "$(awk -v a="$(median longpress)" -v b="$(median gpioset)" 'BEGIN { printf "%.2f", a / b }')" |
    tee "$RESULTS/table"
