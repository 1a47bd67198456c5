# Thresholds: one for each unit and series, and a firmware's from several knows how they differ; both
# ends of a window.
other=sim:hardware/sim/firmware/wh-1000xm5-threshold-6.4s.yaml
characterize() { longpress characterize WH-1000XM5 network-reset "$@" >/dev/null; }
characterize --bench sim --unit A --unit-firmware 2.3 --precision 60ms
characterize --bench $other --unit B --unit-firmware 2.3 --precision 60ms
characterize --bench sim --unit C --unit-firmware 2.4 --precision 60ms
longpress report -o $TMP/report.html
grep -oE '>[0-9]+ ms<|>unit .*<' $TMP/report.html
longpress compare WH-1000XM5 --firmware 2.3 --firmware 2.4 --limit 50ms --fail-on slower | head -9
# A unit's last series is the one that counts.
characterize --bench sim --unit C --unit-firmware 2.4 --precision 100ms --series again
longpress compare WH-1000XM5 --firmware 2.3 --firmware 2.4 | head -3
longpress report -o $TMP/report.html
# The hazard accepted only when the series is taken up again.
characterize --bench sim --unit D --unit-firmware 2.5 --max-presses 6
characterize --bench sim --unit D --unit-firmware 2.5 --precision 200ms --accept-hazard becomes-factory
characterize --bench sim --unit E --unit-firmware 2.6 --precision 200ms --accept-hazard becomes-factory
longpress report -o $TMP/report.html
grep -oE '<h3>[^<]*|hold that becomes [^<]*' $TMP/report.html
longpress compare WH-1000XM5 --firmware 2.4 --firmware 2.5 | grep -A3 '^hold'
longpress compare WH-1000XM5 --firmware 2.5 --firmware 2.6 -o $TMP/page.html | grep -A5 '^hold'
grep -c 'id="thresholds' $TMP/page.html
