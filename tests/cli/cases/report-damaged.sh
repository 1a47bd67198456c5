# What is damaged in a run is told once by a report of it, drawn or not, press of a series or not.
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
longpress run WH-1000XM5 --bench sim --unit 1 >/dev/null
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-dead-led.yaml --unit 2 >/dev/null
longpress characterize WH-1000XM5 network-reset --bench sim --unit 1 --max-presses 5 >/dev/null 2>&1
sqlite3 $TMP/state/longpress/journal.db "UPDATE contents SET content = CAST('?' AS BLOB) WHERE id = 1"
for draw in all fails; do
    longpress report --draw $draw -o $TMP/page.html >/dev/null 2>$TMP/told
    echo "[status $?]"
    grep -o 'run [0-9]*: the [a-z ]* stored with it is damaged' $TMP/told | sort | uniq -c | sort -k 3n
    grep -c '<svg ' $TMP/page.html
done
