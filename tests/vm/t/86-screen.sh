# timeout: 150
# real: yes
# The screens on real lines and a real bluetoothd, by keys on a pseudo-terminal: two stations of one
# chip run to PASS at once; SPACE, a hang-up and a SIGKILL in the middle of a press; what goes wrong
# while nothing runs shows in the header, and goes from it by itself.
. /src/longpress/tests/vm/rig.sh

b_actuators='b_power b_nc_ambient'
work=/tmp/screen
mkdir -p "$work/profiles"

# A unit with a slow light, so that a real processor that is held up does not change it, in one colour
# for the same reason; and what is claimed of it. Nothing is expected of the radio.
cat >"$work/eye.yaml" <<'Y'
firmware: EYE-1 nominal
model: EYE-1
version: "1"
radio: { name: EYE-1, rssi: -50 }
led: { pwm_period: 1 ms, duty: 60 % }
buttons: [power, nc_ambient]
actions:
  reset: { led: [{ light: blue, for: 600 ms, gap: 600 ms, times: 2 }] }
triggers:
  reset: { hold: [power, nc_ambient], threshold: 3 s, does: reset }
answers: { placed: yes }
Y
cat >"$work/profiles/eye.yaml" <<'Y'
model: EYE-1
family: over-ear
sources: { rig: "the firmware file of this test" }
controls:
  power: { kind: button, max_hold: 16 s }
  nc_ambient: { kind: button, max_hold: 16 s }
procedures:
  network-reset:
    kind: network
    source: rig
    requires: { placed: yes }
    steps: [{ hold: [power, nc_ambient], for: 8 s, release_on: "blue x2", not_before: 2 s }]
    expect: { led: { pattern: "blue x2", after: press+2 s, within: 8 s } }
Y

# A second station on the chip of the first.
bench_of_two() {
    rig_bench
    echo '  b:'
    echo '    actuators:'
    for control in power nc_ambient; do
        echo "      $control: { line: b_$control, active: low, kind: relay, max_on: 25 s }"
    done
    echo '    led: { r: { line: b_led_r }, g: { line: b_led_g }, b: { line: b_led_b }, merge: 30 ms, skew: 50 ms }'
}

units_start() {
    local station
    for station in rig b; do
        "$tree/build/longpress-dut" "$work/eye.yaml" "$bench" $station \
            >"$RESULTS/unit-$station.log" 2>&1 &
        wait_until 10 file_says "$RESULTS/unit-$station.log" ' ready '
    done
}

tree=/src/longpress
# shellcheck disable=SC2086
chip_make rig $rig_lines $b_actuators b_led_r b_led_g b_led_b
bench=$RESULTS/bench.yaml
bench_of_two >"$bench"
"$longpress" --profiles "$work/profiles" check "$bench"

# Where each line is, found once: looking for it takes long.
declare -A dir=()
for line in $rig_actuators $b_actuators estop; do
    dir[$line]=$(line_dir "$line")
done

# Commands for the shell of a play, without a process of their own: are these lines all at LEVEL;
# and the relay board's pull-ups.
are() {
    local level=$1 line all=''
    shift
    printf 'all=; '
    for line in "$@"; do
        printf 'read level <%s/value; all=$all$level; ' "${dir[$line]}"
        all+=$level
    done
    printf '[ $all = %s ]' "$all"
}
# shellcheck disable=SC2086
released=$(are 1 $rig_actuators $b_actuators)
pull_up=''
for line in $rig_actuators $b_actuators; do
    pull_up+="echo pull-up >${dir[$line]}/pull; "
done
eval "$pull_up"

is_released() { (eval "$released"); }

