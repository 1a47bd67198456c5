# Helpers for the tests that run inside the VM. Sourced before each of them, under `set -e`; a test
# ends at its first failing command. Everything made here is gone with its VM.
#
#   chip_make DEVICE LINE...     a gpio-sim chip; LINE is a name, or - for one without
#   chip_unbind DEVICE           take the chip away while it is in use; chip_bind brings it back
#   chip_remove DEVICE
#   chip_dev DEVICE              its /dev/gpiochipN
#   line_dir NAME                sysfs folder of a line, with the files pull and value
#   line_gpio NAME               its global GPIO number, as the kernel's trace has it
#   set_pull NAME up|down        drive an input
#   keep_levels 1|0              a line whose owner dies keeps its level, as on a Raspberry Pi; 0, to
#                                which the lab returns after the test: it falls back to its pull
#   line_value NAME              0 or 1, as the hardware side sees it
#   line_is NAME 0|1             the same as a condition, for wait_until
#   line_used NAME               a condition: some program holds it
#   lines_value NAME...          the same for many, in one string such as 010
#   trace_clear | trace_on | trace_off       the kernel's record of every line written
#   trace_mark TEXT              a remark in that record
#   trace_save FILE              switch off and keep the record
#   press_trace ARG...           the analyser, see press_trace.c
#   line_args NAME...            `--line NAME=GPIO` for each, for press_trace
#   load_start | load_stop       all processors busy
#   bt_start [ARG...]            system bus, two virtual controllers in each other's reach, and a
#                                bluetoothd (with ARGs) that has both; bt_stop takes all of it away
#   bt_rig | bt_unit             object path of the adapter that is the rig's, the unit's
#   bt_rig_address | bt_unit_address
#   bt_get PATH INTERFACE NAME   a property in org.bluez, as busctl prints it without its type
#   bt_set PATH INTERFACE NAME TYPE VALUE
#   bt_is PATH INTERFACE NAME VALUE          the same as a condition
#   bt_find NAME                 object path of the device that the rig's adapter sees by this name
#   bt_record FILE | bt_record_stop          all that is said on the system bus, a JSON line each
#   bt_hand NAME                 a client of org.bluez, see bt_hand.c; what it says is in
#                                $RESULTS/NAME.hand; bt_tell NAME LINE gives it a line
#   bt_said NAME TEXT            a condition: it has said that
#   bt_ask NAME WORD...          give it the line `wait WORD...` and wait for the answer, which is
#                                then in $output: `ok`, or the error's name and message
#   wait_until SECONDS CMD...    until the command succeeds; fails after SECONDS, in real time ten times that
#   file_says FILE TEXT          a condition
#   assert_eq WANT GOT [WHAT]    assert_contains TEXT PART    assert_between LOW VALUE HIGH [WHAT]
#   expect_exit CODE CMD...      runs it; its output is in $output
#   fail TEXT                    note TEXT (shown even when the test passes)
#
# $RESULTS is a folder that the host has afterwards as build/vm/TEST/results/. $LAB_REAL says `yes` in real
# time; $LAB_SEED is the number that all that is random follows from.

sim_config=/sys/kernel/config/gpio-sim
tracing=/sys/kernel/tracing
tools=/src/longpress/build-lab
longpress=/src/longpress/build/longpress
load_pids=()
bt_pids=()
declare -A bt_hands=()
# Nothing ever comes out of this one.
exec {nothing}<> <(:)

fail() {
    printf 'FAILED: %s\n' "$*"
    return 1
}

note() { printf 'NOTE: %s\n' "$*"; }

assert_eq() {
    [ "$1" = "$2" ] || fail "${3:-value}: expected '$1', got '$2'"
}

assert_contains() {
    case $1 in
    *"$2"*) ;;
    *) fail "expected '$2' in: $1" ;;
    esac
}

# Decimals are allowed in all three.
assert_between() {
    awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN {
        exit !(value ~ /^-?[0-9.]+$/ && value + 0 >= low + 0 && value + 0 <= high + 0)
    }' || fail "${4:-value}: expected $1 to $3, got '$2'"
}

expect_exit() {
    local want=$1 got=0
    shift
    output=$("$@" 2>&1) || got=$?
    [ "$got" = "$want" ] || fail "expected exit status $want, got $got from: $*
$output"
}

