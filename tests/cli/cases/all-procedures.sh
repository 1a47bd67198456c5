# Every procedure of every model runs on the simulated bench; hazards are accepted by name where asked.
longpress models --json | grep -o '"run": *"[^"]*"' | cut -d'"' -f4 | while IFS= read -r line; do
    printf '%s: ' "$line"
    eval "longpress run $line --bench sim" 2>&1 | tail -n 3 | grep -E 'SIMULATED|error' | cut -c1-100
done
