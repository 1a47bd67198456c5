# timeout: 240
# Units that are not as they should be, in real time on real lines: the verdict is fail, and says why.
. /src/longpress/tests/vm/rig.sh

rig_make

# faulty FIRMWARE SENTENCE
faulty() {
    unit_start "$1"
    rig_run 1 WH-1000XM5 --answer placed=yes --answer battery=80 --answer power=on
    unit_stop
    json_is .verdict fail
    assert_eq fail "$(expectation led)" "$1"
    assert_contains "$(jq -r '.expectations[] | select(.what == "led") | .reason' "$json")" "$2"
    rig_released || fail "$1: an actuator is still on"
    note "$1: $(jq -r .reason "$json")"
}

faulty wh-1000xm5-one-blink-short "second blue pulse missing"
faulty wh-1000xm5-wrong-colour "first blue pulse is green"
faulty wh-1000xm5-threshold-7.6s "saw nothing"
faulty wh-1000xm5-battery-12 "blue x1"
