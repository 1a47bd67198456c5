# Where nothing can be kept the operator is told before the run, and the verdict comes all the same.
echo 'no database, but long enough to be taken for one if nobody looked at how it begins, and more' >$TMP/text
longpress run WH-1000XM5 --bench sim --journal $TMP/text | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP | tail -1
longpress run WH-1000XM5 --bench sim --journal /proc/nowhere/journal.db | tail -1
longpress run WH-1000XM5 --bench sim --journal $TMP/text --json | grep '"verdict"'
longpress history --journal $TMP/text
cat $TMP/text
