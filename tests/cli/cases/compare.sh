# Firmware against firmware, of the runs in the journal. The numbers are tests/unit/compare/test_compare.c's.
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0
firmware=hardware/sim/firmware
for unit in 1 2 3 4 5 6; do
    longpress run WH-1000XM5 --bench sim --unit $((unit % 3)) --unit-firmware 2.3.1 >/dev/null
    longpress run WH-1000XM5 --bench sim:$firmware/wh-1000xm5-threshold-6.4s.yaml --unit $unit \
        --unit-firmware 2.4.0 >/dev/null
done
longpress run WH-1000XM5 --bench sim:$firmware/wh-1000xm5-slow-led.yaml --unit-firmware 2.6 >/dev/null
longpress compare WH-1000XM5 network-reset --firmware 2.3.1 --firmware 2.4.0 --firmware 2.6
echo "[status $?]"
gate() { longpress compare wh1000xm5 "$@" >/dev/null; echo "[status $?]"; }
gate --firmware 2.3.1 --firmware 2.4.0 --limit 100ms --fail-on slower
gate --firmware 2.4.0 --firmware 2.3.1 --limit 100ms --fail-on slower
gate --firmware 2.4.0 --firmware 2.3.1 --limit 100ms --fail-on different
gate --firmware 2.4.0 --firmware 2.3.1 --limit 2s --fail-on different
gate --firmware 2.3.1 --firmware 2.6 --limit 1s --fail-on slower
gate --firmware 2.3.1 --firmware 2.4.0
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --limit 100ms --json
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 -o $TMP/page.html >/dev/null && grep -c '<svg' $TMP/page.html
longpress characterize WH-1000XM5 network-reset --bench sim --unit T --unit-firmware 2.3.1 --max-presses 16 \
    >/dev/null
longpress characterize WH-1000XM5 network-reset --bench sim:$firmware/wh-1000xm5-threshold-6.4s.yaml --unit T \
    --unit-firmware 2.4.0 --max-presses 16 >/dev/null
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --limit 100ms | grep -o 'longer .*2.3.1'
longpress report -o $TMP/report.html && grep -c '^<h2>Thresholds' $TMP/report.html && grep -c '<article ' $TMP/report.html
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.7
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --real
longpress compare WH-1000XM5 --firmware 2.3.1
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.3.1
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --fail-on slower
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --fail-on faster
longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --limit 100
longpress compare WH-1000XM6 --firmware 2.3.1 --firmware 2.4.0
longpress compare --firmware 2.3.1 --firmware 2.4.0
longpress help compare
