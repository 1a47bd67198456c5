# Sourced by lab: booting the VM and judging what comes out of it.
#
# The VM has two serial ports: the first is its console (console.log), the second carries only the
# test protocol (tap.log): `1..N`, then for each test `# run NAME` and `ok|not ok I - NAME (S s)`,
# and `# end` when the guest got through. What the guest did not report did not pass.

share=$out/share
boot_allowance=60
default_timeout=60

# A script's `# timeout: SECONDS` line.
script_timeout() {
    local seconds
    seconds=$(sed -n 's/^# timeout: \([0-9]\{1,5\}\)$/\1/p' "$1" | head -n 1)
    printf '%s\n' "${seconds:-$default_timeout}"
}

# select_scripts DIR [NAME...] : the scripts of tests/vm/DIR in lexical order, into `scripts`.
select_scripts() {
    local dir=$1 file name wanted found
    shift
    scripts=()
    for file in "$vm_dir/$dir"/*.sh; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .sh)
        # A bench folder also holds files that its scripts source; those are not executable.
        [ -x "$file" ] || [ "$dir" != bench ] || continue
        found=$(($# == 0))
        for wanted in "$@"; do
            if [[ $name == "${wanted%.sh}"* ]]; then
                found=1
            fi
        done
        if [ "$found" = 1 ]; then
            scripts+=("$dir/$name.sh")
        fi
    done
    [ ${#scripts[@]} -gt 0 ] || die "no script in tests/vm/$dir is named like: ${*:-anything}"
}

# boot SECONDS QEMU-ARG... : one VM, from power on to power off; replaces the (sub)shell that calls
# it, so that it is lab's own child and is killed with it.
# The trace's clock is CLOCK_MONOTONIC, so that its stamps can be compared with a program's own. The
# interrupts are served on processor 0: a program pinned there that drives inputs is preempted by the
# edge it makes, and loses none of them down to a rhythm of half a millisecond.
boot() {
    local seconds=$1
    local kernel_args=(
        console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr random.trust_cpu=on
        trace_event=gpio:gpio_value trace_clock=mono irqaffinity=0
    )
    shift
    exec setpriv --pdeathsig KILL timeout --foreground --signal=KILL "$seconds" \
        setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
        -display none -no-reboot -nic none \
        -kernel "$cache/initramfs/vmlinuz" -initrd "$cache/initramfs/initramfs" \
        -append "${kernel_args[*]}" \
        -virtfs "local,path=$cache/root,mount_tag=root,security_model=none,readonly=on,id=root" \
        -virtfs "local,path=$share,mount_tag=results,security_model=none,id=results" "$@"
}

# fresh_share MODE [SCRIPT...] : an empty results share, with the guest's orders.
fresh_share() {
    local mode=$1 script
    shift
    rm -rf "$share"
    mkdir -p "$share"
    printf '%s\n' "$mode" >"$share/mode"
    for script in "$@"; do
        printf '%s %s\n' "$(script_timeout "$vm_dir/$script")" "$script"
    done >"$share/plan"
}

run_shell() {
    fresh_share shell
    say "booting; results written to /results appear in $share"
    (boot 86400 -serial mon:stdio)
}

# run_scripts DIR [NAME...] : the closing line and the exit status are the verdict.
run_scripts() {
    select_scripts "$@"
    run_selected
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

# One VM from power on to power off, its results shown as they come; what went wrong with the VM
# itself in `complaint`.
run_vm() {
    local total=$1 status=0 vm cuts='' vm_args=()
    complaint=''
    if has_script 90-power-cut; then
        power_cut_prepare
    fi
    : >"$out/console.log"
    : >"$out/tap.log"
    boot "$total" -monitor none -serial "file:$out/console.log" -serial "file:$out/tap.log" \
        "${vm_args[@]}" </dev/null &
    vm=$!
    if [ ${#vm_args[@]} -gt 0 ]; then
        power_cuts "$vm" &
        cuts=$!
    fi
    tail -n +1 -s 0.2 -f --pid="$vm" "$out/tap.log" | grep --line-buffered -v '^# \(run\|end\)' &
    wait "$vm" || status=$?
    wait $! || :
    if [ -n "$cuts" ]; then
        wait "$cuts" || :
    fi

    if grep -q '^# end$' "$out/tap.log"; then
        :
    elif grep -qE 'Kernel panic|Oops:|BUG:' "$out/console.log"; then
        complaint="the guest kernel crashed"
    elif [ "$status" = 137 ]; then
        complaint="the VM was killed after $total s"
    else
        complaint="the VM ended before its tests did (qemu status $status)"
    fi
    if [ -n "$complaint" ]; then
        say "error: $complaint; end of $out/console.log:"
        tail -n 40 "$out/console.log" | tr -d '\r' >&2
    fi
}

# Runs `scripts` in one VM, leaving the counts in `passed` and `failed`. An emulated processor now
# and then does not survive booting; that says nothing of what is tested, so a VM that did not come
# as far as its first test is booted once more.
run_selected() {
    local script seconds total=$boot_allowance start=$SECONDS complaint
    fresh_share run "${scripts[@]}"
    while read -r seconds script; do
        total=$((total + seconds + 10))
    done <"$share/plan"
    run_vm "$total"
    if [ -n "$complaint" ] && ! grep -q '^# run ' "$out/tap.log"; then
        say "the VM did not come as far as its first test: booting once more"
        run_vm "$total"
    fi

    passed=0 failed=0
    for script in "${scripts[@]}"; do
        if grep -q "^ok [0-9]* - $(basename "$script" .sh) (" "$out/tap.log"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            grep -q "^not ok [0-9]* - $(basename "$script" .sh) (" "$out/tap.log" ||
                printf 'not ok - %s did not finish: %s\n' "$(basename "$script" .sh)" "${complaint:-no result}"
        fi
    done
    # A guest may crash or hang after its last test.
    if [ -n "$complaint" ] && [ "$failed" = 0 ]; then
        failed=1
        printf 'not ok - the VM itself: %s\n' "$complaint"
    fi
    say "VM run took $((SECONDS - start)) s; logs and traces: $out"
}

# Guests that must be reported as failures, each with what the report has to say. Passing here means
# that lab would have failed.
run_selftest() {
    local good=0 bad=0 log=$out/selftest.log
    expect_run() {
        local want=$1 text=$2
        shift 2
        scripts=("$@")
        run_selected >"$log" 2>&1
        if [ "$passed passed, $failed failed" = "$want" ] && grep -qF -- "$text" "$log"; then
            good=$((good + 1))
            printf 'ok - %s: %s, "%s"\n' "${*##*/}" "$want" "$text"
        else
            bad=$((bad + 1))
            printf 'not ok - %s: expected "%s" and "%s", got "%d passed, %d failed" and:\n' \
                "${*##*/}" "$want" "$text" "$passed" "$failed"
            sed 's/^/    /' "$log"
        fi
    }
    expect_run "1 passed, 2 failed" "this line comes from the failing test" \
        selftest/fails.sh selftest/hangs.sh selftest/passes.sh
    expect_run "1 passed, 2 failed" "the guest kernel crashed" \
        selftest/passes.sh selftest/crashes.sh selftest/never-runs.sh
    printf '%d passed, %d failed\n' "$good" "$bad"
    [ "$bad" = 0 ]
}
