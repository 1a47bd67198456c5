# timeout: 420
# The radio fails in the middle of a press: the press ends when it should all the same, and what was
# not heard is inconclusive, with the true reason.
. /src/longpress/tests/vm/rig.sh

bt_start
rig_adapter=$(bt_rig_address)
rig_make

# The press was let go because the LED had shown it, a little after it had: nothing held it up.
assert_let_go() {
    json_is '.presses[0].ended_by' led
    assert_between 5.5 "$(jq '.presses[0].held_ms / 1000' "$json")" 7 "$1: seconds held"
    rig_released || fail "$1: an actuator is still on"
}

# trouble WHAT STATUS REASON COMMAND... : COMMAND is run 2 s into the press.
trouble() {
    local what=$1 status=$2 reason=$3
    shift 3
    unit_start wh-1000xm5 --adapter "$(bt_unit_address)" --poll 20
    (
        wait_until 60 line_is power 0
        sleep 2
        "$@"
    ) &
    local hand=$!
    rig_run "$status" WH-1000XM5 --answer placed=yes --answer battery=80 --answer power=on
    wait $hand
    unit_stop
    assert_let_go "$what"
    assert_contains "$(jq -r '.expectations[] | select(.what == "bond_rejected") | .reason' "$json")" "$reason"
    note "$what: $(jq -r .verdict "$json"): $(jq -r .reason "$json")"
}

stall() {
    pkill -STOP -x "$1"
    sleep 5
    pkill -CONT -x "$1"
}

trouble "bluetoothd hangs for 5 s" 0 "the old key was refused" stall bluetoothd
trouble "the bus hangs for 5 s" 0 "the old key was refused" stall dbus-daemon
trouble "the adapter is switched off" 3 "was switched off" \
    busctl --system set-property org.bluez "$(bt_rig)" org.bluez.Adapter1 Powered b false
bt_set "$(bt_rig)" org.bluez.Adapter1 Powered b true
trouble "bluetoothd is killed" 3 "bluetoothd stopped" pkill -KILL -x bluetoothd
bt_daemon_start
trouble "the adapter is unplugged" 3 "adapter $rig_adapter w" pkill -KILL -x btvirt

# No bluetoothd at all: it is said, and the LED is judged all the same.
bt_stop
unit_start wh-1000xm5
rig_run 3 WH-1000XM5 --answer placed=yes --answer battery=80 --answer power=on
unit_stop
assert_let_go "no bluetoothd"
assert_eq pass "$(expectation led)"
assert_contains "$(jq -r .reason "$json")" "system bus"
note "no bluetoothd: $(jq -r .reason "$json")"
