# Stopped again and again, in the middle of runs: every unit gets its pass in the end, and no unit that
# passed is run once more.
seq -f 'U%02g' 12 >"$TMP/serials"
stops=0
while :; do
    : >"$TMP/out"
    longpress batch WH-1000XM5 --serials "$TMP/serials" --bench sim4 --pace 5 >"$TMP/out" 2>&1 &
    pid=$!
    if [ $stops -lt 4 ]; then
        signals=(INT TERM HUP INT)
        # When the first has passed, the next are on their way.
        goes_on() { says "$TMP/out" PASS && runs || ! kill -0 $pid; }
        until_true goes_on
        kill -"${signals[stops]}" $pid 2>/dev/null
        stops=$((stops + 1))
    fi
    wait $pid && break
    [ $? -eq 4 ] || { cat "$TMP/out"; exit 9; }
    grep -q '^stopped: ' "$TMP/out" || { cat "$TMP/out"; exit 8; }
    [ $stops -le 4 ] || exit 7
done
longpress history --json >"$TMP/runs"
grep -o '"verdict": *"[a-z]*"' "$TMP/runs" | grep -c pass
grep -o '"state": *"[a-z]*"' "$TMP/runs" | sort | uniq -c | sed 's/[0-9]\+/N/'
grep -q aborted "$TMP/runs" && echo 'some were stopped'
