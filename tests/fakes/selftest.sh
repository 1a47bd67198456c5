#!/usr/bin/env bash
# Tests the fake itself: each word of a script, and what its methods do.
#     FAKE_BLUEZ=build/tests/fakes/fake_bluez tests/fakes/selftest.sh
# selftest_client is beside the fake. What is quoted once is for the command's own shell:
# shellcheck disable=SC2016
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
export FAKE_BLUEZ=${FAKE_BLUEZ:-build/tests/fakes/fake_bluez}
CLIENT=$(dirname "$FAKE_BLUEZ")/selftest_client
export CLIENT
WORK=$(mktemp -d) && trap 'rm -rf "$WORK"' EXIT
export WORK TMPDIR=$WORK
export ADAPTER=/org/bluez/hci0 ONE=/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01
export TWO=/org/bluez/hci0/dev_AA_BB_CC_DD_EE_02
passed=0 failed=0

# ---- what the cases say to the fake ----

call() { busctl --system --timeout="${TIMEOUT:-60}" -- call org.bluez "$@" 2>&1; }
adapter() { call $ADAPTER org.bluez.Adapter1 "$@"; }
device() { call "$1" org.bluez.Device1 "${@:2}"; }
get() { busctl --system --timeout="${TIMEOUT:-60}" get-property org.bluez "$1" "org.bluez.${2%.*}" "${2#*.}" 2>&1; }
put() { busctl --system set-property org.bluez "$1" "org.bluez.${2%.*}" "${2#*.}" "${@:3}" 2>&1; }
objects() { call / org.freedesktop.DBus.ObjectManager GetManagedObjects; }
# Wait until COMMAND succeeds, or for two minutes, which is for ever.
until_true() { # COMMAND...
    local end=$((SECONDS + 120))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "in vain: $*"; return 1; }
        sleep 0.01
    done
}
# Wait until the fake's log has these words; a command finds its log in LOG.
logs() { until_true grep -q -- "$1" "$LOG"; } # WORDS
# Begin to record; it is recorded when this returns.
record() { # FILE COMMAND...
    : >"$1"
    "${@:2}" --system >"$1" 2>/dev/null &
    until_true test -s "$1"
}
# What the bus sees after a GetManagedObjects until the log has these words, as a script. The bus
# keeps the order: what came before a ping has been recorded when the ping has.
watch() { # WORDS
    record "$WORK/recording" dbus-monitor
    objects >"$WORK/objects"
    logs "$1"
    call / org.freedesktop.DBus.Peer Ping
    until_true grep -q member=Ping "$WORK/recording"
    kill %1 && wait %1
    tests/fakes/from-monitor "$WORK/recording" | grep '^at' | sed 's/at [+0-9.]*ms/at -/'
}
export -f call adapter device get put objects until_true logs record watch
export LOG=$WORK/log

# ---- and how they are judged ----

# Runs COMMANDS with a bus on which SCRIPT is played; the lines they write have to match PATTERNS,
# each one line in turn. What is in the log goes to $WORK/log.
play() { # NAME SCRIPT COMMANDS PATTERNS [STATUS]
    printf '%s\n' "$2" >"$WORK/script"
    tests/fakes/with-bus --log "$WORK/log" "$WORK/script" bash -c "$3" >"$WORK/out" 2>&1 </dev/null
    compare "$1" "$4" $? "${5:-0}"
}

