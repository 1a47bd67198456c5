# A press of a series is a run like any other: shown, judged again, and written as a file that can be
# judged; also of a series with a range of its own, or with a hazard accepted.
press() { longpress characterize WH-1000XM5 network-reset --bench sim "$@" >/dev/null; }
press --max-presses 2
press --series range --to 6200ms --max-presses 3
press --series both --accept-hazard becomes-factory --max-presses 3
longpress show 1 | sed '1d'
longpress judge 2
longpress judge 2 --kept-profile | sed '3,$!d' | cmp - <(longpress judge 2 | sed '3,$!d') && echo same
for run in 1 2 3 4 5 6 7 8; do
    longpress show $run --json >$TMP/run.json
    grep '"expectations"' -A 5 $TMP/run.json | grep -o '"result":"[a-z]*"' | tr '\n' ' '
    for judged in "$run" "$run --kept-profile" $TMP/run.json; do
        longpress judge $judged --json >$TMP/judged.json
        grep -q '"as_asked":true' $TMP/judged.json || echo "not as asked: $judged"
        sed -n 's/  "verdict\(_then\)*": "\(.*\)",/\2/p' $TMP/judged.json | tr '\n' ' '
    done
    echo
done
# Today's profile lets another button reset.
sed 's/hold: \[power, nc_ambient\]/hold: [power]/' profiles/wh-1000xm5.yaml >$TMP/other.yaml
longpress judge 2 --profile $TMP/other.yaml | sed -n '/^SIMULATED/,$p'
sed '/^  network-reset:/,/^  factory-reset:/{s/- hold:.*/- { tap: power, times: 1, on: 80 ms, off: 80 ms }/;/for: 7 s/d;/release_on/d;/not_before/d}' \
    profiles/wh-1000xm5.yaml >$TMP/tap.yaml
longpress judge 2 --profile $TMP/tap.yaml
