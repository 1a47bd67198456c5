# Old runs go, what failed stays; a copy is a journal.
for firmware in wh-1000xm5 wh-1000xm5-dead-led wh-1000xm5; do
    longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/$firmware.yaml >/dev/null
done
dates='s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5,8}/WHEN/g; s/[0-9]+ kB/N kB/g'
longpress backup $TMP/copy.db | sed -E "$dates"
longpress backup $TMP/copy.db
longpress backup $TMP/copy.db --replace | sed -E "$dates"
longpress prune
longpress prune --limit 3
longpress prune --before 2026-13-01
longpress prune --before 2020-01-01 --yes
longpress prune --simulated
longpress prune --simulated --keep-fails --dry-run | sed -E "$dates"
longpress history | wc -l
longpress prune --simulated --keep-fails --yes | sed -E "$dates"
longpress history | sed -E "$dates"
longpress history --journal $TMP/copy.db | sed -E "$dates"
# A number is never given twice.
longpress prune --simulated --yes >/dev/null
longpress run WH-1000XM5 --bench sim >/dev/null
longpress history | sed -E "$dates"
