# A profile that asks for another press than the run made: what the unit did proves nothing of it,
# from the journal and from a file. What is expected alone may differ, and the press as it is written.
longpress run WH-1000XM5 --bench sim --json >$TMP/run.json
judge() { longpress judge "$@" | sed -n '/^SIMULATED/,$p'; echo "[status ${PIPESTATUS[0]}]"; echo; }
sed -e 's/hold: \[power, nc_ambient\]/hold: [power]/' -e 's/for: 7 s/for: 2 s/' -e '/release_on/d' \
    profiles/wh-1000xm5.yaml >$TMP/never.yaml
judge 1 --profile $TMP/never.yaml
judge $TMP/run.json --profile $TMP/never.yaml
longpress judge 1 --profile $TMP/never.yaml --json | grep -o '"as_asked".*"made"\|"asked":.*'
sed 's/release_on: .*/release_on: "blue x1"/' profiles/wh-1000xm5.yaml >$TMP/sooner.yaml
judge 1 --profile $TMP/sooner.yaml
judge $TMP/run.json --profile $TMP/sooner.yaml
sed '/release_on/d' profiles/wh-1000xm5.yaml >$TMP/longer.yaml
judge 1 --profile $TMP/longer.yaml
judge $TMP/run.json --profile $TMP/longer.yaml
# The LED let go before 7 s and before 7.5 s.
sed 's/for: 7 s/for: 7.5 s/' profiles/wh-1000xm5.yaml >$TMP/later.yaml
judge 1 --profile $TMP/later.yaml
judge $TMP/run.json --profile $TMP/later.yaml
# A run that did not come to its end stays what it was.
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-battery-12.yaml >$TMP/printed
judge 2 --profile $TMP/never.yaml
