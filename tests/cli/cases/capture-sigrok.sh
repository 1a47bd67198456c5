# sigrok reads a run's capture, and finds in it as many samples as a run has microseconds.
command -v sigrok-cli >/dev/null || { echo 'sigrok-cli is not installed'; exit 77; }
longpress run WH-1000XM5 --bench sim --journal none --capture $TMP/run.vcd >/dev/null 2>&1
sigrok-cli -I vcd -i $TMP/run.vcd --show | grep -E 'Samplerate|count|led_b'
# What it writes of them is decoded to the same.
longpress decode $TMP/run.vcd | tail -n 1
sigrok-cli -I vcd -i $TMP/run.vcd -O vcd >$TMP/again.vcd
longpress decode $TMP/again.vcd | tail -n 1
cmp <(longpress decode $TMP/run.vcd) <(longpress decode $TMP/again.vcd) && echo the same
longpress run WH-1000XM5 --bench sim --journal none --capture $TMP/ns.vcd --capture-unit 1ns >/dev/null 2>&1
grep timescale $TMP/ns.vcd
longpress run WH-1000XM5 --bench sim --journal none --capture $TMP/ns.vcd --capture-unit 5ns
