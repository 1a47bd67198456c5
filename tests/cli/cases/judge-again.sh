longpress run WH-1000XM5 --bench sim --json >$TMP/run.json
longpress judge $TMP/run.json
