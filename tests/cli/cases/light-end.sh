# A solid light has to end where the profile says so, and to stay where it says that; a long light
# that ends is a pulse where pulses are counted.
cd $TMP
mkdir profiles
unit() { # LED [LOOP]
    cat >unit.yaml <<END
firmware: a unit
model: X 1
version: "1"
buttons: [power]
actions: { reset: { led: [ $1 ], led_loop: [ ${2-} ] } }
triggers: { reset: { hold: [power], threshold: 3 s, does: reset } }
answers: { placed: yes }
END
}
judged() { # PATTERN [MORE]
    cat >profiles/x.yaml <<END
model: X 1
family: over-ear
bluetooth: { name: X 1 }
sources: { told: "told" }
controls: { power: { kind: button, max_hold: 14 s } }
procedures:
  reset:
    kind: factory
    source: told
    requires: { placed: yes }
    steps: [ { hold: power, for: 4 s } ]
    expect: { led: { pattern: "$1", after: press+2 s, within: 14 s${2-} } }
END
    longpress --profiles profiles run 'X 1' --bench bench.yaml --journal none --json 2>/dev/null |
        jq -r '.verdict, .expectations[0].reason'
}
cat >bench.yaml <<END
bench: case
simulated: yes
firmware: unit.yaml
stations:
  A:
    chip: sim
    actuators: { power: { line: 0, kind: relay, max_on: 30 s } }
    led: { r: { line: 10 }, g: { line: 11 }, b: { line: 12 } }
END
echo '# ends'
unit '{ light: amber, for: 500 ms, gap: 500 ms, times: 5 }, { light: dark, for: 700 ms }, { light: amber, for: 3 s }'
judged 'amber x5, amber solid then off'
judged 'amber x5, amber stays on'
judged 'amber x5, amber solid' ', dark: 2 s'
echo '# never ends'
unit '{ light: amber, for: 500 ms, gap: 500 ms, times: 5 }, { light: dark, for: 700 ms }' '{ light: amber, for: 60 s }'
judged 'amber x5, amber solid then off'
judged 'amber x5, amber stays on'
judged 'amber x5, amber solid' ', dark: 2 s'
judged 'amber x5, amber solid'
echo '# long pulses'
unit '{ light: white, for: 1900 ms, gap: 300 ms, times: 5 }'
judged 'white x5'
judged 'white x4'
judged 'lit x5'
echo '# any light'
unit '{ light: red, for: 300 ms, gap: 300 ms, times: 2 }, { light: red, for: 300 ms }, { light: green, for: 300 ms }'
judged 'lit x3'
judged 'lit x4'
echo '# refused'
judged 'amber solid then off' ', extra: after'
longpress --profiles profiles check profiles/x.yaml
judged 'amber stays on' ', dark: 2 s'
longpress --profiles profiles check profiles/x.yaml
