# A run that was killed is `interrupted` to whoever reads, before anything is written again, in the
# journal and in a copy of it; one that goes on is `running`. Neither is a pass.
dates='s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}/WHEN/g; s/hostname="[^"]*"/hostname="H"/; s/"made":"[^"]*"/"made":"M"/'
longpress run WH-1000XM5 --bench sim --operator ada >/dev/null
# It takes 50 s, so that it goes on for as long as is looked at it.
cp hardware/sim/firmware/wh-1000xm5.yaml $TMP
sed 's/^firmware: .*/firmware: slow/' hardware/sim/firmware/wh-1000xm5-never-discoverable.yaml >$TMP/slow.yaml
longpress run WH-1000XM5 --bench sim:$TMP/slow.yaml \
    --operator ada --pace real >/dev/null &
until_true runs

echo '--- it goes on'
longpress history --verdict running | sed -E "$dates"
longpress history --verdict interrupted
longpress show 2 | tail -1
longpress judge 2
longpress report --format csv | cut -d, -f1,12,13 | tr -d '\r' | tail -1
longpress report --format junit --verdict running | sed -E "$dates" | grep -A1 '<testsuite \|<testcase'
longpress report --format json --verdict running | grep -o '"verdict":"[^"]*","reason":"[^"]*"'
longpress report --format html | grep -o 'verdict none big">[^<]*\|<p>[^<]*the run [^<]*'
longpress backup $TMP/copy.db | sed -E 's/[0-9]+ kB/N kB/'
longpress history --journal $TMP/copy.db | sed -E "$dates"

{ kill -9 $! && wait $!; } 2>/dev/null
echo '--- it was killed'
for journal in $XDG_STATE_HOME/longpress/journal.db $TMP/copy.db; do
    longpress history --journal $journal | sed -E "$dates"
    longpress history --verdict running --journal $journal
    longpress history --verdict interrupted --json --journal $journal | grep -o '"state":"[^"]*"\|"verdict":[^,]*,"reason":"[^"]*"'
    longpress show 2 --journal $journal | tail -1
    longpress judge 2 --journal $journal
done
longpress report --format csv | cut -d, -f1,12,13 | tr -d '\r' | tail -1
longpress report --format junit --operator ada | sed -E "$dates" | grep '<testsuite \|<error'
longpress report --format json --verdict interrupted | grep -o '"verdict":"[^"]*","reason":"[^"]*"'
longpress report --format html | grep -o 'verdict none big">[^<]*\|<p>[^<]*the run [^<]*'
longpress prune --verdict interrupted --dry-run | sed -E "$dates"
longpress prune --verdict interrupted --yes | sed -E "$dates; s/[0-9]+ kB/N kB/g"
longpress history | sed -E "$dates"
