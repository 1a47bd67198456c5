printf 'bench: bad\nstations: 7\n' >"$TMP/bad.yaml"
longpress check -q profiles/*.yaml && echo "good: $?"
longpress check --quiet profiles/wh-1000xm5.yaml "$TMP/bad.yaml"
