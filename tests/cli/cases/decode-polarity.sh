# Raw levels of lines that are active low, and logical ones of our own captures.
cat >$TMP/low.vcd <<'END'
$timescale 1 ms $end
$var wire 1 ! led $end
$enddefinitions $end
#0 1! #600 0! #800 1! #1200 0! #1400 1! #3000
END
{ echo '$version longpress $end'; cat $TMP/low.vcd; } >$TMP/old.vcd
{ echo '$comment levels are logical: 1 is lit, pressed, active $end'; cat $TMP/low.vcd; } >$TMP/ours.vcd
cat >$TMP/low.yaml <<'END'
bench: b
stations:
  A:
    chip: gpiochip0
    actuators: { power: { line: 17, active: low, kind: relay, max_on: 10 s } }
    led: { mono: { line: 5, active: low } }
END
for options in '' "--bench $TMP/low.yaml" '--active low' "--bench $TMP/low.yaml --active high"; do
    for capture in low old ours; do
        echo "$capture $options: $(longpress decode $TMP/$capture.vcd $options | tail -n 1)"
    done
done
longpress decode --active up $TMP/low.vcd
