# Taken up again with a unit that has become another one: told, and not found; in `compare` and on the
# page of thresholds too.
unit() {
    printf '%s\n' 'firmware: WH-1000XM5, moved' 'base: wh-1000xm5.yaml' 'version: "1.0"' 'triggers:' \
        "  network: { threshold: $1, jitter: 15 ms }" >$TMP/unit.yaml
}
characterize() {
    longpress characterize WH-1000XM5 network-reset --bench sim:$TMP/unit.yaml --unit A \
        --unit-firmware 1.0 --precision 50ms "$@"
}
cp hardware/sim/firmware/wh-1000xm5.yaml $TMP
unit '5600 ms'
characterize --max-presses 22 >/dev/null
echo "[status $?]"
unit '5700 ms'
characterize | sed -n '/^SIM/,/shape/p' | grep -v posterior
echo "[status ${PIPESTATUS[0]}]"
characterize --json | sed -n 's/.*"state":"\([a-z]*\)".*"odd":\("[^"]*"\).*/\1 \2/p'
longpress run WH-1000XM5 --bench sim --unit A --unit-firmware 1.0 >/dev/null
longpress run WH-1000XM5 --bench sim --unit A --unit-firmware 1.1 >/dev/null
longpress compare WH-1000XM5 --firmware 1.0 --firmware 1.1 | sed -n '/^hold/,/^$/p'
longpress report -o $TMP/report.html
grep -oE '>unit A[^<]*' $TMP/report.html
