# Stopped after five presses, and taken up again by the same command; another unit is another series.
longpress characterize WH-1000XM5 network-reset --bench sim --precision 200ms --max-presses 5 |
    tail -n 8
echo
longpress characterize WH-1000XM5 network-reset --bench sim --precision 200ms
status=$?
echo
longpress history --procedure network-reset:threshold --json | grep -c '"run"'
longpress characterize WH-1000XM5 network-reset --bench sim --unit 1 --max-presses 1 | grep -c 'taken up'
longpress characterize WH-1000XM5 network-reset --series other --bench sim --max-presses 1 |
    grep -c 'taken up'
longpress characterize WH-1000XM5 network-reset --max-presses 1 \
    --bench sim:hardware/sim/firmware/wh-1000xm5-threshold-7.6s.yaml | grep -c 'taken up'
exit $status
