# A journal that cannot be written loses no run: damaged, of a size that it may not grow beyond, held
# by another, in a folder that is full. The next opening takes in what waits, once.
run() { longpress run WH-1000XM5 --bench sim --journal $j "$@" >$TMP/out 2>$TMP/err; echo "run $*: $?, waiting: $(waiting)"; }
waiting() { ls $j.spool 2>/dev/null | wc -l; }
runs() { longpress history --journal $j --csv 2>/dev/null | tail -n +2 | cut -d, -f3,4,9,11 2>/dev/null; }
count() { longpress history --journal $j --csv 2>$TMP/err | tail -n +2 | wc -l; }
j=$TMP/j.db
run --unit 1
cp $j $TMP/good.db

echo 'damaged'
dd if=/dev/zero of=$j bs=1 seek=100 count=20000 conv=notrunc 2>/dev/null
run --unit 2
run --unit 3
longpress history --journal $j >/dev/null 2>$TMP/err; echo "history: $?"
grep -c 'waits\? to be imported' $TMP/err
printf '4\n5\n' | longpress batch WH-1000XM5 --bench sim --serials - --journal $j --pace fast >$TMP/out 2>&1
echo "batch: $?, waiting: $(waiting)"
longpress characterize WH-1000XM5 network-reset --bench sim --precision 200ms --journal $j >$TMP/out 2>&1
echo "characterize: $?"
waited=$(waiting)
cp $TMP/good.db $j
echo "taken in: $(($(count) - 1 == waited)), waiting: $(waiting)"
echo "again: $(($(count) - 1 == waited))"
longpress history --journal $j --unit 3 --csv 2>/dev/null | wc -l
printf '4\n5\n' | longpress batch WH-1000XM5 --bench sim --serials - --journal $j --pace fast 2>&1 | cut -d, -f1

echo 'may not grow'
rm -rf $j* && cp $TMP/good.db $j
(ulimit -f 70; longpress run WH-1000XM5 --bench sim --journal $j >/dev/null 2>$TMP/err; echo "run: $?")
echo "runs: $(count), waiting: $(waiting)"
(ulimit -f 4; longpress run WH-1000XM5 --bench sim --journal $j >/dev/null 2>$TMP/err; echo "run: $?")
