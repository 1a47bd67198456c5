# Runs of the journal as documents. What is in them is tests/unit/report/test_reports.c's.
longpress report --format html
for unit in 5012345 '=1+1' '<b>'; do
    longpress run WH-1000XM5 --bench sim --unit "$unit" --unit-firmware 2.3.1 --operator ada >/dev/null
done
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-dead-led.yaml --unit 7 >/dev/null
dates='s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}/WHEN/g; s/hostname="[^"]*"/hostname="H"/'
longpress report --format csv | cut -d, -f1-8,10-11,13,15,19 | sed -E "$dates" | tr '\r' '$'
longpress report --format junit --verdict fail | sed -E "$dates"
longpress report --format json --unit 5012345 | sed -E "$dates; s/\"made\":\"[^\"]*\"/\"made\":\"M\"/; s/\"began\":\"[^\"]*\"/\"began\":\"WHEN\"/"
for name in report.html report.csv report.xml report.json; do
    longpress report -o $TMP/$name --model WH-1000XM5 --since 1d && ls $TMP/$name
done
grep -o 'Runs: [^.]*' $TMP/report.html
grep -c '<article ' $TMP/report.html
grep -c '<b>' $TMP/report.html
# Nothing of nothing; and a file is whole or what it was.
longpress report --model WH-1000XM3 -o $TMP/report.html
echo "[status $?]"
longpress report -o $TMP/nowhere/report.html
echo "[status $?]"
longpress report --format csv -o /dev/full
echo "[status $?]"
ls $TMP
longpress report
longpress report --format pdf
longpress report -o $TMP/report.pdf
longpress report --verdict running -o $TMP/report.html
longpress report --format csv 12
longpress help report
# The same names in every report, or those of units; and serial numbers that Excel keeps.
longpress run WH-1000XM5 --bench sim --unit 0012345 >/dev/null
longpress report --format junit --unit 0012345 | grep -E '<testcase|"(unit|run)"' | sed -n 1,4p
longpress report --format junit --unit 0012345 --names unit | grep '<testcase' | sed -n 1,2p
longpress report --format csv --unit 0012345 --excel | cut -d, -f1,6,13 | tr '\r' '$'
longpress history --csv --unit 0012345 --excel | cut -d, -f1,12
longpress report --format html --excel
longpress report --format csv --names unit
longpress report --format junit --names serial
longpress history --excel
# Which runs of the page are drawn.
for draw in all fails none; do
    longpress report --draw $draw -o $TMP/drawn.html
    echo "$(grep -c 'Not drawn' $TMP/drawn.html) not drawn: $(grep -o '[0-9]* of [0-9]* runs* [a-z]* drawn[^<]*' $TMP/drawn.html)"
done
longpress report --draw some -o $TMP/drawn.html
longpress report --draw all --format csv
