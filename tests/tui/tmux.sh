# Sourced: a tmux server of a test's own, and a client on a terminal of its own that can be lost.
#     tmux_start WIDTH HEIGHT COMMAND...   a server, and the command in its only window
#     tmux_attach                          a client on a terminal of its own
#     tmux_drop_client                     its terminal goes away, as when an SSH link breaks
#     tmux_keys KEY...                     as `tmux send-keys` takes them
#     tmux_screen                          what the window shows
#     tmux_expect TEXT [SECONDS]           wait for it; the screen and 1 when it does not come
#     tmux_gone [SECONDS]                  wait until the command has ended
#     tmux_stop                            the server, the client and the folder go
# The window's command writes its exit status to $TMUX_WORK/status.
# Sourced by bash; no shebang line of its own.
# shellcheck shell=bash

tmux_start() {
    TMUX_WORK=$(mktemp -d)
    TMUX_SOCKET=$TMUX_WORK/socket
    local width=$1 height=$2 words
    shift 2
    # Not the user's own shell, which may be of another kind, or none.
    printf '%s\n' 'set -g status off' 'set -g default-shell /bin/sh' >"$TMUX_WORK/tmux.conf"
    words=$(printf ' %q' "$@")
    env -u TMUX TERM=xterm-256color LC_ALL=C.UTF-8 tmux -u -S "$TMUX_SOCKET" -f "$TMUX_WORK/tmux.conf" \
        new-session -d -x "$width" -y "$height" \
        "$words; echo \$? >$TMUX_WORK/status.new; mv $TMUX_WORK/status.new $TMUX_WORK/status"
}

tmux_do() { env -u TMUX LC_ALL=C.UTF-8 tmux -u -S "$TMUX_SOCKET" "$@"; }

# The client sits on a terminal that `script` made: when script is killed, the terminal is gone.
tmux_attach() {
    env -u TMUX TERM=xterm-256color LC_ALL=C.UTF-8 \
        SHELL=/bin/sh script -qefc "tmux -u -S $TMUX_SOCKET attach" /dev/null >/dev/null 2>&1 < <(exec tail -f --pid=$$ /dev/null) &
    TMUX_CLIENT=$!
    local i
    for i in $(seq 1200); do
        [ -n "$(tmux_do list-clients 2>/dev/null)" ] && return 0
        sleep 0.05
    done
    echo 'no client came to tmux' >&2
    return 1
}

tmux_drop_client() {
    local i
    kill -KILL "$TMUX_CLIENT"
    wait "$TMUX_CLIENT" 2>/dev/null || true
    for i in $(seq 1200); do
        [ -z "$(tmux_do list-clients 2>/dev/null)" ] && return 0
        sleep 0.05
    done
    echo 'the client is still there' >&2
    return 1
}

tmux_keys() { tmux_do send-keys "$@"; }
tmux_screen() { tmux_do capture-pane -p; }

tmux_expect() {
    local i
    for i in $(seq $((${2:-60} * 20))); do
        tmux_screen 2>/dev/null | grep -qF -- "$1" && return 0
        sleep 0.05
    done
    echo "not on the screen: $1" >&2
    tmux_screen >&2
    return 1
}

tmux_gone() {
    local i
    for i in $(seq $((${1:-60} * 20))); do
        [ -e "$TMUX_WORK/status" ] && return 0
        sleep 0.05
    done
    echo 'the command still runs' >&2
    return 1
}

tmux_stop() {
    [ -n "${TMUX_WORK-}" ] || return 0
    [ -z "${TMUX_CLIENT-}" ] || kill -KILL "$TMUX_CLIENT" 2>/dev/null || true
    tmux_do kill-server 2>/dev/null || true
    rm -rf "$TMUX_WORK"
}
