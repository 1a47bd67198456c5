# A unit that does not come back after a reset; and one that the profile's pairing procedure brings back.
longpress characterize WH-1000XM5 network-reset --journal none \
    --bench sim:hardware/sim/firmware/wh-1000xm5-never-discoverable.yaml
echo "status $?"
cp hardware/sim/firmware/wh-1000xm4.yaml "$TMP"
cat >"$TMP/goes-off.yaml" <<'END'
firmware: WH-1000XM4, off after each reset
base: wh-1000xm4.yaml
actions:
  network-reset:
    led_loop: []
    events:
      - { do: clear_bonds }
      - { do: disconnect, at: 400 ms }
      - { do: power_off, at: 3 s }
  pairing:
    led_loop:
      - { light: blue, for: 100 ms, gap: 100 ms, times: 2 }
      - { light: dark, for: 800 ms }
    events:
      - { do: power_on }
      - { do: discoverable, at: 1 s }
triggers:
  pairing:
    hold: [power]
    threshold: 6700 ms
    needs: { power: off }
    does: pairing
END
longpress characterize WH-1000XM4 network-reset --precision 300ms --bench "sim:$TMP/goes-off.yaml" \
    --journal "$TMP/j.db"
