# timeout: 450
# The lab's radio: the unit is found, paired with and connected to over two virtual controllers and
# a real bluetoothd, and its network reset means there what it means on the air. Nothing of
# longpress' own radio takes part.
. /src/longpress/tests/vm/rig.sh

adapter=org.bluez.Adapter1
device=org.bluez.Device1
hands_free=0000111e-0000-1000-8000-00805f9b34fb
audio_gateway=0000111f-0000-1000-8000-00805f9b34fb

unit=  # its object path at the rig, once it was met

rig_make
bt_start
bt_record "$RESULTS/bus.json"
bt_hand rig
bt_tell rig "bredr $(bt_rig)"
bt_tell rig 'agent NoInputNoOutput'
bt_tell rig "profile $audio_gateway"
wait_until 10 bt_said rig 'RegisterProfile: ok'

bt_says() {
    bt_ask rig "$@"
    echo "$*: $output"
}

# discover NAME : the rig sees a unit of this name, at $unit.
discover() {
    bt_says "$(bt_rig)" $adapter StartDiscovery
    wait_until 30 bt_find "$1"
    unit=$(bt_find "$1")
    bt_says "$(bt_rig)" $adapter StopDiscovery
}

# The rig's part before a run: what it knows of the unit is forgotten, and it is met anew.
meet() {
    unit_start "$1" --adapter "$(bt_unit_address)"
    wait_until 10 bt_is "$(bt_unit)" $adapter Discoverable true
    if [ -n "$unit" ]; then
        bt_says "$(bt_rig)" $adapter RemoveDevice "$unit"
    fi
    discover WH-1000XM5
    bt_says "$unit" $device Pair
    assert_eq ok "$output" "$1: Pair"
    bt_says "$unit" $device ConnectProfile $hands_free
    assert_eq ok "$output" "$1: ConnectProfile"
    wait_until 10 unit_says 'radio connected'
    # A headphone that has its rig is no longer in pairing mode.
    wait_until 10 bt_is "$(bt_unit)" $adapter Discoverable false
    wait_until 10 bt_is "$(bt_unit)" $adapter Pairable false
}

# The network reset of the WH-1000XM5, by hand: the relays are active-low.
press() {
    gpioset -t 7s,0 power=0 nc_ambient=0
    unit_says 'action network-reset' || fail "no reset was begun: $(cat "$unit_log")"
    wait_until 10 bt_is "$unit" $device Connected false
}

# A healthy unit: gone, back in pairing mode, and the old key is no good.
meet wh-1000xm5
press
wait_until 10 bt_is "$(bt_unit)" $adapter Discoverable true
bt_says "$unit" $device ConnectProfile $hands_free
assert_contains "$output" org.bluez.Error.Failed
note "old key, unit in pairing mode: $output"
assert_eq true "$(bt_get "$unit" $device Paired)" "what BlueZ makes of it"
bt_says "$(bt_rig)" $adapter RemoveDevice "$unit"
discover WH-1000XM5
bt_says "$unit" $device Pair
assert_eq ok "$output" "Pair after the reset"
unit_stop

# Out of pairing mode, but answering pages: it refuses the old key as well.
meet wh-1000xm5-never-discoverable
press
bt_set "$(bt_unit)" $adapter Connectable b true
bt_says "$unit" $device ConnectProfile $hands_free
assert_eq 'org.bluez.Error.Failed: br-connection-refused' "$output" "old key, unit not in pairing mode"
unit_stop

# The daemon goes and comes: the unit is shown by the new one.
meet wh-1000xm5
kill "${bt_pids[1]}"
wait_until 10 unit_says 'bluetoothd went'
bt_daemon_start
wait_until 20 bt_is "$(bt_unit)" $adapter Alias WH-1000XM5
wait_until 20 unit_says 'air bonded, not connected'
bt_is "$(bt_unit)" $adapter Discoverable false
bt_is "$(bt_unit)" $adapter Pairable false
unit_stop

# A unit that is not there.
bt_says "$unit" $device ConnectProfile $hands_free
assert_contains "$output" page-timeout

bt_record_stop
bt_stop
expect_exit 1 busctl --system list
[ ! -e /sys/class/bluetooth/hci0 ] || fail "the controllers are still there"
