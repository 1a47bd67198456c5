# There is no detaching of our own: in tmux, the screens and their runs go on when the link of its
# client breaks, and the verdict is there when a new client comes.
set -euo pipefail
# shellcheck source=tests/tui/tmux.sh
. tests/tui/tmux.sh
trap tmux_stop EXIT
TMP=$(mktemp -d)
trap 'tmux_stop; rm -rf "$TMP"' EXIT

tmux_start 80 24 env XDG_STATE_HOME="$TMP" XDG_CONFIG_HOME="$TMP" "$BUILD/longpress" --bench sim4 --pace 4
tmux_attach
tmux_expect 'nothing run yet'
tmux_keys Enter
tmux_expect 'Choose a model'
tmux_keys -l 'over-ear 1000xm5 net'
tmux_keys Enter
tmux_expect 'on station A'
tmux_keys -l 'TMUX-1'
tmux_keys Enter
tmux_expect 's at the latest'
tmux_drop_client
[ ! -e "$TMUX_WORK/status" ] || { echo 'the program went with its client'; exit 1; }
tmux_attach
tmux_expect 'needed observations were as expected'
tmux_expect 'unit TMUX-1'
tmux_expect 'Verdict'
tmux_keys q
tmux_expect '> A'
tmux_keys q
tmux_gone
[ "$(cat "$TMUX_WORK/status")" = 0 ]
XDG_STATE_HOME=$TMP "$BUILD/longpress" history | grep 'PASS.*TMUX-1\|TMUX-1.*pass' >/dev/null

# The command line's run, too.
tmux_stop
tmux_start 80 24 "$BUILD/longpress" run WH-1000XM5 --bench sim --pace real --journal none
tmux_attach
tmux_expect 'press'
tmux_drop_client
[ ! -e "$TMUX_WORK/status" ] || { echo 'the run was over before its client was lost'; exit 1; }
tmux_gone 90
[ "$(cat "$TMUX_WORK/status")" = 0 ]
