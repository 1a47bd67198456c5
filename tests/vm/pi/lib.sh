# Helpers for the tests on the emulated Raspberry Pi. Line 17 is power, 27 nc_ambient (active-low), as
# bench.yaml has them. Levels are the chip's own: GPLEV0, and whether a line is an output: GPFSEL1, 2.
#
#   level LINE | output LINE    1 or 0
#   pressed | released          conditions: power and nc_ambient are driven active; driven inactive
#   jog_start                   a press of 2.9 s of power begins; $parent, $keeper
#   wait_until CMD...           fails after 10 s
#   fail TEXT | note TEXT

bench=/tests/bench.yaml
persist=$(cat /sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs)
case $persist in Y | 1) persist=1 ;; *) persist=0 ;; esac

fail() {
    echo "FAILED: $*"
    for said in /tmp/jog /tmp/run.err /tmp/run /tmp/guard; do
        [ ! -s "$said" ] || { echo "$said:"; head -n 20 "$said"; }
    done
    exit 1
}
note() { echo "NOTE: $*"; }

level() { echo $((($(devmem 0x3f200034) >> $1) & 1)); }
output() {
    local register=$((0x3f200000 + $1 / 10 * 4))
    [ $((($(devmem $register) >> ($1 % 10 * 3)) & 7)) = 1 ] && echo 1 || echo 0
}
pressed() { [ "$(output 17) $(level 17)" = "1 1" ]; }
# An input is not driven: what its pull makes of it is the board's business, not emulated here.
released() {
    [ "$(output 17) $(level 17)" != "1 1" ] && [ "$(output 27) $(level 27)" != "1 0" ]
}
# Driven inactive by somebody, or left so.
held_inactive() { [ "$(output 17) $(level 17)" = "1 0" ]; }

now_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

wait_until() {
    local end=$(($(now_ms) + 10000))
    until "$@"; do
        [ "$(now_ms)" -lt "$end" ] || fail "not within 10 s: $*"
        usleep 10000
    done
}

ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status"; }

keeper_of() {
    local status
    for status in /proc/[0-9]*/status; do
        if grep -q "^PPid:.$1\$" "$status" 2>/dev/null && grep -q '^Name:.longpress-keep$' "$status"; then
            status=${status%/status}
            echo "${status#/proc/}"
        fi
    done
}

jog_start() {
    longpress jog A power --for 2900ms --bench "$bench" >/tmp/jog 2>&1 &
    parent=$!
    wait_until pressed
    keeper=$(keeper_of "$parent")
    [ -n "$keeper" ] || fail "no keeper of $parent"
}

expect() {
    local want=$1 got=0
    shift
    said=$("$@" 2>&1) || got=$?
    [ "$got" = "$want" ] || fail "status $got instead of $want from $*: $said"
}

contains() {
    case $1 in *"$2"*) ;; *) fail "no '$2' in: $1" ;; esac
}
