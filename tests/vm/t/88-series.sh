# timeout: 400
# Series of runs on real lines: the threshold of a unit is found and its presses are those that the
# kernel saw; what two sources say of it is settled; a profile is learned from it, which then passes on
# it and fails on a faulty one.
. /src/longpress/tests/vm/rig.sh

work=/tmp/series
mkdir -p "$work/claims" "$work/learned"
journal=$work/journal.db

# Lights so slow that a held-up emulated processor does not change them. It is 1.2 s on the unit's
# clock, which begins when its lines are read.
cat >"$work/eye.yaml" <<'Y'
firmware: EYE-2 nominal
model: EYE-2
version: "1"
radio: { name: EYE-2, rssi: -50 }
led: { pwm_period: 1 ms, duty: 60 % }
buttons: [power, nc_ambient]
actions:
  reset: { led: [{ light: blue, for: 600 ms, gap: 600 ms, times: 2 }] }
triggers:
  reset: { hold: [power, nc_ambient], threshold: 1.2 s, does: reset }
answers: { placed: yes }
Y
sed 's/EYE-2 nominal/EYE-2 one blink/; s/times: 2/times: 1/' "$work/eye.yaml" >"$work/one-blink.yaml"

cat >"$work/claims/eye.yaml" <<'Y'
model: EYE-2
family: over-ear
sources: { manual: "says 700 ms", shop: "says 1.8 s" }
controls:
  power: { kind: button, max_hold: 16 s }
  nc_ambient: { kind: button, max_hold: 16 s }
procedures:
  network-reset:
    kind: network
    source: manual
    requires: { placed: yes }
    steps: [{ hold: [power, nc_ambient], for: 700 ms }]
    expect: { led: { pattern: "blue x2", after: press+0.5 s, within: 4 s } }
    retry: { times: 1, cooldown: 1 s }
  network-reset-shop:
    kind: network
    source: shop
    requires: { placed: yes }
    steps: [{ hold: [power, nc_ambient], for: 1.8 s }]
    expect: { led: { pattern: "blue x2", after: press+0.5 s, within: 4 s } }
    retry: { times: 1, cooldown: 1 s }
Y

rig_make
"$longpress" check "$work/claims/eye.yaml"

unit() {
    unit_log=$work/unit.log
    /src/longpress/build/longpress-dut "$work/$1.yaml" "$bench" rig >"$unit_log" 2>&1 &
    unit_pid=$!
    wait_until 10 unit_says ' ready '
}

# on STATUS COMMAND ARG... : its standard output is in $told.
on() {
    local want=$1 got=0
    shift
    told=$RESULTS/$1.told
    "$longpress" --profiles "$profiles" "$@" --bench "$bench" --journal "$journal" --answer placed=yes \
        >"$told" 2>"$told.err" || got=$?
    [ "$got" = "$want" ] || fail "$*: expected exit status $want, got $got
$(cat "$told" "$told.err")"
    rig_released || fail "$1: an actuator is still on"
}

# ---- the threshold ----

profiles=$work/claims
unit eye
trace_clear
trace_on
on 0 characterize EYE-2 network-reset-shop --precision 300ms --max-presses 30 --unit E1 --unit-firmware 1 --json
trace_save "$RESULTS/characterize.trace"
assert_eq precise "$(jq -r .start.state "$told")" 'the search'
assert_eq false "$(jq .simulated "$told")" simulated
assert_between 1000 "$(jq .start.threshold_ms "$told")" 1400 'the threshold, in ms'
assert_between 1 "$(jq '.start.interval_ms | .[1] - .[0]' "$told")" 300 'the width of its interval, in ms'
jq -e 'all(.presses[]; .run and (.hold_ms < 1350 or .outcome == "reset") and (.hold_ms > 1050 or .outcome == "nothing"))' \
    "$told" >/dev/null || fail "a press that is not in the journal, or was not read: $(jq -c .presses "$told")"
presses=$(jq '.presses | length' "$told")
assert_eq "$presses" "$("$longpress" history --journal "$journal" --json | jq '.runs | length')" 'runs in the journal'
# What the kernel saw of each press, beside what was asked for.
jq -r '.presses[].hold_ms' "$told" >"$work/asked"
awk -v gpio="$(line_gpio power)" '
    $0 ~ "gpio_value: " gpio " set [01]" {
        for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { now = $i + 0; break }
        level = $NF
        if (level == 0 && !down) down = now
        if (level == 1 && down) { printf "%.1f\n", (now - down) * 1000; down = 0 }
    }' "$RESULTS/characterize.trace" >"$work/seen"
assert_eq "$presses" "$(wc -l <"$work/seen")" 'presses that the kernel saw'
paste "$work/asked" "$work/seen" | while read -r asked seen; do
    assert_between "$((${asked%.*} - 2))" "$seen" "$((${asked%.*} + 40))" "ms down, of $asked asked for"
done
note "threshold: $(jq -r '"\(.start.threshold_ms) ms, 95 % \(.start.interval_ms | join(" to "))"' "$told") after $presses presses"

# ---- which source is right ----

on 0 settle EYE-2 --json
assert_eq 'manual refuted, shop held' \
    "$(jq -r '[.claims[] | "\(.source) \(.state)"] | sort | join(", ")' "$told")" 'what was settled'

# ---- a profile of it ----

on 0 learn EYE-2 network-reset-shop --runs 3 --watch 5s --cooldown 1s --output "$work/learned/eye.yaml"
cp "$work/learned/eye.yaml" "$RESULTS/learned.yaml"
"$longpress" check "$work/learned/eye.yaml"
profiles=$work/learned
on 0 run EYE-2 network-reset-shop --json
assert_eq pass "$(jq -r .verdict "$told")" 'the learned profile on the same unit'
unit_stop
unit one-blink
on 1 run EYE-2 network-reset-shop --json
assert_eq fail "$(jq -r .verdict "$told")" 'the learned profile on a faulty unit'
note "a faulty unit, by what was learned: $(jq -r .reason "$told")"
unit_stop
