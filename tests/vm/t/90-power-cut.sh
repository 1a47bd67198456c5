# timeout: 240
# disk: logged
# The power goes at many instants while runs, a batch and characterize write into one journal, which is copied
# meanwhile, and runs into a spool, for their journal is damaged: no run that was told committed is lost, none
# is torn, those that broke off are found and marked, and a copy that has its name is whole. The guest's
# part: they write, on a disk of its own, and all that reaches the disk is recorded in its order, with
# the flushes, and with a mark for each run that was told committed. Where the power goes is decided
# afterwards, on the host (lab.d/power-cut.sh), as often as wanted.
. /src/longpress/tests/vm/guest/disk.sh

disk_make 24
journal=$disk/journal.db
common=(--journal "$journal")

# A serial is told committed when the run has ended and said nothing of its journal.
runs() {
    local number serial
    for number in {1..12}; do
        serial=$1-$number
        "$longpress" run WH-1000XM5 --bench sim --unit "$serial" "${common[@]}" >/dev/null 2>"$RESULTS/$1.err"
        [ ! -s "$RESULTS/$1.err" ] || fail "$serial: $(cat "$RESULTS/$1.err")"
        disk_mark "unit:$serial"
    done
}

# In a batch, when it is told with the number of its run. What the verdict is does not matter here.
batch() {
    printf 'batch-%s\n' {1..12} | {
        "$longpress" batch WH-1000XM5 --serials - --bench sim4 "${common[@]}" 2>"$RESULTS/batch.err" ||
            [ $? = 3 ]
    } |
        tee "$RESULTS/batch.told" | sed -un 's/^[A-D] *\(batch-[0-9]*\) *[A-Z]\+ .*, run [0-9]*.*/\1/p' |
        while read -r serial; do
            disk_mark "unit:$serial"
        done
    [ ! -s "$RESULTS/batch.err" ] || fail "batch: $(cat "$RESULTS/batch.err")"
}

characterize() {
    "$longpress" characterize WH-1000XM5 network-reset --bench sim --precision 200ms --unit hold "${common[@]}" \
        2>"$RESULTS/characterize.err" |
        tee "$RESULTS/characterize.told" | sed -un 's/^ *\([0-9]*\) .* s  \(reset\|nothing\) .*/\1/p' |
        while read -r number; do
            disk_mark "press:$number"
        done
    [ ! -s "$RESULTS/characterize.err" ] || fail "characterize: $(cat "$RESULTS/characterize.err")"
}

# The journal is there as soon as the first run is.
backups() {
    local number
    for number in {1..4}; do
        wait_until 60 test -e "$journal"
        "$longpress" backup "$disk/copy-$number.db" "${common[@]}" >/dev/null 2>"$RESULTS/backup.err" ||
            fail "backup: $(cat "$RESULTS/backup.err")"
        disk_mark "copy:$number"
        sleep 0.3
    done
}

# Each record is in a file of its own, of which the operator is told.
spooled() {
    local number
    head -c 8192 /dev/urandom >"$disk/damaged.db"
    sync
    for number in {1..6}; do
        "$longpress" run WH-1000XM5 --bench sim --unit "spooled-$number" --journal "$disk/damaged.db" \
            >/dev/null 2>"$RESULTS/spooled.err" || fail "spooled: $(cat "$RESULTS/spooled.err")"
        grep -qF "kept in $disk/damaged.db.spool" "$RESULTS/spooled.err" ||
            fail "spooled: $(cat "$RESULTS/spooled.err")"
        disk_mark "spool:spooled-$number"
    done
}

pids=()
for writer in 'runs a' 'runs b' batch characterize backups spooled; do
    $writer &
    pids+=($!)
    # Not all at the same instant, and another one for each seed.
    sleep "0.$((RANDOM % 900 + 100))"
done
for pid in "${pids[@]}"; do
    wait "$pid"
done
"$longpress" history --csv "${common[@]}" >"$RESULTS/history.csv"
note "$(($(wc -l <"$RESULTS/history.csv") - 1)) runs were written"
disk_take_away
