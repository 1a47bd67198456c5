# timeout: 900
# Every model's reset in real time, lines and radio together: the rig pairs and connects with the unit,
# presses, sees the link drop, the unit again, and its old key refused; over two virtual controllers
# and a real bluetoothd.
. /src/longpress/tests/vm/rig.sh

bt_start
rig_adapter=$(bt_rig_address)
rig_make

# model MODEL FIRMWARE ARG...
model() {
    local name=$1 firmware=$2 what
    shift 2
    unit_start "$firmware" --adapter "$(bt_unit_address)" --poll 20
    rig_run 0 "$name" --answer placed=yes --answer battery=80 "$@"
    unit_stop
    json_is .verdict pass
    json_is .simulated false
    for what in disconnects bond_rejected discoverable; do
        assert_eq pass "$(expectation $what)" "$name: $what"
    done
    # What each rests on: when, of which object.
    jq -e '[.expectations[] | select(.what | IN("disconnects", "bond_rejected", "discoverable"))
        | select(.at_ns > 0 and (.object | startswith("/org/bluez/hci0/dev_")))] | length == 3' "$json" \
        >/dev/null || fail "$name: evidence without its place: $(jq -c .expectations "$json")"
    jq -e '.expectations[] | select(.what == "bond_rejected") | .error == "org.bluez.Error.Failed"' "$json" \
        >/dev/null || fail "$name: bond_rejected without BlueZ's error: $(jq -c .expectations "$json")"
    rig_released || fail "$name: an actuator is still on"
    # As it was found: no discovery goes on, and the bond is gone, as the bench file says.
    bt_is "$(bt_rig)" org.bluez.Adapter1 Discovering false || fail "$name: a discovery goes on"
    ! bt_find "$name" >/dev/null || fail "$name: its bond is still there"
    note "$name: $(jq -r '[.expectations[] | select(.result == "pass") | .observed] | join("; ")' "$json")"
}

over_ear=(--answer power=on)
buds=(--answer in_case=yes)
model WH-1000XM5 wh-1000xm5 "${over_ear[@]}"
model WH-1000XM4 wh-1000xm4 "${over_ear[@]}"
model WH-1000XM3 wh-1000xm3 "${over_ear[@]}"
model WH-CH720N wh-ch720n "${over_ear[@]}"
model WF-1000XM5 wf-1000xm5 "${buds[@]}"
model WF-1000XM4 wf-1000xm4 "${buds[@]}"
model "LinkBuds S" linkbuds-s "${buds[@]}"
model LinkBuds linkbuds "${buds[@]}"
