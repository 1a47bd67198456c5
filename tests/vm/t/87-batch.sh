# timeout: 200
# A batch without screens on real lines: two stations of one chip, a `placed` line each, moved by the
# test as a hand would; units that pass, one that fails, one number given twice, one that has passed
# before; Ctrl-C in the middle of two presses, and the same batch taken up again. The kernel's record
# and the journal say the same.
. /src/longpress/tests/vm/rig.sh

tree=/src/longpress
work=/tmp/batch
mkdir -p "$work/profiles"
journal=$work/journal.db

# Lights so slow that a held-up emulated processor does not change them.
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
sed 's/EYE-1 nominal/EYE-1 one blink/; s/times: 2/times: 1/' "$work/eye.yaml" >"$work/one-blink.yaml"
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
    expect: { led: { pattern: "blue x2", after: press+2 s, within: 6 s } }
    retry: { times: 1, cooldown: 1 s }
Y

lines_of() { echo "$1_power $1_nc $1_r $1_g $1_b $1_placed"; }
# shellcheck disable=SC2046
chip_make rig $(lines_of a) $(lines_of b)
bench=$RESULTS/bench.yaml
{
    echo 'bench: vm'
    echo 'keeper: { heartbeat: 1 s, spin: 0 s, priority: 50 }'
    echo 'stations:'
    for station in a b; do
        cat <<Y
  $station:
    actuators:
      power: { line: ${station}_power, active: low, kind: relay, max_on: 25 s }
      nc_ambient: { line: ${station}_nc, active: low, kind: relay, max_on: 25 s }
    led:
      { r: { line: ${station}_r }, g: { line: ${station}_g }, b: { line: ${station}_b }, merge: 30 ms, skew: 50 ms }
    inputs:
      placed: { line: ${station}_placed, active: low, is: yes, else: no }
Y
    done
} >"$bench"
for station in a b; do
    for line in power nc placed; do
        set_pull ${station}_$line up
    done
done
"$longpress" --profiles "$work/profiles" check "$bench"

# ---- the hands ----

# By the files themselves: the helpers are slow beside a press.
declare -A unit_of pull_of value_of
for line in a_power a_nc b_power b_nc a_placed b_placed; do
    pull_of[$line]=$(line_dir $line)/pull
    value_of[$line]=$(line_dir $line)/value
done

# unit STATION FIRMWARE : it plays from now on, and is not in yet.
unit() {
    local log=$RESULTS/unit-$1-$2-$RANDOM.log
    "$tree/build/longpress-dut" "$work/$2.yaml" "$bench" "$1" >"$log" 2>&1 &
    unit_of[$1]=$!
    wait_until 10 file_says "$log" ' ready '
}

put_in() { echo pull-down >"${pull_of[$1_placed]}"; }

take_out() {
    echo pull-up >"${pull_of[$1_placed]}"
    kill "${unit_of[$1]}"
    wait "${unit_of[$1]}" 2>/dev/null || :
}

# all_are LEVEL : the four actuators.
all_are() {
    local line level
    for line in a_power a_nc b_power b_nc; do
        read -r level <"${value_of[$line]}"
        [ "$level" = "$1" ] || return
    done
}
down() { all_are 0; }
released() { all_are 1; }

batch_start() {
    told=$RESULTS/$1.told
    tr ' ' '\n' <<<"$2" | "$longpress" --profiles "$work/profiles" batch EYE-1 --serials - --bench "$bench" \
        --journal "$journal" >"$told" 2>"$told.err" &
    batch_pid=$!
}

batch_end() {
    local got=0
    wait "$batch_pid" || got=$?
    assert_eq "$1" "$got" "exit status of the batch ($(cat "$told" "$told.err"))"
}

# told_line REGEX : in one line, from its ^ on, up to its $ if it has one.
told_line() {
    local text='' regex=${1/#^/$'\n'}
    IFS= read -rd '' text <"$told" || :
    [[ $'\n'$text =~ ${regex/%\$/$'\n'} ]]
}
kept() {
    "$longpress" history --journal "$journal" --json |
        jq -r '[.runs | sort_by(.unit, .number)[] | "\(.unit) \(.station) \(.verdict)"] | join(", ")'
}

# ---- called off in the middle ----

serials='S1 S2 S3 S3 F4'
trace_clear
trace_on
batch_start first "$serials"
wait_until 20 told_line '^a +S1 +put it in'
wait_until 20 told_line '^b +S2 +put it in'
released || fail 'it presses without a unit'
unit a eye
unit b eye
put_in a
put_in b
wait_until 20 down
wait_until 30 told_line '^a +S1 +PASS +attempt 1, run '
wait_until 30 told_line '^b +S2 +PASS +attempt 1, run '
wait_until 10 told_line '^a +S1 +take it out'
wait_until 10 told_line '^b +S2 +take it out'
# Whose unit leaves first has the next one.
take_out a
wait_until 10 told_line '^a +S3 +put it in'
take_out b
wait_until 10 told_line '^b +F4 +put it in'
unit a eye
unit b one-blink
put_in a
put_in b
wait_until 20 down
sleep 0.5
trace_mark 'called off'
kill -INT "$batch_pid"
wait_until 1 released
batch_end 4
trace_save "$RESULTS/first.trace"
take_out a
take_out b
assert_contains "$(cat "$told" "$told.err")" '`S3` appears once more; it is run once'
assert_eq 'F4 b aborted, S1 a pass, S2 b pass, S3 a aborted' "$(kept)" 'the journal, called off'
# Each line went down and up twice, for two units, and no more than that; the second time up as soon
# as it was called off.
for line in a_power a_nc b_power b_nc; do
    gpio=$(line_gpio $line)
    assert_eq '0 1 0 1' "$(sed -n "s/.* gpio_value: $gpio set //p" "$RESULTS/first.trace" | uniq | sed '1{/1/d}' | xargs)" "$line"
    took=$(awk -v gpio="$gpio" '
        { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { now = $i + 0; break } }
        /called off/ { mark = now }
        mark && $0 ~ "gpio_value: " gpio " set 1" { printf "%.1f", (now - mark) * 1000; exit }
    ' "$RESULTS/first.trace")
    assert_between 0 "$took" 150 "ms from Ctrl-C to the release of $line"
    note "Ctrl-C to the release of $line: $took ms"
done

# ---- taken up again ----

batch_start second "$serials"
wait_until 20 told_line '^a +S3 +put it in'
wait_until 20 told_line '^b +F4 +put it in'
assert_contains "$(cat "$told")" 'S1 already passed, run '
assert_contains "$(cat "$told")" 'S2 already passed, run '
unit a eye
unit b one-blink
put_in a
put_in b
wait_until 40 told_line '^a +S3 +PASS'
take_out a
wait_until 40 told_line '^b +F4 +FAIL +attempt 2'
take_out b
batch_end 1
released || fail 'a line is still on'
assert_eq 'F4 b aborted, F4 b fail, F4 b fail, S1 a pass, S2 b pass, S3 a aborted, S3 a pass' "$(kept)" 'the journal'
told_line '^2 units: 1 pass, 1 fail$' || fail "another summary: $(cat "$told")"

# All the rest has passed: nothing is left to do, and nothing moves.
expect_exit 0 "$longpress" --profiles "$work/profiles" batch EYE-1 --serials - --bench "$bench" \
    --journal "$journal" <<<'S3'
assert_contains "$output" 'already passed'
