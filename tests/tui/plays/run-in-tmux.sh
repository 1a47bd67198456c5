# There is no detaching of our own: in tmux, a run goes on when the link of its client breaks.
set -euo pipefail
# shellcheck source=tests/tui/tmux.sh
. tests/tui/tmux.sh
trap tmux_stop EXIT
tmux_start 80 24 "$BUILD/longpress" run WH-1000XM5 --bench sim --pace real
tmux_attach
tmux_expect 'press'
tmux_drop_client
[ ! -e "$TMUX_WORK/status" ] || { echo 'the run was over before its client was lost'; exit 1; }
tmux_gone 90
[ "$(cat "$TMUX_WORK/status")" = 0 ]
