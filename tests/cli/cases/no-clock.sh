# A board that nobody has told the time: said when the run begins, kept with it, and no reason to take it out.
cc -shared -fPIC -o "$TMP/no-clock.so" tests/fakes/no_clock.c
undated() { LD_PRELOAD=$TMP/no-clock.so longpress "$@"; }
undated run WH-1000XM5 --bench sim --unit 1 >/dev/null
printf '2\n3\n' >"$TMP/serials.txt"
undated batch WH-1000XM5 --serials "$TMP/serials.txt" --bench sim --answer placed=yes | sed -n '$p'
longpress history --json | grep -c '"clock": *"not set"\|"clock":"not set"'
longpress prune --older-than 1d --yes
longpress history --since 1d --csv | sed 's|,.*,|,|'
