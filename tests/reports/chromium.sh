#!/usr/bin/env bash
# A page in headless Chromium: loaded from a file with all network cut off, its drawings (lines with
# MARK, a pattern) counted in the page as the browser built it, photographed light and dark, printed.
#     tests/reports/chromium.sh PAGE.html OUTDIR MARK COUNT
# OUTDIR gets light.png, dark.png, narrow.png, report.pdf and dom.html.
set -euo pipefail
html=$(realpath "$1") out=$2 mark=$3 count=$4
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
seen=$(grep -c "$mark" "$out/dom.html" || true)
[ "$seen" = "$count" ] || fail "$seen drawings in the page, expected $count"
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