# play NAME COMMANDS [OTHER] : the screens on $bench, kept in a journal of the play's own, or of another's.
play() {
    journal=$work/${3:-$1}.db
    [ $# = 3 ] || rm -f "$journal"*
    {
        echo size 80x24
        echo "run $longpress --profiles $work/profiles screen --bench $bench --journal $journal --bell never"
        echo 'expect "Bench" within 20s'
        echo "$2"
    } >"$work/$1.play"
    "$tree/build/tests/tui/screenplay" "$work/$1.play" || fail "play $1"
}

# The verdicts of the journal, the first run's first; of runs without, what became of them.
verdicts() { "$longpress" history --journal "$journal" --json | jq -r '[.runs[] | .verdict // .state] | join(" ")'; }

# From the bench screen: begin a run in the chosen station.
begin='key Enter
expect "Choose a model"
type "EYE"
expect "EYE-1"
key Enter
expect "serial number"
key Enter
expect "yes"
key y
expect-not "YOUR HAND IS NEEDED"'

mid_press="sh-until \"$(are 0 power nc_ambient)\"
sleep 500ms"

# In real time only what programs on two processors do to each other: keys and signals in the middle of
# a press.
key_ms=${LAB_REAL:+10000}

two_at_once() {
    units_start
    play two "
expect \"GPIO ok\"
$begin
expect \"releases everything\"
key q
expect \"Bench\"
key Tab
$begin
key q
sh-until \"$(are 0 power b_power)\"
expect-row 3 \"PASS ─┐┌─ > b\" within 30s
expect-not \"RUNNING\" within 30s
sh-until \"$released\"
key Ctrl-C
exit-status 0"
    assert_eq 'pass pass' "$(verdicts)" "two stations at once"
    unit_stop_all
}

# Nothing runs: the e-stop, the chip, and then all is well again, as a press by hand shows.
nothing_runs() {
    trace_clear
    trace_on
    play idle "
expect \"GPIO ok\"
sh \"echo pull-up >${dir[estop]}/pull\"
expect-row 2 \"the e-stop is pressed\" within 2s
sh \"echo pull-down >${dir[estop]}/pull\"
expect-row 2 \"GPIO ok\" within 6s
sh \"echo 0 >$sim_config/rig/live\"
expect-row 2 \"gpiochip\" within 2s
sh \"echo 1 >$sim_config/rig/live; $pull_up\"
expect-row 2 \"GPIO ok\" within 6s
key m
expect \"Manual\"
key 1
sleep 1s
sh-until \"$released\"
key Ctrl-C
exit-status 0"
    trace_save "$RESULTS/idle.trace"
    assert_eq "${dir[power]}" "$(line_dir power)" "the chip that is back"
    gpio=$(line_gpio power)
    assert_eq '0 1 1' "$(sed -n "s/.* gpio_value: $gpio set //p" "$RESULTS/idle.trace" | tail -n 3 | xargs)" \
        "the press by hand, its release, and the one at the end"
}

if [ -z "$LAB_REAL" ]; then
    two_at_once
    nothing_runs
fi

# No unit is in the stations from here on: the press is as long as it may be.

# SPACE. The kernel's record has the key, marked just before it is sent, and the lines.
trace_clear
trace_on
play space "
$begin
$mid_press
sh \"echo the key >/sys/kernel/tracing/trace_marker\"
key Space
expect \"everything was released\"
key Ctrl-C
exit-status 0"
trace_save "$RESULTS/space.trace"
is_released || fail 'SPACE: a line is still on'
assert_eq aborted "$(verdicts)" "SPACE"
for line in power nc_ambient; do
    took=$(awk -v gpio="$(line_gpio $line)" '
        { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { now = $i + 0; break } }
        /the key/ { key = now }
        key && $0 ~ "gpio_value: " gpio " set 1" { printf "%.1f", (now - key) * 1000; exit }
    ' "$RESULTS/space.trace")
    assert_between 0 "$took" "${key_ms:-50}" "ms from SPACE to the release of $line"
    note "SPACE to the release of $line: $took ms"
done

# The line is cut.
play hangup "
$begin
$mid_press
hangup
exit-status 4"
wait_until 1 is_released
assert_eq aborted "$(verdicts)" "hang-up"

# Killed: the keeper lets go; at the next start the journal is told that nobody saw the end.
play kill "
$begin
$mid_press
signal KILL alone
exit-signal KILL"
wait_until 1 is_released

# The radio, while nothing runs.
radio() {
    bt_start
    rig_adapter=$(bt_rig_address)
    bench_of_two >"$bench"
    play radio "
expect-row 2 \"$rig_adapter ready\"
sh \"pkill -KILL -x bluetoothd\"
expect-row 2 \"bluetoothd is not running; \`systemctl start bluetooth\`\" within 2s
sh \"/usr/libexec/bluetooth/bluetoothd -n >>$RESULTS/bluetoothd.log 2>&1 &\"
expect-row 2 \"$rig_adapter ready\" within 20s
sh \"echo 1 | tee /sys/class/bluetooth/hci0/rfkill*/soft\"
expect-row 2 \"is blocked; \`rfkill unblock bluetooth\`\" within 3s
sh \"echo 0 | tee /sys/class/bluetooth/hci0/rfkill*/soft\"
expect-not \"is blocked\" within 5s
sh \"pkill -KILL -x btvirt\"
expect-row 2 \"adapter $rig_adapter is missing; plug it in\" within 5s
key Ctrl-C
exit-status 0" kill
}

[ -n "$LAB_REAL" ] || radio
assert_eq interrupted "$(verdicts)" "SIGKILL"
