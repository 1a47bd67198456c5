# Sourced by press-accuracy.sh: the one place that says how longpress itself makes the presses of
# the comparison.
#
# longpress_presses COUNT HOLD_MS LINE... : COUNT presses of HOLD_MS on all LINEs at once, with
# $gap_ms between them, on the chip $dev. Runs in the foreground.
longpress_presses() {
    echo "longpress_presses in tests/vm/bench/longpress.sh does not say yet how to run longpress" >&2
    return 1
}
