# Runs that never showed an event, and runs that could not be observed: neither is alike.
bad=sim:hardware/sim/firmware/wh-1000xm5
for unit in 1 2 3 4 5 6; do
    longpress run WH-1000XM5 --bench sim --unit-firmware C1 --unit $unit >/dev/null
    longpress run WH-1000XM5 --bench sim --unit-firmware C2 --unit $unit >/dev/null
    longpress run WH-1000XM5 --bench sim --unit-firmware C3 --unit $unit >/dev/null
done
for unit in 1 2 3 4 5 6 7; do
    longpress run WH-1000XM5 --bench $bad-never-discoverable.yaml --unit-firmware C2 --unit $unit >/dev/null
    longpress run WH-1000XM5 --bench $bad-lost-edges.yaml --unit-firmware C3 --unit $unit >/dev/null
done
compare() { longpress compare WH-1000XM5 network-reset --firmware C1 "$@"; echo "[status $?]"; }
compare --firmware C2 --firmware C3 --limit 900ms
compare --firmware C2 --limit 900ms --fail-on slower | tail -1
compare --firmware C3 --limit 900ms --fail-on slower | tail -1
compare --firmware C3 --limit 900ms --fail-on different | tail -1
compare --firmware C2 --firmware C3 --json | grep -E '"C[123]","runs"|"measure":"discoverable"' | grep -v '"C2","runs"'
longpress compare WH-1000XM5 --firmware C1 --firmware C3 -o $TMP/page.html >/dev/null
grep -o 'without a value: [^)]*' $TMP/page.html
