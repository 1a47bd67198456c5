# A unit that has passed is left out; not so with a firmware that it has not passed with, nor for a
# unit whose serial number differs in letter case alone.
batch() { printf '%s\n' ab cd | longpress batch WH-1000XM5 --serials - --bench sim4 --stations A "$@"; }
batch --unit-firmware 2.3.1
echo 'once more, and where nobody says which version it is'
batch --unit-firmware 2.3.1
batch
echo 'a newer one'
batch --unit-firmware 2.4.0 --no-retry
batch --unit-firmware 2.4.0
echo 'back to the old one: what was last is known of the newer'
echo ab | longpress batch WH-1000XM5 --serials - --bench sim4 --stations A --unit-firmware 2.3.1
# A serial number that is another simulated unit now has not passed.
echo 'another simulated unit'
echo ab | longpress batch WH-1000XM5 --serials - --bench sim4:hardware/sim/firmware/wh-1000xm5-dead-led.yaml \
    --stations A --no-retry
