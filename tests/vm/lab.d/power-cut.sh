# Sourced by lab: the host's part of tests whose disk is recorded (`# disk: logged`): the power is cut
# there, `cut_count` times, at random places of the record. Each cut is a disk with all that had been
# flushed by then and some of what had not, and check-power-cut looks at it.

cut_count=100

# power_cuts DIR : of a run that has ended; says what was found, or what was not.
power_cuts() {
    local dir=$1 job first pids=() pid status=0 cuts claimed broken_off in_log
    for ((job = 0; job < vm_jobs; job++)); do
        first=$((cut_count * job / vm_jobs))
        in_root --bind "$dir" /mnt --cd "$root_tree" tests/vm/check-power-cut /mnt/disk-log.img "$vm_seed" \
            "$first" $((cut_count * (job + 1) / vm_jobs - 1)) >"$dir/cuts-$job.log" 2>&1 </dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    read -r cuts claimed broken_off in_log < <(cat "$dir"/cuts-*.log |
        awk '$1 == "counts" { a += $2; b += $3; c += $4; d += $5 } END { print a + 0, b + 0, c + 0, d + 0 }')
    if [ "$status" != 0 ]; then
        grep -hv '^counts ' "$dir"/cuts-*.log | sed 's/^/    /'
        return 1
    fi
    rm -f "$dir/disk-log.img"
    echo "# note: $cuts cuts, $claimed times a committed run or copy was looked for and found, $broken_off runs broke" \
        "off and were marked, $in_log cuts with a log to recover"
    # Otherwise the cuts were where nothing was going on.
    [ "$cuts" = "$cut_count" ] && [ "$broken_off" -gt 0 ] && [ "$in_log" -gt 0 ]
}
