# Sourced by the soaks that reset: whole runs on four stations of one chip at once. Light and buttons are
# longpress-dut's, on the kernel's lines; the radio is tests/fakes/fake_bluez on a bus for each station,
# where the unit's forgetting of its bond sets going what a plan says of the air, drawn anew for each
# reset. Which verdict that allows is told by the plan alone, from nothing that the judge has.
#
#   resets NUMBER COUNT         a share of COUNT resets; NUMBER goes into the seed
stations='A B C D'
work=/tmp/resets
rig=00:AA:01:00:00:00
unit=00:AA:01:01:00:01

resets_make() {
    local station lines=()
    mkdir -p "$work/profiles"
    # Short, for the sake of instructions. `after` and `within` are far from all that a plan says.
    cat >"$work/profiles/soak.yaml" <<'Y'
model: SOAK-1
family: over-ear
bluetooth: { name: SOAK-1 }
sources: { rig: "the firmware file of this test" }
controls:
  power: { kind: button, max_hold: 16 s }
  nc_ambient: { kind: button, max_hold: 16 s }
procedures:
  network-reset:
    kind: network
    source: rig
    steps: [{ hold: [power, nc_ambient], for: 6 s, release_on: "blue x2" }]
    expect:
      led: { pattern: "blue x2", after: press+1 s, within: 4 s }
      bluetooth:
        - disconnects: { after: press, within: 6 s }
        - bond_rejected: { within: 12 s }
        - discoverable: { after: press, within: 8500 ms }
Y
    cat >"$work/soak.yaml" <<'Y'
firmware: SOAK-1 nominal
model: SOAK-1
version: "1"
radio: { name: SOAK-1, rssi: -50 }
led: { pwm_period: 1 ms, duty: 60 % }
buttons: [power, nc_ambient]
actions:
  reset:
    led: [{ light: blue, for: 200 ms, gap: 200 ms, times: 2 }]
    events: [{ do: clear_bonds }]
triggers:
  reset: { hold: [power, nc_ambient], threshold: 1500 ms, does: reset }
Y
    bench=$RESULTS/bench.yaml
    {
        echo 'bench: soak'
        echo 'keeper: { heartbeat: 1 s, spin: 0 s, priority: 50 }'
        echo 'stations:'
        for station in $stations; do
            lines+=("${station}_power" "${station}_nc" "${station}_r" "${station}_g" "${station}_b")
            cat <<Y
  $station:
    actuators:
      power: { line: ${station}_power, active: low, kind: relay, max_on: 25 s }
      nc_ambient: { line: ${station}_nc, active: low, kind: relay, max_on: 25 s }
    led: { r: { line: ${station}_r }, g: { line: ${station}_g }, b: { line: ${station}_b }, merge: 30 ms, skew: 50 ms }
    bluetooth: { adapter: "$rig", forget: yes }
Y
        done
    } >"$bench"
    chip_make rig "${lines[@]}"
    for station in $stations; do
        set_pull "${station}_power" up
        set_pull "${station}_nc" up
    done
    cat >"$work/bus.conf" <<'X'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:dir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
X
    "$longpress" --profiles "$work/profiles" check "$bench" "$work/profiles/soak.yaml" "$work/soak.yaml" >/dev/null
}

# between LOW HIGH : milliseconds, at random.
between() { between=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1))); }

# plan : what the air does, in ms from when the unit forgot its bond, which is 1.5 s after the press: `link`
# (drops), `seen` (shows itself; - is never), `key` (what the old key is answered), `gone` (how the
# radio goes, and when). `want` has the statuses that it allows, and `what` its name.
plan() {
    want='' what=''
    case $((RANDOM % 12)) in
    0) between 6000 8000 && link=$between && what+=' link-late' ;;
    1) link=- && what+=' link-never' ;;
    *) between 200 2000 && link=$between ;;
    esac
    local from=${link/#-/2000}
    case $((RANDOM % 12)) in
    0) between 9000 10000 && seen=$between && what+=' seen-late' ;;
    1) seen=- && what+=' seen-never' ;;
    *) between $((from + 500)) $((from + 2500)) && seen=$between ;;
    esac
    [ -z "$what" ] || want=1
    case $((RANDOM % 12)) in
    0) key=ok what+=' key-kept' want=1 ;;
    1) key=silence what+=' key-never' ; want=${want:-3} ;;
    2) between 1000 3000 && key="after ${between}ms error org.bluez.Error.Failed \"br-connection-key-missing\"" ;;
    3) key='error org.bluez.Error.Failed "br-connection-page-timeout" then error org.bluez.Error.Failed "br-connection-key-missing"' ;;
    *) key='error org.bluez.Error.Failed "br-connection-key-missing"' ;;
    esac
    gone='' gone_at=0
    # Before the unit can have been seen, so that not all was heard.
    if [ $((RANDOM % 7)) = 0 ]; then
        between 0 $(($([ "$seen" = - ] && echo 4000 || echo "$seen") - 100)) && gone_at=$between
        case $((RANDOM % 4)) in
        0) gone='remove hci0' what+=' adapter-unplugged' ;;
        1) gone='set hci0 Adapter1.Powered false' what+=' adapter-off' ;;
        2) gone='leave' what+=' bluetoothd-gone' ;;
        3) gone='leave for 2s' what+=' bluetoothd-restarted' ;;
        esac
        want="3${want/#/ }"
    elif [ $((RANDOM % 10)) = 0 ]; then
        # Not long enough to miss anything.
        between 0 5000 && gone_at=$between gone='hang 1s'
        what+=' hangs-1s'
    fi
    want=${want:-0} what=${what:- healthy}
    what=${what# }
}

