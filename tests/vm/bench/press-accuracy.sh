# timeout: 480
# How exact are 100 ms presses, by the kernel's own record? gpioset and a minimal nanosleep program
# beside longpress, in one run: idle and with the processor busy, one line and a chord of two. In virtual
# time and on one processor nothing disturbs them: this is each program's own error.

hold_ms=100
gap_ms=10
rounds=4           # contenders take turns
presses=50         # a round: 200 presses in all
chords=13          # a round: 52 chords in all
contenders=(gpioset peer_nanosleep longpress)

. /src/longpress/tests/vm/bench/longpress.sh

gpioset_presses() {
    local count=$1 hold=$2 i periods=
    shift 2
    for ((i = 1; i < count; i++)); do
        periods+=${hold}ms,${gap_ms}ms,
    done
    gpioset -t "$periods${hold}ms,0" "${@/%/=1}"
}

peer_nanosleep_presses() {
    local count=$1 hold=$2
    shift 2
    "$tools/peer_nanosleep" "$dev" "$count" "$hold" "$gap_ms" "$@"
}

# record FILE CONTENDER COUNT LINE...
record() {
    local file=$1 contender=$2 count=$3
    shift 3
    trace_clear
    trace_on
    "${contender}_presses" "$count" "$hold_ms" "$@" || return
    trace_save "$file"
}

chip_make rig power nc_ambient
dev=$(chip_dev rig)
unmeasured=
declare -A figure

measure_all() {
    local load=$1 round contender
    for ((round = 1; round <= rounds; round++)); do
        for contender in "${contenders[@]}"; do
            [[ " $unmeasured " != *" $contender "* ]] || continue
            record "$RESULTS/$contender-$load-press-$round" "$contender" "$presses" power &&
                record "$RESULTS/$contender-$load-chord-$round" "$contender" "$chords" power nc_ambient ||
                unmeasured+=" $contender"
        done
    done
}

# Into figure[CONTENDER LOAD MEASURE QUANTILE].
analyse() {
    local contender=$1 load=$2 kind measure n median p99 max args
    for kind in press chord; do
        # shellcheck disable=SC2046
        if [ "$kind" = press ]; then
            args=($(line_args power))
        else
            args=(--chord $(line_args power nc_ambient))
        fi
        press_trace --nominal $((hold_ms * 1000)) "${args[@]}" "$RESULTS/$contender-$load-$kind-"* \
            >"$RESULTS/$contender-$load-$kind.table"
        while read -r measure n median p99 max; do
            # A chord's own duration is not what is compared: those of single presses are.
            if [[ $kind == press && $measure == error || $measure == *_skew ]]; then
                figure[$contender $load $measure median]=$median
                figure[$contender $load $measure p99]=$p99
                figure[$contender $load $measure max]=$max
                figure[$contender $load $measure n]=$n
            fi
        done <"$RESULTS/$contender-$load-$kind.table"
    done
}

report() {
    local load measure quantile key
    printf '%d presses of %d ms and %d chords, us\n' $((rounds * presses)) "$hold_ms" $((rounds * chords))
    printf '%-7s %-13s %-7s %12s %15s %12s\n' load measure at "${contenders[@]}"
    for load in idle loaded; do
        for measure in error press_skew release_skew; do
            for quantile in median p99 max; do
                key="$load $measure $quantile"
                printf '%-7s %-13s %-7s %12s %15s %12s\n' "$load" "$measure" "$quantile" \
                    "${figure[gpioset $key]:--}" "${figure[peer_nanosleep $key]:--}" "${figure[longpress $key]:--}"
            done
        done
    done
}

measure_all idle
load_start
measure_all loaded
load_stop
for contender in "${contenders[@]}"; do
    if [[ " $unmeasured " != *" $contender "* ]]; then
        analyse "$contender" idle
        analyse "$contender" loaded
    fi
done
report | tee "$RESULTS/table"
[ -z "$unmeasured" ] || fail "not measured:$unmeasured"
