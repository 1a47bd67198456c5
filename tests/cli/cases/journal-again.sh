# A run is kept, listed, shown as it was printed, and judged again: with today's profile, with
# another, with the one it was made with.
longpress run WH-1000XM5 --bench sim --operator ada >$TMP/printed
longpress run WH-1000XM5 --bench sim:hardware/sim/firmware/wh-1000xm5-dead-led.yaml --unit 5012345 \
    --operator ada >$TMP/printed-2
dates='s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5,8}/WHEN/'
longpress history | sed -E "$dates"
longpress history --verdict pass | sed -E "$dates"
longpress show 1 >$TMP/shown
head -1 $TMP/shown | sed -E "$dates"
tail -n +2 $TMP/shown | cmp - $TMP/printed && echo same
longpress show 2 | tail -n +2 | cmp - $TMP/printed-2 && echo same
longpress judge 1
sed '/led: {/s/blue x2, white x1/blue x3, white x1/' profiles/wh-1000xm5.yaml >$TMP/other.yaml
longpress judge 1 --profile $TMP/other.yaml
echo "[status $?]"
longpress judge 1 --kept-profile --json | grep verdict
longpress judge 1 --profile profiles/wf-1000xm4.yaml
