# A headphone that nobody has written about: controls, a press to try, and nothing claimed.
cat >$TMP/hp-1.yaml <<'END'
model: HP-1
family: over-ear
sources: { shop: "What we tried in the shop" }
controls:
  power: { kind: button, max_hold: 12 s }
  nc_ambient: { kind: button, max_hold: 12 s }
procedures:
  factory-reset:
    kind: factory
    source: shop
    requires: { placed: yes }
    steps: [ { hold: [power, nc_ambient], for: 7 s } ]
    expect: { led: unknown, sound: unknown, bluetooth: [ pairs: unknown ] }
END
unit=sim:hardware/sim/firmware/wh-1000xm5.yaml
longpress check $TMP/hp-1.yaml
mkdir $TMP/learned
longpress learn HP-1 factory-reset --from $TMP/hp-1.yaml --bench $unit -n 3 --source golden \
    --journal none -o $TMP/learned/hp-1.yaml 2>/dev/null | tail -4
grep -E '^ +(- )?(bluetooth|led|sound|pairs|disconnects|discoverable|bond_rejected):' $TMP/learned/hp-1.yaml
grep ^bluetooth $TMP/learned/hp-1.yaml
longpress --profiles $TMP/learned run HP-1 --bench $unit | tail -1
# The wrong model for the file, and a new model without one.
longpress learn HP-2 factory-reset --from $TMP/hp-1.yaml --bench $unit -o $TMP/x.yaml
longpress learn HP-9 factory-reset --bench $unit -o $TMP/x.yaml
