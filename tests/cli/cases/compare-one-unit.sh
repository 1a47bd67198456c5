# One unit of each version tells nothing of the versions, and no gate is passed or failed on it; the
# same unit with both does, and units against units.
firmware=sim:hardware/sim/firmware/wh-1000xm5-threshold-6.4s.yaml
for run in 1 2 3 4 5; do
    longpress run WH-1000XM5 --bench sim --unit A --unit-firmware 2.3 >/dev/null
    longpress run WH-1000XM5 --bench $firmware --unit B --unit-firmware 2.4 >/dev/null
    longpress run WH-1000XM5 --bench $firmware --unit A --unit-firmware 2.5 >/dev/null
    longpress run WH-1000XM5 --bench $firmware --unit-firmware 2.6 >/dev/null
done
gate() {
    longpress compare WH-1000XM5 --firmware 2.3 --firmware "$1" --limit 100ms --fail-on slower |
        grep -A5 '^time to disconnect'
    echo "[status ${PIPESTATUS[0]}]"
}
gate 2.4
gate 2.5
gate 2.6
