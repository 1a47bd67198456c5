# Every procedure of every model runs on the simulated bench, hazards accepted where it takes that.
longpress models | awk '/^[A-Z]/ { model = $0; sub(/  [a-z-]*$/, "", model) }
    /^  [a-z@-]+[a-z0-9@-]*  \(/ { print model "\t" $1 }' |
while IFS='	' read -r model procedure; do
    accept=
    [ "$model $procedure" != "WF-1000XM5 factory-reset" ] || accept='--accept-hazard dfu'
    printf '%s %s: ' "$model" "$procedure"
    longpress run "$model" "$procedure" --bench sim $accept 2>&1 | grep -E '^SIMULATED|error'
done
