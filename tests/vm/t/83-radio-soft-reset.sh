# timeout: 900
# processors: 1
# The soft reset of every model over the virtual radio: somebody switches the unit off and on, the link
# drops, the unit connects again by itself, and the old key still works.
. /src/longpress/tests/vm/rig.sh

bt_start
rig_adapter=$(bt_rig_address)
rig_make

# What a person does when the rig asks for it, which here happens as soon as the unit is connected.
power_cycle() {
    wait_until 60 unit_says 'radio connected'
    sleep 1.5
    kill -USR1 "$unit_pid"
}

soft_reset() {
    local name=$1 firmware=$2 what
    unit_start "$firmware" --adapter "$(bt_unit_address)" --poll 20
    power_cycle &
    local hand=$!
    rig_run 0 "$name" soft-reset --answer power_cycled=done
    wait $hand
    unit_stop
    json_is .verdict pass
    # The link that drops is the operator's doing, and proves nothing.
    for what in connects bond_kept; do
        assert_eq pass "$(expectation $what)" "$name: $what"
    done
    note "$name: $(jq -r '[.expectations[] | select(.result == "pass") | .observed] | join("; ")' "$json")"
}

soft_reset WH-1000XM5 wh-1000xm5
soft_reset WH-1000XM4 wh-1000xm4
soft_reset WH-1000XM3 wh-1000xm3
soft_reset WH-CH720N wh-ch720n
soft_reset WF-1000XM5 wf-1000xm5
soft_reset WF-1000XM4 wf-1000xm4
soft_reset "LinkBuds S" linkbuds-s
soft_reset LinkBuds linkbuds