# Forking and executing are what emulated processors are slow at: what is asked again and again is asked
# without, and a condition that takes long is asked less often.
wait_until() {
    # In real time the host may be busy with other things.
    local seconds=$(($1 * (${LAB_REAL:+9} + 1))) end began_us pause_us pause
    end=$((${EPOCHREALTIME/./} + seconds * 1000000))
    shift
    until began_us=${EPOCHREALTIME/./} && "$@"; do
        [ "${EPOCHREALTIME/./}" -lt "$end" ] || fail "not within $seconds s: $*" || return
        pause_us=$(((${EPOCHREALTIME/./} - began_us) * 3))
        [ "$pause_us" -gt 20000 ] || pause_us=20000
        printf -v pause '%d.%06d' $((pause_us / 1000000)) $((pause_us % 1000000))
        read -rt "$pause" -u "$nothing" || :
    done
}

# file_says FILE TEXT : a condition, without a fork.
file_says() {
    local text=''
    [ ! -e "$1" ] || IFS= read -rd '' text <"$1" || :
    [[ $text == *"$2"* ]]
}

chip_make() {
    local device=$1 bank=$sim_config/$1/bank0 name number=0 named=()
    shift
    mkdir -p "$bank"
    echo $# >"$bank/num_lines"
    for name in "$@"; do
        [ "$name" = - ] || named+=("$bank/line$number")
        number=$((number + 1))
    done
    [ ${#named[@]} = 0 ] || mkdir "${named[@]}"
    number=0
    for name in "$@"; do
        [ "$name" = - ] || echo "$name" >"$bank/line$number/name"
        number=$((number + 1))
    done
    chip_bind "$device"
}

chip_bind() {
    echo 1 >"$sim_config/$1/live"
    # devtmpfs makes the node at once; this fails early if it did not.
    [ -c "$(chip_dev "$1")" ] || fail "chip $1 has no device node"
}

chip_unbind() { echo 0 >"$sim_config/$1/live"; }

chip_remove() {
    # The kernel refuses to take away a chip that already is.
    if [ "$(cat "$sim_config/$1/live")" = 1 ]; then
        chip_unbind "$1"
    fi
    rmdir "$sim_config/$1"/bank*/line* 2>/dev/null || :
    rmdir "$sim_config/$1"/bank* "$sim_config/$1"
}

chip_dev() { echo "/dev/$(<"$sim_config/$1/bank0/chip_name")"; }

# The functions whose names begin with an underscore leave what they found in $REPLY.

_line_find() {
    local file name
    for file in "$sim_config"/*/bank*/line*/name; do
        if read -r name <"$file" && [ "$name" = "$1" ]; then
            REPLY=${file%/name}
            return
        fi
    done 2>/dev/null
    fail "no simulated line is named $1" >&2
}

_line_dir() {
    local line chip device
    _line_find "$1" || return
    line=$REPLY
    read -r chip <"${line%/*}/chip_name"
    read -r device <"${line%/*/*}/dev_name"
    REPLY=/sys/devices/platform/$device/$chip/sim_gpio${line##*/line}
}

_line_value() {
    _line_dir "$1" || return
    read -r REPLY <"$REPLY/value"
}

line_dir() {
    _line_dir "$1" || return
    echo "$REPLY"
}

line_gpio() {
    local line chip base
    _line_find "$1" || return
    line=$REPLY
    read -r chip <"${line%/*}/chip_name"
    base=$(sed -n "s/^$chip: .*GPIOs \([0-9]*\)-.*/\1/p" /sys/kernel/debug/gpio)
    [ -n "$base" ] || fail "the kernel does not list the chip of $1" >&2 || return
    echo $((base + ${line##*/line}))
}

set_pull() {
    case $2 in
    up | down) ;;
    *) fail "set_pull: up or down, not '$2'" || return ;;
    esac
    _line_dir "$1" || return
    echo "pull-$2" >"$REPLY/pull"
}

keep_levels() { echo "$1" >/sys/module/gpio_simk/parameters/keep_levels; }

line_value() {
    _line_value "$1" || return
    echo "$REPLY"
}

line_is() {
    _line_value "$1" || return
    [ "$REPLY" = "$2" ]
}

line_used() { gpioinfo "$1" | grep -q 'consumer='; }

lines_value() {
    local name values=''
    for name in "$@"; do
        _line_value "$name" || return
        values+=$REPLY
    done
    echo "$values"
}

trace_clear() { : >"$tracing/trace"; }

# The event itself is enabled from boot on and stays so. Enabling it rewrites kernel code that the other
# processor is running, which an emulated one now and then does not survive in real time.
trace_on() { echo 1 >"$tracing/tracing_on"; }

trace_off() { echo 0 >"$tracing/tracing_on"; }

trace_mark() { echo "$*" >"$tracing/trace_marker"; }

trace_save() {
    trace_off
    cat "$tracing/trace" >"$1"
}

press_trace() { "$tools/press_trace" "$@"; }

line_args() {
    local name
    for name in "$@"; do
        printf -- '--line %s=%s ' "$name" "$(line_gpio "$name")"
    done
}

load_start() {
    local cpu
    for ((cpu = 0; cpu < $(nproc); cpu++)); do
        taskset -c "$cpu" bash -c 'while :; do :; done' &
        load_pids+=($!)
    done
}

load_stop() {
    kill "${load_pids[@]}"
    wait "${load_pids[@]}" 2>/dev/null || :
    load_pids=()
}

bt_start() {
    # Loaded only here: the other tests do without, and boot sooner.
    modprobe -a hci_vhci rfcomm
    mkdir -p /run/dbus
    dbus-daemon --system --fork
    # BR/EDR only: with a dual controller, BlueZ tries LE for 40 s where BR/EDR failed.
    "$tools/btvirt" -B -l2 >"$RESULTS/btvirt.log" 2>&1 &
    bt_pids=($!)
    bt_daemon_start "$@"
}

bt_daemon_start() {
    /usr/libexec/bluetooth/bluetoothd -n "$@" >>"$RESULTS/bluetoothd.log" 2>&1 &
    bt_pids[1]=$!
    wait_until 60 bt_is "$(bt_rig)" org.bluez.Adapter1 Powered true
    wait_until 60 bt_is "$(bt_unit)" org.bluez.Adapter1 Powered true
}

# The processes may be those of another shell: the test's, of which only these names are left.
bt_stop() {
    pkill -x 'bt_hand|bluetoothd|btvirt|busctl|dbus-daemon' || :
    [ ${#bt_pids[@]} = 0 ] || wait "${bt_pids[@]}" 2>/dev/null || :
    bt_pids=()
    # Keys and names, which the next start would find again.
    rm -rf /run/dbus/* /var/lib/bluetooth
}

bt_rig() { echo /org/bluez/hci0; }

bt_unit() { echo /org/bluez/hci1; }

bt_get() {
    busctl --system --timeout=10 get-property org.bluez "$@" | sed 's/^[a-z]* //; s/^"\(.*\)"$/\1/'
}

bt_set() { busctl --system --timeout=10 set-property org.bluez "$@"; }

bt_is() { [ "$(bt_get "$1" "$2" "$3" 2>/dev/null)" = "$4" ]; }

bt_rig_address() { bt_get "$(bt_rig)" org.bluez.Adapter1 Address; }

bt_unit_address() { bt_get "$(bt_unit)" org.bluez.Adapter1 Address; }

bt_find() {
    busctl --system --json=short call org.bluez / org.freedesktop.DBus.ObjectManager \
        GetManagedObjects | jq -er --arg adapter "$(bt_rig)/" --arg name "$1" '.data[0] | to_entries[]
        | select((.key | startswith($adapter)) and .value["org.bluez.Device1"].Name.data == $name)
        | .key'
}

bt_record() {
    busctl --system --json=short monitor >"$1" 2>"$1.err" &
    bt_recorder=$!
    wait_until 10 _bt_recorded "$1"
}

# It is not told when recording began: something is said until it is there.
_bt_recorded() {
    bt_rig_address >/dev/null
    [ -s "$1" ]
}

bt_record_stop() {
    kill "$bt_recorder"
    wait "$bt_recorder" 2>/dev/null || :
}

bt_hand() {
    rm -f "/tmp/$1.hand"
    mkfifo "/tmp/$1.hand"
    "$tools/bt_hand" <"/tmp/$1.hand" >"$RESULTS/$1.hand" 2>&1 &
    # Held open from here: a fifo whose last writer leaves has ended.
    exec {bt_hands[$1]}>"/tmp/$1.hand"
    rm "/tmp/$1.hand"
    wait_until 10 bt_said "$1" 'on the bus'
}

bt_tell() { echo "$2" >&"${bt_hands[$1]}"; }

bt_said() { file_says "$RESULTS/$1.hand" "$2"; }

bt_ask() {
    local name=$1 before
    shift
    before=$(grep -c " $3: " "$RESULTS/$name.hand" || :)
    bt_tell "$name" "wait $*"
    wait_until 90 _bt_answered "$name" "$3" "$before"
    output=$(grep " $3: " "$RESULTS/$name.hand" | tail -n 1 | sed "s/^[0-9.]* $3: //")
}

_bt_answered() { [ "$(grep -c " $2: " "$RESULTS/$1.hand")" -gt "$3" ]; }
