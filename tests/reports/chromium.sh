#!/usr/bin/env bash
# The HTML report in headless Chromium: loaded from a file with all network cut off, its drawings
# counted in the page as the browser built it, photographed light and dark, and printed.
#     tests/reports/chromium.sh REPORT.html OUTDIR DRAWINGS
# OUTDIR gets light.png, dark.png, narrow.png, report.pdf and dom.html.
set -euo pipefail
html=$(realpath "$1") out=$2 drawings=$3
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "SKIP: no Chromium on this machine (Debian: apt-get install chromium)" >&2
    exit 77
}
mkdir -p "$out"
profile=$(mktemp -d) && trap 'rm -rf "$profile"' EXIT
# A proxy that is not there: whatever the page asks of a network fails.
chromium() {
    rm -rf "$profile"/p && timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic \
        --no-first-run --disable-background-networking --disable-component-update --disable-sync \
        --disable-dev-shm-usage --hide-scrollbars --proxy-server=127.0.0.1:9 \
        --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$profile/p" "$@" 2>"$profile/log"
}
fail() { echo "not ok: $*" >&2; exit 1; }

chromium --dump-dom "file://$html" >"$out/dom.html" || fail "the page did not load"
seen=$(grep -c '<svg [^>]*aria-labelledby="run[0-9]*-title' "$out/dom.html" || true)
[ "$seen" = "$drawings" ] || fail "$seen drawings of runs in the page, expected $drawings"
grep -q '<rect class="press"' "$out/dom.html" || fail "no press is drawn"
grep -q '<rect class="window"' "$out/dom.html" || fail "no window is drawn"
! grep -qiE '<(script|iframe|img|link|object|embed)[ >]' "$out/dom.html" || fail "something foreign is in the page"
chromium --window-size=1200,2400 --screenshot="$out/light.png" "file://$html"
chromium --window-size=1200,2400 --blink-settings=preferredColorScheme=0 \
    --screenshot="$out/dark.png" "file://$html"
chromium --window-size=560,1600 --screenshot="$out/narrow.png" "file://$html"
chromium --no-pdf-header-footer --print-to-pdf="$out/report.pdf" "file://$html"
for picture in light dark narrow; do
    [ "$(head -c 8 "$out/$picture.png" | tail -c 7 | head -c 3)" = PNG ] || fail "$picture.png is no picture"
done
[ "$(head -c 5 "$out/report.pdf")" = %PDF- ] || fail "report.pdf is no PDF"
cmp -s "$out/light.png" "$out/dark.png" && fail "dark looks like light"
echo "ok: $seen drawings, light, dark, narrow and on paper"
