# timeout: 300
# What ends a run in the middle of a press: signals, the e-stop, a chip that goes. Everything is
# released each time, and the run says what happened.
. /src/longpress/tests/vm/rig.sh

rig_make
answers=(--answer placed=yes --answer battery=80 --answer power=on)

# In the middle of a press: begin one, and wait until the line is down.
begin_run() {
    json=$RESULTS/ending-$1.json
    "$longpress" run WH-1000XM5 --bench "$bench" --json "${answers[@]}" >"$json" 2>"$json.err" &
    run_pid=$!
    wait_until 10 line_is power 0
    sleep 0.5
}

end_run() {
    local want=$1 got=0
    wait "$run_pid" || got=$?
    assert_eq "$want" "$got" "exit status ($(cat "$json.err"))"
    json_is .verdict "$2"
}

for signal in INT TERM HUP; do
    unit_start wh-1000xm5
    begin_run "$signal"
    kill -"$signal" "$run_pid"
    wait_until 1 rig_released
    end_run 4 aborted
    unit_stop
done

unit_start wh-1000xm5
begin_run estop
set_pull estop up
wait_until 1 rig_released
end_run 4 aborted
set_pull estop down
unit_stop

# An e-stop that is pressed already: nothing begins.
set_pull estop up
expect_exit 5 "$longpress" run WH-1000XM5 --bench "$bench" "${answers[@]}"
assert_contains "$output" "e-stop"
set_pull estop down

# A line that somebody else holds: a clear error, and nothing moves.
gpioset nc_ambient=1 &
holder=$!
wait_until 5 line_used nc_ambient
expect_exit 5 "$longpress" run WH-1000XM5 --bench "$bench" "${answers[@]}"
assert_contains "$output" "in use"
assert_contains "$output" "gpioset"
kill "$holder"
wait "$holder" 2>/dev/null || :

# The chip goes while the button is down.
unit_start wh-1000xm5
begin_run unbind
chip_unbind rig
end_run 5 error
assert_contains "$(jq -r .reason "$json")$(cat "$json.err")" "gpiochip"
unit_stop

# And is not there at all.
expect_exit 5 "$longpress" run WH-1000XM5 --bench "$bench" "${answers[@]}"
assert_contains "$output" "error:"
