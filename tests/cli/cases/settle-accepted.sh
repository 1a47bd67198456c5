# A hazard that erases: the longer claim waits for the operator's word, and then comes last.
mkdir "$TMP/profiles"
cat >"$TMP/profiles/hp-1.yaml" <<'END'
model: HP-1
family: over-ear
bluetooth: { name: WH-1000XM5 }
sources: { leaflet: "A leaflet", forum: "A forum" }
controls:
  power: { kind: button, max_hold: 16 s }
  nc_ambient: { kind: button, max_hold: 16 s }
hazards:
  - id: erases
    when: { hold: [power, nc_ambient], longer_than: 8 s }
    grade: erases
    risk: "everything is lost"
    source: leaflet
procedures:
  factory-reset:
    kind: factory
    source: leaflet
    intends: [erases]
    requires: { power: on }
    steps: [{ hold: [power, nc_ambient], for: 15 s }]
    expect:
      led: { pattern: "red x5", after: press+13 s, within: 10 s, extra: before }
      bluetooth: [bond_rejected]
  factory-reset@forum:
    kind: factory
    source: forum
    steps: [{ hold: [power, nc_ambient], for: 7 s }]
    expect:
      led: { pattern: "red x5", after: press+5 s, within: 6 s }
      bluetooth: [bond_rejected]
END
settle() {
    longpress --profiles "$TMP/profiles" settle HP-1 --journal none "$@" \
        --bench sim:hardware/sim/firmware/wh-1000xm5.yaml | sed '/^Run [0-9]/,/^SIMULATED/d'
    echo "status ${PIPESTATUS[0]}"
}
settle
settle --accept-hazard erases
