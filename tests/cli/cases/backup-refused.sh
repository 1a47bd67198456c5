# A copy replaces nothing but a copy: not the journal itself, under whatever name, not another that
# runs are kept in, no other file. And nothing that is beside it is taken for a part of it.
long=sim:hardware/sim/firmware/wh-1000xm5-never-discoverable.yaml
journal=$XDG_STATE_HOME/longpress/journal.db
longpress run WH-1000XM5 --bench sim >/dev/null
ln -s $journal $TMP/link.db
ln $journal $TMP/hard.db
for name in $journal ${journal%/*}/../longpress/journal.db $TMP/link.db $TMP/hard.db $journal-wal; do
    longpress backup $name --replace
done
longpress backup $journal-wal

# A copy that became a journal, with what a killed run left of it.
longpress backup $TMP/copy.db >/dev/null
longpress run WH-1000XM5 --bench "$long" --journal $TMP/copy.db --pace real >/dev/null &
until_true runs --journal $TMP/copy.db
longpress backup $TMP/copy.db --replace
{ kill -9 $! && wait $!; } 2>/dev/null
longpress backup $TMP/copy.db --replace
rm $TMP/copy.db
longpress backup $TMP/copy.db

echo 'a letter' >$TMP/letter
longpress backup $TMP/letter --replace
longpress backup $TMP --replace
longpress backup $TMP/no/where.db
cat $TMP/letter
ls $TMP

# A link keeps its place, an empty file holds nothing that would be lost.
longpress backup $TMP/other.db >/dev/null
ln -s other.db $TMP/latest.db
longpress run WH-1000XM5 --bench sim >/dev/null
longpress backup $TMP/latest.db --replace | sed -E 's/[0-9]+ kB/N kB/'
longpress history --journal $TMP/other.db | wc -l
: >$TMP/empty
longpress backup $TMP/empty --replace | sed -E 's/[0-9]+ kB/N kB/'
