# An analyser numbers its channels: which is which is said.
cat >$TMP/d0.vcd <<'END'
$timescale 1 ms $end
$var wire 1 ! D0 $end
$var wire 1 " D1 $end
$var wire 1 # D2 $end
$enddefinitions $end
#0 0! 0" 0# #600 1# #800 0# #1200 1# #1400 0# #2000 1! #2200 0! #3000
END
longpress decode $TMP/d0.vcd
longpress decode --led D0,D1,D2 $TMP/d0.vcd
longpress decode --led d2,-,d0 $TMP/d0.vcd | tail -n 1
longpress decode --led D2 $TMP/d0.vcd | tail -n 1
longpress decode --led D7 $TMP/d0.vcd
for names in D0,D1 D0,,D2 '' D0,D1,D2,D3; do longpress decode --led "$names" $TMP/d0.vcd; done
