# Sourced by lab: what is done thousands of times, for its figures. Kills and resets (soak/*.sh) in VMs,
# power cuts (t/90-power-cut.sh) in one VM and on the host, first starts of a journal on the host. `share`
# divides all of it.
#
# A script in soak/ does its $LAB_SHARE-th and leaves what it found in $RESULTS/figures, a line each.

share=1
soak_cuts=1000
soak_starts=500

# run_soak [NAME...] : the figures come last, and how to repeat what failed.
run_soak() {
    local script start=$SECONDS
    [[ $share =~ ^[1-9][0-9]*$ ]] || usage_error "--share: a number from 1 on, not '$share'"
    select_soaks "$@"
    say "soak: seed $vm_seed, share 1/$share"
    passed=0 failed=0
    cut_count=$(share_of $soak_cuts)
    : >"$out/soak.log"
    logged run_all "$vm_jobs" "${scripts[@]}"
    [ "$with_starts" = 0 ] || logged start_together
    printf '\nsoak: seed %s, share 1/%s, after %d s; processor of ours: %s\n' "$vm_seed" "$share" \
        $((SECONDS - start)) "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
    for script in "${scripts[@]}"; do
        soak_figures "$(run_name "$script")"
    done
    sed -n 's/^started together: /  journals: /p' "$out/soak.log"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ] || grep '^not ok - ' "$out/soak.log" | sed 's/^not ok - \([^ :]*\).*/\1/' | while read -r script; do
        echo "again: tests/vm/lab soak --seed $vm_seed --share $share ${script}"
    done
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# select_soaks [NAME...] : into `scripts`, and whether journals are started together into `with_starts`.
select_soaks() {
    local name cuts=0 named=()
    with_starts=0
    if [ $# = 0 ]; then
        select_scripts soak
        scripts+=(t/90-power-cut.sh)
        with_starts=1
        return
    fi
    for name; do
        case $name in
        90*) cuts=1 ;;
        start*) with_starts=1 ;;
        *) named+=("$name") ;;
        esac
    done
    scripts=()
    [ ${#named[@]} = 0 ] || select_scripts soak "${named[@]}"
    [ "$cuts" = 0 ] || scripts+=(t/90-power-cut.sh)
}

# logged COMMAND... : in this shell, so that what it starts ends with it, and what it counts is counted.
logged() {
    local log log_pid
    exec {log}> >(exec tee -a "$out/soak.log")
    log_pid=$!
    "$@" >&"$log"
    exec {log}>&-
    wait "$log_pid"
}

share_of() { printf '%d\n' $((($1 + share - 1) / share)); }

start_together() {
    local status=0
    in_root --cd "$root_tree" env "LONGPRESS=$BUILD_GCC/longpress" tests/cli/start-together \
        "$(share_of $soak_starts)" </dev/null 2>&1 || status=$?
    if [ "$status" = 0 ]; then
        passed=$((passed + 1))
        echo 'ok - start-together'
    else
        failed=$((failed + 1))
        echo 'not ok - start-together'
    fi
}

soak_figures() {
    if [ -e "$out/$1/results/figures" ]; then
        sed 's/^/  /' "$out/$1/results/figures"
    elif [ "$1" = 90-power-cut ]; then
        sed -n 's/^# note: \([0-9]* cuts, \)/  power: \1/p' "$out/soak.log"
    else
        echo "  $1: came to no figures"
    fi
}
