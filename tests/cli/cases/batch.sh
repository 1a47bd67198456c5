# One station: one unit after the other. A unit that fails is tried again as its profile says; what
# has passed is left out by the same command later.
printf '%s\n' '# box 1' B1 FAULT-ONE-BLINK '' '  B2 ' B1 >"$TMP/serials"
longpress batch WH-1000XM5 --serials "$TMP/serials" --bench sim4 --stations C >"$TMP/out"
echo "status $?"
# How often the unit has blinked in pairing mode by its second run is not to the blink.
sed 's/saw blue x[0-9]*, white x1 (first/saw blue xN, white x1 (first/' "$TMP/out"
longpress batch WH-1000XM5 --serials - --bench sim4 --stations A --no-retry <"$TMP/serials"
echo "status $?"
printf 'B2\nB1\n' | longpress batch WH-1000XM5 --serials - --bench sim4
