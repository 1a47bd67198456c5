# Sourced by tests that run longpress on a whole simulated station: one gpio-sim chip with every
# line, the bench file for it, and longpress-dut as the unit.
#
#   rig_make                      the chip, and $bench for it
#   unit_start FIRMWARE [OPT...]  the unit of hardware/sim/firmware/FIRMWARE.yaml begins to play, with
#                                 these options of longpress-dut
#   unit_says TEXT                a condition: it has said that
#   unit_stop
#   rig_run STATUS MODEL ARG...   longpress run MODEL --bench $bench --json ARG..., into $json
#   json_is WHAT WANT             a member of it, by a path such as .verdict
#   expectation KIND              the result of one expectation

. /src/longpress/tests/vm/rig-lines.sh

rig_make() {
    # shellcheck disable=SC2086
    chip_make rig $rig_lines
    # A line that nobody holds falls back to its pull: a relay board's inputs are pulled up.
    for line in $rig_actuators; do
        set_pull "$line" up
    done
    bench=$RESULTS/bench.yaml
    rig_bench >"$bench"
    "$longpress" check "$bench"
}

unit_start() {
    local firmware=$1
    shift
    rm -f "$RESULTS"/unit-*.log
    unit_log=$RESULTS/unit-$firmware.log
    /src/longpress/build/longpress-dut "$@" "/src/longpress/hardware/sim/firmware/$firmware.yaml" \
        "$bench" rig >"$unit_log" 2>&1 &
    unit_pid=$!
    wait_until 10 unit_says ' ready '
}

unit_says() { file_says "$unit_log" "$1"; }

# A unit whose chip went ends by itself.
unit_stop() {
    kill "$unit_pid" 2>/dev/null || :
    wait "$unit_pid" 2>/dev/null || :
}

rig_run() {
    local want=$1 got=0 model=$2
    shift 2
    json=$RESULTS/run-${model// /-}-$RANDOM.json
    "$longpress" run "$model" --bench "$bench" --json "$@" >"$json" 2>"$json.err" || got=$?
    [ "$got" = "$want" ] || fail "$model: expected exit status $want, got $got
$(cat "$json.err" "$json")"
}

json_is() { assert_eq "$2" "$(jq -r "$1" "$json")" "$1"; }

expectation() { jq -r ".expectations[] | select(.what == \"$1\") | .result" "$json"; }

unit_stop_all() { pkill -x longpress-dut || :; }

# Every actuator is inactive (they are active-low on this rig: 1).
rig_released() {
    # shellcheck disable=SC2086
    [ "$(lines_value $rig_actuators)" = 111111 ]
}