compare() { # NAME PATTERNS STATUS STATUS-EXPECTED
    local got want line ok=true
    mapfile -t got <"$WORK/out"
    mapfile -t want <<<"${2#$'\n'}"
    [ -n "$2" ] || want=()
    [ ${#got[@]} -eq ${#want[@]} ] && [ "$3" -eq "$4" ] || ok=false
    for line in "${!want[@]}"; do
        # A pattern is one.
        # shellcheck disable=SC2053
        [[ ${got[line]-} == ${want[line]} ]] || { ok=false; echo "line $((line + 1)) differs" >>"$WORK/out"; }
    done
    if $ok; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok  $1 (status $3)"
        head -n 60 "$WORK/out" | sed 's/^/        /'
    fi
}

# The log without its times has to be this.
logged() { # NAME PATTERNS
    sed 's/^[0-9.]* //' "$WORK/log" >"$WORK/out"
    compare "$1" "$2" 0 0
}

# ---- objects and what methods usually do ----

play 'objects' '
add adapter hci0 Alias="the rig"
add device AA:BB:CC:DD:EE:01 Name="\e[31m\x01 \u{202e}tab\t\"q\"" RSSI=-40 UUIDs=110b,111e # and a comment
add Battery1 AA:BB:CC:DD:EE:01 Percentage=70
set AA:BB:CC:DD:EE:01 ManufacturerData "1 76 ay 2 1 255"
invalidate hci0 Adapter1.PowerState' '
get $ADAPTER Adapter1.Alias
get $ADAPTER Adapter1.PowerState
get $ONE Device1.Name
get $ONE Device1.UUIDs
get $ONE Device1.ManufacturerData
get $ONE Device1.Address
get $ONE Battery1.Percentage
get $TWO Device1.Name
objects | grep -o "^a{oa{sa{sv}}} [0-9]*"' '
s "the rig"
*No such property '\''PowerState'\''
s "\\033[31m\\001 \\342\\200\\256tab\\t\\"q\\""
as 2 "0000110b-0000-1000-8000-00805f9b34fb" "0000111e-0000-1000-8000-00805f9b34fb"
a{qv} 1 76 ay 2 1 255
s "AA:BB:CC:DD:EE:01"
y 70
*"Get"*
a{oa{sa{sv}}} 3'

long=$(printf 'x%.0s' $(seq 248))
play 'a name of 248 bytes' "add device AA:BB:CC:DD:EE:01 Name=$long" 'get $ONE Device1.Name' "s \"$long\""

play 'methods' '
add adapter hci0
add device AA:BB:CC:DD:EE:01 UUIDs=110b
add GattCharacteristic1 AA:BB:CC:DD:EE:01/service0010/char0011 UUID=2a26 Value="1.2\x00\xff"' '
adapter SetDiscoveryFilter "a{sv}" 2 Transport s bredr RSSI n -90
adapter SetDiscoveryFilter "a{sv}" 1 Transport s none
adapter StopDiscovery
call $ONE/service0010/char0011 org.bluez.GattCharacteristic1 ReadValue "a{sv}" 0
device $ONE Pair && get $ONE Device1.Bonded
device $ONE Pair
device $ONE CancelPairing
device $ONE Disconnect
device $ONE Disconnect
device $ONE ConnectProfile s 0000111e-0000-1000-8000-00805f9b34fb
device $ONE ConnectProfile s 0000110B-0000-1000-8000-00805f9b34fb && get $ONE Device1.Connected
call $ONE/service0010/char0011 org.bluez.GattCharacteristic1 ReadValue "a{sv}" 0
put $ADAPTER Adapter1.Alias s other && get $ADAPTER Adapter1.Alias
put $ADAPTER Adapter1.Address s other
put $ADAPTER Adapter1.Powered b false && get $ADAPTER Adapter1.PowerState && get $ONE Device1.Connected
put $ADAPTER Adapter1.Powered s false
adapter StartDiscovery
device $ONE Connect
put $ADAPTER Adapter1.Powered b true
device $ONE Connect
adapter RemoveDevice o $ONE
adapter RemoveDevice o $ONE
adapter Nonsense
device $TWO Pair
call / org.freedesktop.DBus.Peer Ping' '
*Invalid arguments in method call
*No discovery started
*Not connected
b true
*Already Exists
*Does Not Exist
*Not Connected
*br-connection-profile-unavailable
b true
ay 5 49 46 50 0 255
s "other"
*Property '\''Address'\'' is not writable
s "off"
b false
*Invalid signature for '\''Powered'\''
*Resource Not Ready
*br-connection-adapter-not-powered
*Does Not Exist
*"Nonsense"*
*"Pair"*'

logged 'the log of methods' "call $ADAPTER Adapter1.SetDiscoveryFilter {\"Transport\": \"bredr\", \"RSSI\": -90}
call $ADAPTER Adapter1.SetDiscoveryFilter {\"Transport\": \"none\"}
call $ADAPTER Adapter1.StopDiscovery
call $ONE/service0010/char0011 GattCharacteristic1.ReadValue {}
call $ONE Device1.Pair
call $ONE Get:Device1.Bonded
call $ONE Device1.Pair
call $ONE Device1.CancelPairing
call $ONE Device1.Disconnect
call $ONE Device1.Disconnect
call $ONE Device1.ConnectProfile \"0000111e-*\"
call $ONE Device1.ConnectProfile \"0000110B-*\"
call $ONE Get:Device1.Connected
call $ONE/service0010/char0011 GattCharacteristic1.ReadValue {}
call $ADAPTER Set:Adapter1.Alias \"other\"
call $ADAPTER Get:Adapter1.Alias
call $ADAPTER Set:Adapter1.Address \"other\"
call $ADAPTER Set:Adapter1.Powered false
call $ADAPTER Get:Adapter1.PowerState
call $ONE Get:Device1.Connected
call $ADAPTER Set:Adapter1.Powered \"false\"
call $ADAPTER Adapter1.StartDiscovery
call $ONE Device1.Connect
call $ADAPTER Set:Adapter1.Powered true
call $ONE Device1.Connect
call $ADAPTER Adapter1.RemoveDevice $ONE
call $ADAPTER Adapter1.RemoveDevice $ONE
call $ADAPTER Adapter1.Nonsense
call $TWO Device1.Pair"

# ---- on ----

play 'answers of the script' '
add adapter hci0
add device AA:BB:CC:DD:EE:01 
on Device1.ConnectProfile AA:BB:CC:DD:EE:01: after 50ms error org.bluez.Error.Failed "br-connection-key-missing" then ok
on Pair * : silence
on Set:Powered: error org.bluez.Error.Blocked "Blocked through rfkill"
on Get:Device1.Alias: return s plain
on RemoveDevice: after 40ms return' '
begin=$(date +%s%N)
device $ONE ConnectProfile s 110b
[ $((($(date +%s%N) - begin) / 1000000)) -ge 50 ] && get $ONE Device1.Connected
device $ONE ConnectProfile s 110b
get $ONE Device1.Connected
device $ONE Pair & logs "call $ONE Device1.Pair"
device $ONE CancelPairing; wait
TIMEOUT=0.1 device $ONE Pair
put $ADAPTER Adapter1.Powered b false
adapter RemoveDevice o $ONE
objects | grep -c $ONE' '
*br-connection-key-missing
b false
b true
*Authentication Canceled
*Connection timed out
*Blocked through rfkill
1'

# ---- at, when ----

play 'events' '
add adapter hci0
add device AA:BB:CC:DD:EE:01 Connected=true RSSI=-40
when GetManagedObjects at +60ms add device AA:BB:CC:DD:EE:02 Name=Two
when GetManagedObjects at +70ms set AA:BB:CC:DD:EE:01 Connected false Paired true Adapter1.Alias 7
when 1st GetManagedObjects at +80ms invalidate RSSI
when 2nd GetManagedObjects at +80ms note not yet
when GetManagedObjects at +90ms emit AA:BB:CC:DD:EE:01 Device1.Disconnected s org.bluez.Reason.Remote s "by the unit"
when GetManagedObjects at +100ms add Battery1 AA:BB:CC:DD:EE:01 Percentage=5
when GetManagedObjects at +110ms remove AA:BB:CC:DD:EE:01 Battery1
when GetManagedObjects at +120ms remove *dev_AA*
when GetManagedObjects at +130ms note the end
at 1ms note first' 'logs first; watch "the end"' "at - add org.bluez.Device1 $TWO * Name:s=Two
at - set $ONE org.bluez.Device1.Paired:b true org.bluez.Device1.Connected:b false
at - invalidate $ONE org.bluez.Device1.RSSI
at - emit $ONE org.bluez.Device1.Disconnected s org.bluez.Reason.Remote s \"by the unit\"
at - add org.bluez.Battery1 $ONE Percentage:y=5
at - remove $ONE org.bluez.Battery1
at - remove $ONE
at - remove $TWO
*FAIL: no Adapter1 at $ONE
with-bus: the fake ended with status 1" 3
logged 'the log of events' "note first
call / ObjectManager.GetManagedObjects
FAIL line 5: no Adapter1 at $ONE
note the end"

play 'a restart' '
add adapter hci0 Discovering=true
add device AA:BB:CC:DD:EE:01 Paired=true Connected=true
add device AA:BB:CC:DD:EE:02
when Pair at +20ms leave the bus for 2s
when Pair at +30ms add device AA:BB:CC:DD:EE:03 Name=Three
on Pair: silence' '
device $ONE Pair
objects
logs "back on the bus"
objects | grep -o "AA_BB_CC_DD_EE_0.\|Connected. b [a-z]*"' '
*disconnected*
*org.bluez*
AA_BB_CC_DD_EE_01
Connected" b false
AA_BB_CC_DD_EE_03
Connected" b false'

play 'a daemon that hangs' '
add adapter hci0
when 1st StopDiscovery at +0ms note hangs
when 1st StopDiscovery at +0ms hang 3s' '
adapter StopDiscovery; logs hangs
TIMEOUT=0.05 adapter StopDiscovery
begin=$(date +%s%N)
get $ADAPTER Adapter1.Name
[ $((($(date +%s%N) - begin) / 1000000)) -ge 50 ] && echo it waited' '
*No discovery started
*Connection timed out
s "rig"
it waited'

play 'a crowd' '
add adapter hci0
at 0ms crowd 300 every 100ms
when StopDiscovery at +0ms crowd 0' '
objects | grep -o "dev_C0_FF_EE_00_01_2B" | head -n 1
record $WORK/recording dbus-monitor
crowded() { [ "$(grep -c "string \"RSSI\"" $WORK/recording)" -ge 300 ]; }
until_true crowded && echo many
kill %1; wait
adapter StopDiscovery
objects | grep -c dev_; true' '
dev_C0_FF_EE_00_01_2B
many
*No discovery started
0'

# ---- clients ----

play 'an agent that rejects' '
add adapter hci0
add device AA:BB:CC:DD:EE:01
at 0s call agent RequestAuthorization AA:BB:CC:DD:EE:01 expect nobody
when 2nd StartDiscovery at +20ms call agent RequestAuthorization AA:BB:CC:DD:EE:01 expect reject
when 2nd StartDiscovery at +30ms call profile NewConnection AA:BB:CC:DD:EE:01 expect reject
when 2nd StartDiscovery at +40ms call agent Cancel' '
$CLIENT reject & logs "Agent1 Cancel: rejected"
get $ADAPTER Adapter1.Discovering; kill %1; wait; logs "gone a client"
get $ADAPTER Adapter1.Discovering' '
StartDiscovery: org.bluez.Error.InProgress: Operation already in progress
ready
/agent RequestAuthorization
/profile NewConnection
/agent Cancel
b true
b false'
logged 'the log of an agent' "Agent1 RequestAuthorization: nobody
call /org/bluez AgentManager1.RegisterAgent /agent \"NoInputNoOutput\"
call /org/bluez AgentManager1.RequestDefaultAgent /agent
call /org/bluez ProfileManager1.RegisterProfile /profile \"0000110b-*\" {}
call $ADAPTER Adapter1.StartDiscovery
call $ADAPTER Adapter1.StartDiscovery
Agent1 RequestAuthorization: rejected
Profile1 NewConnection: rejected
Agent1 Cancel: rejected
call $ADAPTER Get:Adapter1.Discovering
gone a client with a session
call $ADAPTER Get:Adapter1.Discovering"

for how in 'accept accept' 'cancel cancel' 'silence silence'; do
    play "an agent: $how" "
add adapter hci0
when 2nd StartDiscovery at +0s call agent RequestConfirmation AA:BB:CC:DD:EE:01 123456 expect ${how#* }$([ "$how" != "silence silence" ] || echo " within 30ms")" \
        "\$CLIENT ${how% *} >\$WORK/client & logs 'RequestConfirmation: '; kill %1; wait; tail -n 1 \$WORK/client" '/agent RequestConfirmation'
done
play 'expectations that fail' '
add adapter hci0
when 2nd StartDiscovery at +0s call agent AuthorizeService AA:BB:CC:DD:EE:01 110b expect reject
at 5s call agent Release expect accept' '$CLIENT accept >$WORK/client & logs "AuthorizeService: "; kill %1; wait; tail -n 1 $WORK/client' '
/agent AuthorizeService
*:3: FAIL: Agent1 AuthorizeService: accepted, expected rejected
*:4: FAIL: Agent1 Release was not answered by the end, expected accepted
with-bus: the fake ended with status 1' 3

# ---- scripts that are wrong ----

printf '%s\n' 'add adapter hci0' 'at 5 add device AA:BB:CC:DD:EE:01' 'at 1s dance' \
    'set hci0 Adapter1.Powered maybe' 'add device AA:BB:CC:DD:EE:01 Name="\xff"' \
    'add device AA:BB:CC:DD:EE:01 Shape=round' 'on Pair: perhaps' 'set x RSSI 1' \
    'add device AA:BB:CC:DD:EE:01 RSSI=40000' 'leave the bus' 'note "open' 'hang 1s 2s' \
    'set AA:BB:CC:DD:EE:01 ManufacturerData "2 76 ay 0"' >"$WORK/script"
tests/fakes/with-bus "$WORK/script" true >"$WORK/out" 2>&1
compare 'wrong scripts' "*:2: error: the time '5' has no unit
*:3: error: 'dance' is nothing that can be done
*:4: error: 'maybe' is neither true nor false
*:5: error: *is no UTF-8: the bus would cut off who sends it
*:6: error: the type of 'Shape' is not known; write Shape:TYPE
*:7: error: ok, error NAME TEXT, return or silence is expected
*:8: error: 'x' is no object: a path, hci0, or a device's address is
*:9: error: '40000' is out of its type's range
*:10: error: this needs the bus, so a time: at 0s ...
*:11: error: a quote is not closed
*:12: error: *
*:13: error: '2 76 ay 0' ends too early for its type" $? 2

# ---- with-bus ----

play 'the status of a command' '' 'exit 7' '' 7
play 'children of a command' '' 'sleep 61.7 & exit 0' '' 0
for signal in TERM INT KILL; do
    printf '%s\n' 'add adapter hci0' >"$WORK/script"
    # Job control, for a background job not to ignore SIGINT.
    set -m
    tests/fakes/with-bus --log "$WORK/log" "$WORK/script" sleep 61.7 >"$WORK/out" 2>&1 &
    set +m
    pid=$!
    has_three() { children=$(cat /proc/$pid/task/$pid/children) && [ "$(wc -w <<<"$children")" -eq 3 ]; }
    until_true has_three
    # The third is the command, once it has become what was asked for.
    until_true grep -q sleep "/proc/$(awk '{ print $3 }' <<<"$children")/comm"
    kill -$signal $pid && wait $pid 2>/dev/null
    none_left() {
        left=$(for child in $children; do grep -s '^State:.[^Z]' "/proc/$child/status"; done)
        [ -z "$left" ]
    }
    until_true none_left
    echo "of $(wc -w <<<"$children") children $(grep -c . <<<"$left") are left" >"$WORK/out"
    compare "with-bus ended by SIG$signal" 'of 3 children 0 are left' 0 0
done

# ---- from-monitor ----

printf '%s\n' 'add adapter hci0' \
    'add device AA:BB:CC:DD:EE:01 Name="two\nlines \"\u{202e}" UUIDs=110b ServiceData="1 110b ay 1 5"' \
    'add GattCharacteristic1 AA:BB:CC:DD:EE:01/service0010/char0011 UUID=2a26 Value="1\xff"' \
    'on Connect: error org.bluez.Error.Failed "br-connection-page-timeout" then after 20ms ok' \
    'on Pair: silence' \
    'when Connect at +10ms set AA:BB:CC:DD:EE:01 RSSI -50' \
    'when Disconnect at +1s leave the bus for 50ms' >"$WORK/script"
drive='objects; device $ONE Connect; device $ONE Connect; TIMEOUT=0.05 device $ONE Pair
    call $ONE/service0010/char0011 org.bluez.GattCharacteristic1 ReadValue "a{sv}" 0
    device $ONE Disconnect; logs "back on the bus"; objects; get $ADAPTER Adapter1.Powered'
LOG=$WORK/log-1 tests/fakes/with-bus --log "$WORK/log-1" "$WORK/script" bash -c "
    record $WORK/recording-1 dbus-monitor
    record $WORK/recording-2 busctl monitor
    record $WORK/recording-3 busctl monitor --json=short
    { $drive; } >$WORK/told-1 2>&1
    kill %1 %2 %3; wait"
for n in 1 2 3; do
    tests/fakes/from-monitor "$WORK/recording-$n" >"$WORK/script-2"
    LOG=$WORK/log-2 tests/fakes/with-bus --log "$WORK/log-2" "$WORK/script-2" bash -c "$drive" >"$WORK/told-2" 2>&1
    {
        diff "$WORK/told-1" "$WORK/told-2"
        diff <(cut -d' ' -f2- "$WORK/log-1") <(cut -d' ' -f2- "$WORK/log-2")
    } >"$WORK/out" 2>&1
    compare "a recording played again ($n)" '' $? 0
done

echo "fake org.bluez: $passed passed, $failed failed"
[ $failed -eq 0 ]
