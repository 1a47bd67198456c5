#!/usr/bin/env bash
# The tmux helper: a program goes on when its client is lost, and what is waited for in vain fails.
#     BUILD=build tests/tui/tmux-selftest.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/tui/tmux.sh
. tests/tui/tmux.sh
trap tmux_stop EXIT
tmux_start 80 24 "${BUILD:-build}/tests/tui/puppet"
tmux_attach
tmux_expect 'key none'
tmux_keys Down
tmux_expect 'KEY_DOWN'
tmux_drop_client
tmux_keys Up
tmux_expect 'KEY_UP'
if tmux_expect 'never there' 1 2>/dev/null; then echo 'a text that is not there was found'; exit 1; fi
if tmux_gone 1 2>/dev/null; then echo 'a program that runs was taken as gone'; exit 1; fi
tmux_attach
tmux_keys x
tmux_gone
[ "$(cat "$TMUX_WORK/status")" = 3 ]
