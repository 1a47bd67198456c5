# What never came in any run has no delay and no length; more runs would not tell more.
dark=sim:hardware/sim/firmware/wh-1000xm5-dead-led.yaml
for unit in 1 2 3 4 5 6; do
    longpress run WH-1000XM5 --bench sim --unit $unit --unit-firmware 2.3 >/dev/null
    longpress run WH-1000XM5 --bench $dark --unit $unit --unit-firmware 2.6 >/dev/null
done
longpress compare WH-1000XM5 network-reset --firmware 2.3 --firmware 2.6 | sed -n '/press to/,/time to disc/p'
longpress compare WH-1000XM5 network-reset --firmware 2.6 --firmware 2.3 | sed -n '/press to/,/time to disc/p'
longpress compare WH-1000XM5 network-reset --firmware 2.3 --firmware 2.6 --limit 100ms --fail-on slower >/dev/null
echo "[status $?]"
longpress compare WH-1000XM5 network-reset --firmware 2.3 --firmware 2.6 --json |
    jq -c '.comparisons[] | select(.measure == "led-begins" or .measure == "led-lasts") | [.conclusion, .difference, .low, .more_of_other, .other_missing]'
longpress compare WH-1000XM5 network-reset --firmware 2.3 --firmware 2.6 -o $TMP/page.html >/dev/null
grep -o '2.6: never in 6' $TMP/page.html | sort -u
