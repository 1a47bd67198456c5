# What cannot be reached is said; a range far beyond what may be tried is no evidence; a threshold
# that is probably outside of what was asked for is not found.
characterize() { longpress characterize WH-1000XM5 network-reset --bench sim --journal none "$@" 2>&1; }
characterize --precision 2ms --max-presses 20 | tail -n 22 | sed 's/^ *posterior.*/  posterior/'
echo "[status ${PIPESTATUS[0]}]"
characterize --to 1h --precision 200ms | sed -n '/looked for/p;/^SIM/,/scatter/p'
echo "[status ${PIPESTATUS[0]}]"
characterize --from 5630ms --precision 300ms | sed -n '/looked for/p;/^SIM/,/^threshold/p'
echo "[status ${PIPESTATUS[0]}]"
