# A profile from a golden unit: check takes it, the unit passes by it, each faulty one does not.
mkdir $TMP/learned
longpress learn wh1000xm5 network-reset --bench sim --unit 007 --source golden --series s1 \
    --note 'from the shelf: "A"' -o $TMP/learned/wh-1000xm5.yaml
sed -e 's/on 20[0-9-]*/on DAY/' -e 's/learn, 20[0-9-]*/learn, DAY/' $TMP/learned/wh-1000xm5.yaml |
    sed -n '/^# WH/,/^  factory-reset/p'
longpress check $TMP/learned/wh-1000xm5.yaml
for f in hardware/sim/firmware/wh-1000xm5.yaml hardware/sim/firmware/wh-1000xm5-*.yaml; do
    longpress --profiles $TMP/learned run WH-1000XM5 --bench sim:$f --json >$TMP/run.json
    status=$?
    echo "$(basename $f .yaml): $status $(grep -E '^  "reason"' $TMP/run.json)"
done
# What it does not name is as it was.
longpress --profiles $TMP/learned run WH-1000XM5 factory-reset --bench sim | tail -1
longpress history --batch s1 --csv | cut -d, -f5,8,9,12 | sort | uniq -c
