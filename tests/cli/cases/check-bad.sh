cat >$TMP/bad.yaml <<'Y'
model: X-1
family: over-ear
sources: { s: "somebody" }
controls:
  power: { kind: button, max_hold: 16 }
procedures:
  network-reset:
    kind: netwrok
    source: { id: s }
    steps:
      - hold: [power, nc]
        for: 7 s
        for: 8 s
    expect:
      led: { pattern: "bleu x2", within: 0 s }
Y
longpress check $TMP/bad.yaml
