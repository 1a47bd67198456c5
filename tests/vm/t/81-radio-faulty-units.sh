# timeout: 600
# Units whose radio does not do what the LED says, over the virtual radio: each fails, and the sentence
# says what it was.
. /src/longpress/tests/vm/rig.sh

bt_start
rig_adapter=$(bt_rig_address)
rig_make

# faulty FIRMWARE SENTENCE [PROCEDURE]
faulty() {
    local firmware=$1 sentence=$2
    unit_start "$firmware" --adapter "$(bt_unit_address)" --poll 20
    rig_run 1 WH-1000XM5 --answer placed=yes --answer battery=80 --answer power=on
    unit_stop
    json_is .verdict fail
    assert_eq pass "$(expectation led)" "$firmware: LED"
    assert_contains "$(jq -r '[.reason] + [.expectations[] | select(.result == "fail") | .reason] | join("; ")' \
        "$json")" "$sentence"
    note "$firmware: $(jq -r .reason "$json")"
}

faulty wh-1000xm5-bond-kept \
    "the LED says reset, the radio disproves it: the unit still accepts the old key: its bonds were not cleared"
faulty wh-1000xm5-never-discoverable "it was not seen"
faulty wh-1000xm5-wrong-name "expected to be seen as \`WH-1000XM5\`"
faulty wh-1000xm5-late-disconnect "too late"
