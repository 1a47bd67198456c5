# Before anything moves.
try() { longpress batch "$@" </dev/null; echo "status $?"; }
try
try WH-1000XM5
try WH-1000XM5 --serials /nowhere --bench sim
printf 'B1\nB\377\nB1\n%070d\n' 1 >"$TMP/bad"
try WH-1000XM5 --serials "$TMP/bad" --bench sim
printf '# nobody\n\n' >"$TMP/none"
try WH-1000XM5 --serials "$TMP/none" --bench sim
printf 'B1\nB2\nB3\n' >"$TMP/three"
try WH-1000XM5 --serials "$TMP/three" --bench sim4 --stations A,Q
try WH-1000XM5 --serials "$TMP/three" --bench sim4 --stations A,B,A
try WH-1000XM5 --serials "$TMP/three" --bench sim4 --pace 0
try WF-1000XM5 factory-reset --serials "$TMP/three" --bench sim
try WF-1000XM5 --serials "$TMP/three" --bench sim --answer lid=ajar
try WF-1000XM5 --serials "$TMP/three" --bench sim --answer placed=no
# A real bench: who says that a unit is in its place?
cat >"$TMP/bench.yaml" <<END
bench: two
stations:
END
for station in A B; do
    cat >>"$TMP/bench.yaml" <<END
  $station:
    chip: gpiochip-nowhere-$station
    actuators:
      power: { line: 17, kind: relay, max_on: 20 s }
      nc_ambient: { line: 18, kind: relay, max_on: 20 s }
    led: { r: { line: 5 }, g: { line: 6 }, b: { line: 7 } }
END
done
two() { try WH-1000XM5 --bench "$TMP/bench.yaml" "$@"; }
two --serials "$TMP/three"
two --serials "$TMP/three" --answer placed=yes
printf 'B1\nB2\n' >"$TMP/two"
two --serials "$TMP/two" --answer placed=yes
two --serials "$TMP/two" --answer placed=yes --pace 2
# They are, all is answered, and the bench is not there.
two --serials "$TMP/two" --answer placed=yes --answer power=on --answer battery=80 2>&1 |
    sed 's/not found; .*/not found/'
