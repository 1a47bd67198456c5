# timeout: 240
# Several units that could be meant, on real lines and a fake org.bluez (tests/fakes): a question, and
# without a terminal the end, with the option to add and before anything moves.
. /src/longpress/tests/vm/rig.sh

rig_adapter=00:00:00:00:00:01
rig_make
mkdir -p /run/dbus
cat >"$RESULTS/two.case" <<'S'
add adapter hci0 Address=00:00:00:00:00:01 Modalias=usb:v1D6Bp0246d0552
when StartDiscovery at +100ms add device AA:BB:CC:DD:EE:01 Name=WH-1000XM5 Class=2360324 RSSI=-52
when StartDiscovery at +100ms add device AA:BB:CC:DD:EE:02 Name=WH-1000XM5 Class=2360324 RSSI=-54
S
with_two() {
    (cd /src/longpress && tests/fakes/with-bus "$RESULTS/two.case" "$@")
}

trace_clear
trace_on
expect_exit 2 with_two "$longpress" run WH-1000XM5 --bench "$bench" --json --answer placed=yes \
    --answer power=on --answer battery=80
trace_save "$RESULTS/trace"
assert_contains "$output" "several units match equally well"
assert_contains "$output" "--address AA:BB:CC:DD:EE:01 or AA:BB:CC:DD:EE:02"
! grep -q "gpio_value: $(line_gpio power) set 0" "$RESULTS/trace" || fail "it was pressed"
rig_released || fail "an actuator is on"

# Named, it is no question any more: the press begins.
(cd /src/longpress && exec timeout -s INT 20 tests/fakes/with-bus "$RESULTS/two.case" "$longpress" run WH-1000XM5 \
    --bench "$bench" --address aa:bb:cc:dd:ee:02 --answer placed=yes --answer power=on --answer battery=80 \
    >"$RESULTS/named" 2>&1) &
wait_until 20 line_is power 0
pkill -INT -x longpress
wait || :
assert_contains "$(cat "$RESULTS/named")" "AA:BB:CC:DD:EE:02 WH-1000XM5"
rig_released || fail "an actuator is still on"

# What spoke for the radio stands with the run, though it was heard of only once the run went on.
journal_bluez() { "$longpress" history --limit 1 --json | jq -r '.runs[0].bluez'; }
assert_eq 5.82 "$(journal_bluez)" "BlueZ in the journal"

# In a batch too.
sed '/EE:02/d' "$RESULTS/two.case" >"$RESULTS/one.case"
(cd /src/longpress && exec timeout -s INT 30 tests/fakes/with-bus "$RESULTS/one.case" "$longpress" batch WH-1000XM5 \
    --bench "$bench" --serials - --answer placed=yes --answer power=on --answer battery=80 \
    <<<B1 >"$RESULTS/batch" 2>&1) &
wait_until 30 line_is power 0
pkill -INT -x longpress
wait || :
rig_released || fail "an actuator is still on after the batch"
assert_eq "B1 5.82" "$("$longpress" history --limit 1 --json | jq -r '.runs[0] | .unit + " " + .bluez')" "of the batch"
