# Sourced by the soaks that kill (programs/soak_kills.c): $stations of one chip, two buttons each. With one,
# nothing else is going on; with several, all press and are killed at once.
#
#   kills_make                  the chip, and $bench for it
#   kills NUMBER COUNT MODE     a share of COUNT kills, each of parent, keeper or both, MODE in words; what
#                               came of them goes into the figures. NUMBER goes into the seed
#   kills_figures MODE FILE     the same of what soak_kills has said
soak_kills=/src/longpress/build/vm-programs/soak_kills
stations=${stations:-A B C D}

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
    echo 32768 >"$tracing/buffer_size_kb"
    trace_on
}

# proof KINDS [ENVIRONMENT...] : that a line left active is seen, on lines that stay so whatever is done.
proof() {
    local kinds=$1 said
    shift
    # shellcheck disable=SC2086
    if said=$(env "$@" "$soak_kills" "$bench" 1 2 "$kinds" 0 "$longpress" $stations 2>&1); then
        fail "lines that stay active were not seen: what is proved here?"
    fi
    assert_contains "$said" 'a line is still active 5 s later'
}

kills() {
    local count=$((($2 + LAB_SHARE - 1) / LAB_SHARE)) said=$RESULTS/kills-$1 status=0
    trace_clear
    trace_on
    # shellcheck disable=SC2086
    "$soak_kills" "$bench" "$((LAB_SEED * 10 + $1))" "$count" pkb 10 "$longpress" $stations >"$said" || status=$?
    trace_save "$said.trace"
    kills_latencies "$said.trace" >"$said.latencies"
    kills_figures "$3" "$said"
    [ "$status" = 0 ] || fail "$(grep '^FAILED' "$said" | head -n 20)"
    assert_eq "$count" "$(grep -cE '^[A-D] [0-9]+ [pkb] ' "$said")" "kills"
    assert_eq "$count" "$(wc -l <"$said.latencies")" "kills in the record"
    gzip "$said.trace"
}

# kills_latencies TRACE : `STATION NUMBER KIND LATENCY_US` of each; the latency is that of the last line made
# inactive, or, if the kernel let it fall and so wrote nothing, at most until both had ended. `-`: nothing
# was active.
kills_latencies() {
    local station lines=''
    for station in $stations; do
        lines+=" $(line_gpio "${station}_power")=$station=1 $(line_gpio "${station}_nc")=$station=0"
    done
    awk -v lines="$lines" '
        BEGIN {
            n = split(lines, list, " ")
            for (i = 1; i <= n; i++) { split(list[i], part, "="); of[part[1]] = part[2]; active_level[part[1]] = part[3] }
        }
        /tracing_mark_write:|gpio_value:/ {
            for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { at = substr($i, 1, length($i) - 1); break }
        }
        /LOST/ { print "events were lost" }
        /tracing_mark_write: strike/ {
            station = $(NF - 2); struck[station] = at; told[station] = station " " $(NF - 1) " " $NF
            cut[station] = down[station] > 0; last[station] = 0
        }
        /tracing_mark_write: after/ {
            station = $NF
            if (cut[station]) {
                if (down[station] > 0) last[station] = at
                printf "%s %.0f\n", told[station], (last[station] - struck[station]) * 1e6
            } else {
                print told[station], "-"
            }
            for (line in of) if (of[line] == station) is_down[line] = 0
            down[station] = 0
        }
        /gpio_value:.* set / {
            line = $(NF - 2)
            if (line in of) {
                station = of[line]
                now_down = $NF == active_level[line]
                if (is_down[line] && !now_down) last[station] = at
                # Pressed between the kill and its being seen: it counts from the kill all the same.
                if (!is_down[line] && now_down) cut[station] = 1
                down[station] += now_down - is_down[line]
                is_down[line] = now_down
            }
        }' "$1"
}

kills_figures() {
    local kind name
    for kind in p k b; do
        case $kind in p) name='the parent' ;; k) name='the keeper' ;; *) name='both at once' ;; esac
        awk -v kind=$kind '$3 == kind && $4 != "-" { print $4 }' "$2.latencies" | sort -n |
            awk -v what="$1" -v name="$name" -v times="$(grep -cE "^[A-D] [0-9]+ $kind " "$2")" \
                -v failed="$(grep -c "^FAILED .*: $name, killed" "$2")" '
                { us[NR] = $1 }
                function nth(share) { return us[int((NR - 1) * share) + 1] }
                END {
                    printf "%s: %s killed %d times, %d left a line active; pressed then: %d", what, name, times, failed, NR
                    if (NR) printf ", inactive after p50 %d us, p99 %d us, max %d us", nth(0.5), nth(0.99), us[NR]
                    print ""
                }'
    done | tee -a "$RESULTS/figures"
}