# Processes are what costs here: there are none in this and in `reset` but those that are needed.
script() {
    local at
    echo "add adapter hci0 Address=$rig"
    echo "add adapter hci1 Address=$unit"
    echo "when 1st StartDiscovery hci0 at +100ms add device $unit Name=SOAK-1 Class=2360324 RSSI=-52 UUIDs=110b,110e,111e"
    echo "when 1st Pair at +20ms add device hci1/$rig Name=rig Paired=true Bonded=true Connected=true"
    echo "on ConnectProfile $unit: ok then $key"
    [ "$link" = - ] || echo "when 1st RemoveDevice hci1 at +${link}ms set $unit Connected false ServicesResolved false"
    # From then on it is on the air, for whoever searches anew: two searches of 16 s are told of.
    [ "$seen" = - ] || for ((at = seen; at < seen + 60000; at += 4000)); do
        echo "when 1st RemoveDevice hci1 at +${at}ms set $unit RSSI $((at / 4000 % 2 - 51))"
    done
    [ -z "$gone" ] || echo "when 1st RemoveDevice hci1 at +${gone_at}ms $gone"
}

# unit_until WORD : takes in what the unit says, up to a line with it; "" is all that it has said.
unit_until() {
    local line
    while read -r -t "${2:-0.001}" -u 9 line; do
        said+="$line"$'\n'
        [[ -z $1 || $line != *" $1 "* ]] || return 0
    done
    [ -z "$1" ]
}

# reset NUMBER : one, at $station; a line into $told: NUMBER, status wanted, got, the plan's name.
reset() {
    local number=$1 status=0 dut fake said=''
    plan
    script >"$here/script"
    "$fakes/fake_bluez" --log "$here/air" --ready "$here/ready" "$here/script" >"$here/fake" 2>&1 &
    fake=$!
    read -r -t 60 -u 8 _ || fail "$station $number: the air did not begin: $(cat "$here/fake")"
    "$dut_program" --adapter "$unit" --poll 20 "$work/soak.yaml" "$bench" "$station" >"$here/unit" 2>&1 &
    dut=$!
    unit_until ready 60 || fail "$station $number: the unit did not begin: $said"
    "$longpress" --profiles "$work/profiles" run SOAK-1 --bench "$bench" --station "$station" \
        --unit "$station-$number" --journal "$journal" >"$here/run" 2>&1 </dev/null || status=$?
    kill "$dut" "$fake" 2>/dev/null || :
    wait "$dut" "$fake" 2>/dev/null || :
    unit_until ''
    echo "$station $number ${want// /|} $status $what" >>"$told"
    case " $want " in
    *" $status "*) ;;
    *)
        {
            echo "FAILED $station $number ($what): wanted status ${want// / or }, got $status"
            sed 's/^/    /' "$here/script" "$here/run" - <<<"$said"
            sed 's/^/    /' "$here/air"
        } >>"$told.failed"
        ;;
    esac
}

# station_resets FIRST STEP COUNT : those of a station, one after the other.
station_resets() {
    local number ready
    here=$work/$station told=$RESULTS/told-$station journal=$work/$station/journal.db
    mkdir -p "$here"
    : >"$told"
    mkfifo "$here/ready" "$here/unit"
    exec 8<>"$here/ready" 9<>"$here/unit"
    dbus-daemon --config-file="$work/bus.conf" --nofork --print-address=7 7>"$here/address" >"$here/bus" 2>&1 &
    bus=$!
    wait_until 10 test -s "$here/address"
    DBUS_SYSTEM_BUS_ADDRESS=$(cat "$here/address")
    export DBUS_SYSTEM_BUS_ADDRESS
    for ((number = $1; number <= $3; number += $2)); do
        # Each has its own, whatever went before.
        RANDOM=$(((seed * 7919 + number) * 2654435761 % 2147483647))
        reset "$number"
    done
    kill "$bus"
    # Each has its record, and the verdict there is the one that was told.
    "$longpress" history --journal "$journal" --csv --limit 100000 >"$RESULTS/history-$station.csv"
    assert_eq "$(wc -l <"$told")" "$(($(wc -l <"$RESULTS/history-$station.csv") - 1))" "$station: runs kept"
}

resets() {
    local count=$((($2 + LAB_SHARE - 1) / LAB_SHARE)) step=0 pid pids=() status=0
    fakes=/src/longpress/build/tests/fakes dut_program=/src/longpress/build/longpress-dut
    seed=$((LAB_SEED * 10 + $1))
    resets_make
    for station in $stations; do
        step=$((step + 1))
        station_resets $step 4 "$count" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    cat "$RESULTS"/told-? >"$RESULTS/told"
    resets_figures <"$RESULTS/told" | tee "$RESULTS/figures"
    cat "$RESULTS"/told-?.failed 2>/dev/null || :
    [ "$status" = 0 ] || fail "a station came to no end"
    ! ls "$RESULTS"/told-?.failed >/dev/null 2>&1 || fail "another verdict than the plan allows, above"
    assert_eq "$count" "$(wc -l <"$RESULTS/told")" "resets"
}

resets_figures() {
    awk '
        {
            total++
            verdict = $4 == 0 ? "pass" : $4 == 1 ? "fail" : $4 == 3 ? "inconclusive" : "status " $4
            if ($3 == "0") { healthy++; good += $4 == 0 } else { faulty++; wrong += $4 == 0 }
            allowed += index("|" $3 "|", "|" $4 "|") > 0
            got[verdict]++
        }
        END {
            printf "resets: %d, of which %d could pass and %d did; %d could not, and %d of them passed", total, healthy, good, faulty, wrong
            printf "; %d with the verdict that the plan allows (", allowed
            for (v in got) { printf "%s%s %d", sep, v, got[v]; sep = ", " }
            print ")"
        }'
}
