longpress help release
longpress release --bench sim
longpress release --bench sim nowhere
cat >"$TMP/bench.yaml" <<'END'
bench: here
stations:
  A:
    actuators:
      power: { chip: no-such-chip, line: 17, kind: relay, max_on: 10 s }
END
longpress release --bench "$TMP/bench.yaml" 2>&1 | sed 's/found; .*/found; TODO/'
longpress release --bench "$TMP/bench.yaml" >/dev/null 2>&1
