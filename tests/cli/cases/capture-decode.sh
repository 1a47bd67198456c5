# What was captured decodes to what was seen.
longpress run WH-1000XM5 --bench sim --json --capture $TMP/run.vcd >/dev/null
longpress decode $TMP/run.vcd | tail -n 1
head -n 12 $TMP/run.vcd | grep -v '\$date'
