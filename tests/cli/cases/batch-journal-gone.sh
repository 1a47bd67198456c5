# The journal goes in mid-batch: that is told before the next run, what is not in it is marked, and
# listed at the end; a pass that cannot be shown is no status 0.
batch() { longpress batch WH-1000XM5 --serials - --bench sim4 --stations A --journal $TMP/j.db "$@"; }
: >$TMP/out
printf '%s\n' FAULT-ONE-BLINK U2 | batch --pace 20 >$TMP/out 2>&1 &
# The first attempt is kept; then the unit rests.
kept() { longpress history --journal $TMP/j.db --verdict fail | grep -q FAIL; }
until_true kept
rm $TMP/j.db
wait $!
echo "status $?"
sed 's/saw blue x[0-9]*, white x1 (/saw blue xN, white x1 (/' $TMP/out
# Nothing but passes.
rm -rf $TMP/j.db*
: >$TMP/out
printf '%s\n' P1 P2 | batch --pace 5 >$TMP/out 2>&1 &
until_true runs --journal $TMP/j.db
rm $TMP/j.db
wait $!
echo "status $?"
grep -A3 'not in the journal' $TMP/out | tail -3
