# Sourced by lab: messages, the lock, cached stages, and running things inside the root.

# What show_going wrote goes first.
clear_line() { [ ! -t 2 ] || printf '\r\033[K' >&2; }

say() {
    clear_line
    printf 'lab: %s\n' "$*" >&2
}

die() {
    clear_line
    printf 'lab: error: %s\n' "$*" >&2
    exit 1
}

usage_error() {
    printf 'lab: %s\n\n' "$*" >&2
    usage >&2
    exit 2
}

# The root file system's files belong to root and it is entered with chroot, so all runs as root;
# the results are handed back to the caller.
become_root() {
    if [ "$(id -u)" = 0 ]; then
        if [ -n "${SUDO_UID:-}" ]; then
            trap 'chown -R "$SUDO_UID:${SUDO_GID:-0}" "$tree/build" 2>/dev/null || :' EXIT
        fi
        return
    fi
    command -v sudo >/dev/null || die "the VM lab needs root (chroot, mmdebstrap): install sudo or run as root"
    say "not root: running again with sudo"
    local command=${1//_/-}
    shift
    exec sudo "LONGPRESS_VM_CACHE=$cache" "$vm_dir/lab" "$command" "$@"
}

# Every child inherits descriptor 9, so that the lock outlives a killed lab for as long as anything
# it started is still at work in the cache.
take_lock() {
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    if ! flock -n 9; then
        say "another run uses $cache: waiting for it"
        flock 9
    fi
    # Whatever an interrupted run left unfinished has such a name, and nothing else has.
    rm -rf --one-file-system "$cache"/*.tmp "$cache"/*.old
}

now_ms() { date +%s%3N; }

# seconds_of MS : with a tenth.
seconds_of() { printf '%d.%d\n' $(($1 / 1000)) $(($1 % 1000 / 100)); }

# timed WHAT COMMAND... : runs it and says how long it took; on a terminal also that it goes on, and
# how long it will, by how long it took last time.
timed() {
    local what=$1 start took last_file=$cache/took/${1//[^[:alnum:]]/-} going=''
    shift
    start=$(now_ms)
    if [ -t 2 ]; then
        show_going "$what" "$start" "$(cat "$last_file" 2>/dev/null)" 9>&- &
        going=$!
    fi
    "$@"
    took=$(($(now_ms) - start))
    if [ -n "$going" ]; then
        kill "$going" 2>/dev/null || :
        wait "$going" 2>/dev/null || :
        clear_line
    fi
    printf 'lab: %-44s %6s s\n' "$what" "$(seconds_of "$took")" >&2
    mkdir -p "$cache/took"
    printf '%s\n' "$took" >"$last_file"
}

# show_going WHAT START-MS LAST-MS : a line that is written over, until it is killed or lab is gone.
# LAST-MS may be empty: it was never done before.
show_going() {
    local what=$1 start=$2 last=$3 gone left
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        gone=$((($(now_ms) - start) / 1000))
        left=''
        if [ -n "$last" ]; then
            left=$((last / 1000 - gone))
            if [ "$left" -gt 0 ]; then
                left=", about $left s left"
            else
                left=", longer than the $((last / 1000)) s of last time"
            fi
        fi
        printf '\r\033[Klab: %s: %d s%s' "$what" "$gone" "$left" >&2
    done
}

# at_once FUNCTION... : all of them, side by side; it fails when one does.
at_once() {
    local function pid pids=() status=0
    for function; do
        $function &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    [ "$status" = 0 ] || exit "$status"
}

hash_text() { sha256sum | cut -c1-16; }

# stage NAME KEY MAKER : makes $cache/NAME with `MAKER DIR` unless it was made from the same KEY and
# the same MAKER. It appears under its name only when complete.
stage() {
    local name=$1 maker=$3 stamp
    stamp=$(printf '%s\n%s\n' "$2" "$(declare -f "$maker")" | hash_text)
    if [ "$(cat "$cache/$name/.lab-stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    mkdir "$cache/$name.tmp"
    timed "making $name" "$maker" "$cache/$name.tmp"
    printf '%s\n' "$stamp" >"$cache/$name.tmp/.lab-stamp"
    if [ -e "$cache/$name" ]; then
        mv -T "$cache/$name" "$cache/$name.old"
    fi
    mv -T "$cache/$name.tmp" "$cache/$name"
    rm -rf --one-file-system "$cache/$name.old"
}

stage_stamp() { cat "$cache/$1/.lab-stamp"; }

# quietly LOG COMMAND... : output goes to the log, which is shown when the command fails.
quietly() {
    local log=$1 status=0
    shift
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ]; then
        clear_line
        tail -n 60 "$log" >&2
        die "failed with status $status: $* (whole output: $log)"
    fi
}

# apart COMMAND... : in mount and PID namespaces of its own. Mounts made inside vanish with it and
# its children die with it, and it dies with lab, however that ends: nothing is left to clean up
# after Ctrl-C or a kill. In the background, because bash acts on a signal only between foreground
# commands.
apart() {
    setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child=KILL --mount-proc -- "$@" <&0 &
    wait $!
}

# in_root [--bind DIR AT] [--cd DIR] COMMAND... : runs a command inside the Debian 13 root.
in_root() {
    local bind='' at='' cd=/
    while :; do
        case $1 in
        --bind) bind=$2 at=$3 && shift 3 ;;
        --cd) cd=$2 && shift 2 ;;
        *) break ;;
        esac
    done
    apart sh -euc '
        root=$1 bind=$2 at=$3 cd=$4
        shift 4
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
        if [ -n "$bind" ]; then
            mount --bind "$bind" "$root$at"
        fi
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
            LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TERM=dumb \
            sh -euc '\''cd "$1" && shift && exec "$@"'\'' sh "$cd" "$@"
    ' sh "$cache/root" "$bind" "$at" "$cd" "$@"
}
