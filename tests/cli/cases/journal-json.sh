# What was kept is what was printed, to the nanosecond.
longpress run WH-1000XM5 --bench sim --unit 7 --json >$TMP/run.json
longpress show 1 --json | cmp - $TMP/run.json && echo same
longpress history --json | sed -E 's/"kernel":"[^"]*"/"kernel":"K"/; s/"began":"[^"]*"/"began":"WHEN"/; s/"libgpiod":"[^"]*"/"libgpiod":"L"/; s/(_sha256":")[0-9a-f]{64}/\1SHA/g'
