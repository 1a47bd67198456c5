# Sourced by the soaks that kill (programs/soak_kills.c): four stations of one chip, two buttons each.
#
#   kills_make                  the chip, and $bench for it
#   kills NUMBER COUNT MODE     a share of COUNT kills, each of parent, keeper or both, MODE in words; what
#                               came of them goes into the figures. NUMBER goes into the seed
#   kills_figures MODE FILE     the same of what soak_kills has said
soak_kills=/src/longpress/build/vm-programs/soak_kills
stations='A B C D'

kills_make() {
    local station lines=()
    bench=$RESULTS/bench.yaml
    {
        echo 'bench: soak'
        echo 'keeper: { heartbeat: 1 s, spin: 0 s, priority: 50 }'
        echo 'stations:'
        for station in $stations; do
            lines+=("${station}_power" "${station}_nc")
            cat <<Y
  $station:
    actuators:
      power: { line: ${station}_power, kind: relay, max_on: 10 s }
      nc_ambient: { line: ${station}_nc, active: low, kind: relay, max_on: 10 s }
Y
        done
    } >"$bench"
    chip_make rig "${lines[@]}"
    for station in $stations; do
        set_pull "${station}_nc" up
    done
}

# proof KINDS [ENVIRONMENT...] : that a line left active is seen, on lines that stay so whatever is done.
proof() {
    local kinds=$1 said
    shift
    # shellcheck disable=SC2086
    if said=$(env "$@" "$soak_kills" "$bench" 1 4 "$kinds" 0 "$longpress" $stations 2>&1); then
        fail "lines that stay active were not seen: what is proved here?"
    fi
    assert_contains "$said" 'a line is still active 5 s later'
}

kills() {
    local count=$((($2 + LAB_SHARE - 1) / LAB_SHARE)) said=$RESULTS/kills-$1 status=0
    # shellcheck disable=SC2086
    "$soak_kills" "$bench" "$((LAB_SEED * 10 + $1))" "$count" pkb 10 "$longpress" $stations >"$said" || status=$?
    kills_figures "$3" "$said"
    [ "$status" = 0 ] || fail "$(grep '^FAILED' "$said" | head -n 20)"
    assert_eq "$count" "$(grep -cE '^[A-D] [0-9]+ [pkb] ' "$said")" "kills"
}

kills_figures() {
    local kind name
    for kind in p k b; do
        case $kind in p) name='the parent' ;; k) name='the keeper' ;; *) name='both at once' ;; esac
        awk -v kind=$kind '$3 == kind && $5 == "held" && $7 != "-" { print $7 }' "$2" | sort -n |
            awk -v what="$1" -v name="$name" -v times="$(awk -v kind=$kind '$3 == kind' "$2" | wc -l)" \
                -v failed="$(grep -c "^FAILED .*: $name, killed" "$2")" '
                { us[NR] = $1 }
                function nth(share) { return us[int((NR - 1) * share) + 1] }
                END {
                    printf "%s: %s killed %d times, %d left a line active; held then: %d", what, name, times, failed, NR
                    if (NR) printf ", inactive after p50 %d us, p99 %d us, max %d us", nth(0.5), nth(0.99), us[NR]
                    print ""
                }'
    done | tee -a "$RESULTS/figures"
}
