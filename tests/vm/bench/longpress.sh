# Sourced by press-accuracy.sh: the one place that says how longpress itself makes the presses of
# the comparison.
#
# longpress_presses COUNT HOLD_MS LINE... : COUNT presses of HOLD_MS on all LINEs at once, with
# $gap_ms between them, on the chip $dev. Runs in the foreground: press_driver orders each press from
# the keeper through the station's port, as `longpress run` does.
longpress_presses() {
    local count=$1 hold=$2 line bench=$RESULTS/longpress-bench.yaml
    shift 2
    {
        echo "bench: press-accuracy"
        echo "keeper: { heartbeat: 1 s, spin: 5 ms, priority: 50 }"
        echo "stations:"
        echo "  A:"
        echo "    actuators:"
        for line; do
            echo "      $line: { line: $line, kind: relay, max_on: 10 s }"
        done
    } >"$bench"
    /src/longpress/build/vm-programs/press_driver "$bench" A "$count" "$hold" "$gap_ms" "$@" \
        >"$RESULTS/longpress-driver.log"
}
