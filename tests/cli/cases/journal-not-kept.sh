# What the journal cannot take is kept in a file of its own, and where it is, is told; where that
# cannot be written either the operator is told before the run, the verdict comes all the same, and a
# script is told by the status.
plain() { sed -E 's/[0-9]{19}-[0-9]+-([0-9]+)\.db/RUN-\1.db/; s/[0-9a-f]{16}\.spool/HASH.spool/' "$@"; }
exec 4>&2 2>>$TMP/err
said() { plain $TMP/err >&4; : >$TMP/err; }
echo 'no database, but long enough to be taken for one if nobody looked at how it begins, and more' >$TMP/text
longpress run WH-1000XM5 --bench sim --journal $TMP/text | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP | tail -1
longpress run WH-1000XM5 --bench sim --journal /proc/nowhere/journal.db | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP/text --json | grep '"verdict"'
said
status_of() {
    echo 4711 | longpress "$@" >$TMP/out
    echo "$1: $?"
    said
}
for journal in $TMP/text none; do
    status_of run WH-1000XM5 --bench sim --journal $journal
    status_of batch WH-1000XM5 --bench sim --serials - --journal $journal
done
longpress history --journal $TMP/text
said
cat $TMP/text
# Each is a journal that can be read.
for file in $TMP/text.spool/*; do longpress history --journal $file --csv | tail -n +2 | cut -d, -f1,2,6-7; done
# Nowhere to go.
XDG_STATE_HOME=/proc/nowhere status_of run WH-1000XM5 --bench sim --journal /proc/nowhere/journal.db
XDG_STATE_HOME=/proc/nowhere status_of batch WH-1000XM5 --bench sim --serials - --journal /proc/nowhere/journal.db
XDG_STATE_HOME=/proc/nowhere status_of characterize WH-1000XM5 network-reset --bench sim --precision 200ms --journal /proc/nowhere/journal.db
