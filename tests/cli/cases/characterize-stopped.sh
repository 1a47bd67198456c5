# Stopped in the middle of a press, by the e-stop in a cooldown, by a chip that goes: released,
# recorded, and taken up again.
# Nothing tells that a press has begun before its run is over: one that was stopped too early is
# tried again, and stopped later.
for after in 0.1 0.2 0.5 1 2 4 8; do
    rm -f "$TMP"/j.db*
    longpress characterize WH-1000XM5 network-reset --bench sim --pace real --journal "$TMP/j.db" \
        >"$TMP/out" 2>"$TMP/err" &
    pid=$!
    until_true runs --journal "$TMP/j.db"
    sleep $after
    kill -TERM $pid
    wait $pid
    status=$?
    longpress show 1 --journal "$TMP/j.db" | grep -q ' press ' && break
done
echo "status $status"
longpress show 1 --journal "$TMP/j.db" | sed -n 's/^ *[0-9.]* s  \(press\|released\) .*/\1/p'
sed -n '/^  -/s/[0-9.]* s  does/TIME  does/p;/after/,$p' "$TMP/out"
longpress history --journal "$TMP/j.db" | cut -c1-3,22-
longpress characterize WH-1000XM5 network-reset --bench sim --journal "$TMP/j.db" --precision 500ms |
    tail -n 9
cp hardware/sim/firmware/wh-1000xm5.yaml "$TMP"
for fault in estop_at chip_gone_at; do
    printf '%s\n' 'firmware: WH-1000XM5, bad bench' 'base: wh-1000xm5.yaml' \
        "faults: { $fault: 500 s }" >"$TMP/$fault.yaml"
    longpress characterize WH-1000XM5 network-reset --bench "sim:$TMP/$fault.yaml" --journal none |
        sed -n '/^  1/,$p'
    echo "status ${PIPESTATUS[0]}"
done
