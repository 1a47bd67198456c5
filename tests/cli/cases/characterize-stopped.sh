# Stopped in the middle of a press, by the e-stop in a cooldown, by a chip that goes: released,
# recorded, and taken up again.
longpress characterize WH-1000XM5 network-reset --bench sim --pace real --journal "$TMP/j.db" \
    >"$TMP/out" 2>"$TMP/err" &
pid=$!
for _ in $(seq 100); do
    longpress history --journal "$TMP/j.db" --verdict running 2>/dev/null | grep -q running && break
    sleep 0.1
done
sleep 0.3
kill -TERM $pid
wait $pid
echo "status $?"
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
