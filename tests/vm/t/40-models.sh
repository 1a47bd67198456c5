# timeout: 300
# Resets in real time on a bench without a radio, through libgpiod on real lines, against the simulated
# unit played on them: the Bluetooth expectations are inconclusive, and so is the run; what the LED and
# the sound say is not. Every model, with its radio, is in 80-radio-models.
. /src/longpress/tests/vm/rig.sh

rig_make

# model MODEL FIRMWARE LED-RESULT LED-SEEN ARG...
model() {
    local name=$1 firmware=$2 led=$3 seen=$4
    shift 4
    unit_start "$firmware"
    rig_run 3 "$name" --answer placed=yes --answer battery=80 "$@"
    unit_stop
    json_is .verdict inconclusive
    json_is .simulated false
    assert_eq "$led" "$(expectation led)" "$name: LED"
    assert_eq "$seen" "$(jq -r .led.seen "$json")" "$name: LED seen"
    jq -e '[.expectations[] | select(.result == "fail")] | length == 0' "$json" >/dev/null ||
        fail "$name: something failed: $(jq -c .expectations "$json")"
    rig_released || fail "$name: an actuator is still on"
    assert_eq inconclusive "$(expectation disconnects)" "$name: without a radio"
    assert_contains "$(jq -r '.expectations[] | select(.what == "disconnects") | .reason' "$json")" adapter
    case $name in
    WH-CH720N) assert_eq pass "$(expectation sound)" "$name: sound" ;;
    LinkBuds) assert_eq 9 "$(jq '.presses | length' "$json")" "$name: presses" ;;
    esac
    note "$name: LED $led ($seen), $(jq -r '.presses | map(.ended_by) | join(" ")' "$json"): $(jq -r .reason "$json")"
}

over_ear=(--answer power=on)
buds=(--answer in_case=yes)
model WH-1000XM5 wh-1000xm5 pass "blue x2, white x1" "${over_ear[@]}"
model WH-CH720N wh-ch720n pass "off" "${over_ear[@]}"
model LinkBuds linkbuds recorded "white x2" "${buds[@]}"
