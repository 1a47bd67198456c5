# The simulated air is as strict as the real one: what a whole search does not show is gone, what is
# weaker than the bench's floor is not seen. An empty `after_taps` is no taps.
cd $TMP
mkdir profiles
cat >profiles/v.yaml <<END
model: V 1
family: over-ear
bluetooth: { name: V 1 }
sources: { told: "told" }
controls: { power: { kind: button, max_hold: 14 s } }
procedures:
  off:
    kind: other
    source: told
    requires: { placed: yes }
    steps: [ { hold: power, for: 4 s } ]
    expect: { bluetooth: [ { gone: { after: release, within: 60 s } } ] }
  pairing:
    kind: pairing
    source: told
    requires: { placed: yes }
    steps: [ { hold: power, for: 4 s } ]
    expect: { bluetooth: [ { discoverable: { after: release, within: 20 s } } ] }
  reset:
    kind: factory
    source: told
    requires: { placed: yes }
    steps: [ { tap: power, times: 1, on: 100 ms, off: 200 ms }, { hold: power, for: 4 s } ]
    expect: { bluetooth: [ { gone: { after: release, within: 60 s } } ] }
END
bench() { # FLOOR
    cat >bench.yaml <<END
bench: case
simulated: yes
firmware: unit.yaml
stations:
  A:
    chip: sim
    actuators: { power: { line: 0, kind: relay, max_on: 30 s } }
    bluetooth: { adapter: "02:00:00:00:00:01", rssi_floor: $1 }
END
}
unit() { # EVENTS
    cat >unit.yaml <<END
firmware: a unit
model: V 1
version: "1"
radio: { name: V 1, rssi: -60 }
buttons: [power]
actions: { hold: { events: [ $1 ] }, tapped: { events: [ { do: power_off } ] } }
triggers:
  hold: { hold: [power], threshold: 3 s, after_taps: [], does: hold }
  tapped: { hold: [power], threshold: 3 s, after_taps: [ { button: power, times: 1 } ], does: tapped }
answers: { placed: yes }
END
}
judged() {
    longpress --profiles profiles run 'V 1' $1 --bench bench.yaml --journal none --json 2>/dev/null |
        jq -r '"\(.verdict): \(.expectations[0].reason)"'
}
bench -75
unit '{ do: disconnect }, { do: power_off, at: 1 s }'
judged off
unit '{ do: disconnect }, { do: discoverable, at: 1 s }'
judged off
echo '# weaker than the floor'
unit '{ do: disconnect }, { do: discoverable, at: 1 s }'
judged pairing
bench -50
judged pairing
echo '# after a tap'
bench -75
unit '{ do: disconnect }, { do: discoverable, at: 1 s }'
judged reset
