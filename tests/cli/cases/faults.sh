# Each faulty unit, and the verdict it must get.
for f in hardware/sim/firmware/wh-1000xm5-*.yaml; do
    printf '%s:\n' "$(basename $f .yaml)"
    longpress run WH-1000XM5 --bench sim:$f --json |
        grep -E '^  "(verdict|reason)"'
    echo "  status ${PIPESTATUS[0]}"
done
printf 'battery 12 %%, and the operator says 80:\n'
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-battery-12.yaml --answer battery=80 --json |
    grep -E '^  "(verdict|reason)"'
