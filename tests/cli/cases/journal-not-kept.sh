# Where nothing can be kept the operator is told before the run, and the verdict comes all the same; a
# script is told by the status.
echo 'no database, but long enough to be taken for one if nobody looked at how it begins, and more' >$TMP/text
longpress run WH-1000XM5 --bench sim --journal $TMP/text | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP | tail -1
longpress run WH-1000XM5 --bench sim --journal /proc/nowhere/journal.db | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP/text --json | grep '"verdict"'
status_of() {
    echo 4711 | longpress "$@" >$TMP/out
    echo "$1: $?"
}
for journal in $TMP/text none; do
    status_of run WH-1000XM5 --bench sim --journal $journal
    status_of batch WH-1000XM5 --bench sim --serials - --journal $journal
done
longpress history --journal $TMP/text
cat $TMP/text
