# A script can tell that there is no run as asked for: 1, as grep has it; 2 is trouble.
told() { local status=0; longpress history "$@" >"$TMP/out" 2>"$TMP/err" || status=$?; echo "history $*: $status"; }
told                       # no journal yet
longpress run WH-1000XM5 --bench sim >/dev/null
told
told --verdict pass
told --verdict fail
cat "$TMP/out"
told --verdict fail --json
cat "$TMP/out"
told --verdict fail --csv
told --unit 5012345
told --until 2001-01-01
told --real
told --limit 1
told --verdict passed
