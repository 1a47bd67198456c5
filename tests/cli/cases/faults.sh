# Each faulty unit, and the verdict it must get.
for f in hardware/sim/firmware/wh-1000xm5-*.yaml; do
    printf '%s: ' "$(basename $f .yaml)"
    longpress run WH-1000XM5 --bench sim:$f | grep -E '^SIMULATED'
    echo "  status ${PIPESTATUS[0]}"
done
printf 'battery 12 %%, and the operator says 80: '
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-battery-12.yaml --answer battery=80 | grep -E '^SIMULATED'
