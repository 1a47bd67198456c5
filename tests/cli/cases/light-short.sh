# Lights shorter than the skew are lights; those shorter than a glitch are counted.
cp hardware/sim/firmware/wh-ch720n.yaml $TMP
cd $TMP
flashes() {
    cat >unit.yaml <<END
firmware: flashes for $1
base: wh-ch720n.yaml
actions: { factory-reset: { led: [ { light: red, for: $1, gap: 50 ms, times: 30 } ] } }
END
    longpress run WH-CH720N --bench sim:unit.yaml --journal none --json 2>/dev/null >run.json
    jq -r '"\(.verdict): \(.led.seen), \(.led.glitches) glitches"' run.json
    jq -r '.timeline[] | select(.code == "glitches" or .note == "glitches") | .text' run.json
}
flashes '12 ms'
flashes '1 ms'
