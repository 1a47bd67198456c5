# Doctor, a press by hand, and a run without LED, on the Pi's own driver.
expect 0 longpress doctor --bench "$bench"
contains "$said" "gpiochip0"
contains "$said" "power: gpiochip0:17 (GPIO17): free"
if [ "$persist" = 1 ]; then
    contains "$said" "pinctrl_bcm2835: persist_gpio_outputs is on"
else
    contains "$said" "pinctrl_bcm2835: persist_gpio_outputs is off"
fi
contains "$said" "the service is not running"

expect 0 longpress jog A power --for 200ms --bench "$bench"
contains "$said" "released"
released || fail "power is down after a jog"

# The longest that its help allows.
jog_start
wait "$parent" || fail "jog: $(cat /tmp/jog)"
released || fail "power is down after a jog of 2.9 s"

# Nobody sees the LED: inconclusive, and released at once.
longpress run WH-1000XM5 --bench "$bench" --answer placed=yes --answer battery=80 --answer power=on --journal /tmp/runs.db --json >/tmp/run 2>/tmp/run.err &
run=$!
wait_until pressed
status=0
wait "$run" || status=$?
[ "$status" = 3 ] || fail "status $status of a run without LED: $(cat /tmp/run.err)"
grep -q '"verdict": *"inconclusive"' /tmp/run || fail "$(cat /tmp/run)"
released || fail "a button is down after a run"
note "a run without LED: $(grep -o '"verdict": *"[a-z]*"' /tmp/run | head -n 1)"
