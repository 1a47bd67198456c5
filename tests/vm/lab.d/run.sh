# Sourced by lab: booting the VM and judging what comes out of it.
#
# A VM has two serial ports: the first is its console (console.log), the second carries only the
# test protocol (tap.log; console-1.log, tap-1.log and so on for those that run at once): `1..N`, then for each test `# run NAME` and `ok|not ok I - NAME (S s)`,
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

# boot VM SECONDS QEMU-ARG... : one VM, from power on to power off; replaces the (sub)shell that calls
# it, so that it is lab's own child and is killed with it.
# The trace's clock is CLOCK_MONOTONIC, so that its stamps can be compared with a program's own. The
# interrupts are served on processor 0: a program pinned there that drives inputs is preempted by the
# edge it makes, and loses none of them down to a rhythm of half a millisecond.
boot() {
    local vm=$1 seconds=$2
    local kernel_args=(
        console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr random.trust_cpu=on
        trace_event=gpio:gpio_value trace_clock=mono irqaffinity=0
        "lab.plan=plan-$vm"
    )
    shift 2
    exec setpriv --pdeathsig KILL timeout --foreground --signal=KILL "$seconds" \
        setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 \
        -display none -no-reboot -nic none \
        -kernel "$cache/initramfs/vmlinuz" -initrd "$cache/initramfs/initramfs" \
        -append "${kernel_args[*]}" \
        -virtfs "local,path=$cache/root,mount_tag=root,security_model=none,readonly=on,id=root" \
        -virtfs "local,path=$share,mount_tag=results,security_model=none,id=results" "$@"
}

# fresh_share MODE : an empty results share, with the guests' mode.
fresh_share() {
    rm -rf "$share"
    mkdir -p "$share"
    printf '%s\n' "$1" >"$share/mode"
}

run_shell() {
    fresh_share shell
    say "booting; results written to /results appear in $share"
    (boot 0 86400 -serial mon:stdio)
}

# run_scripts DIR [NAME...] : the closing line and the exit status are the verdict.
run_scripts() {
    select_scripts "$@"
    run_selected
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

# Which VMs are there: `scripts` by place. Tests that say `# waits: yes` spend their time waiting for a
# radio, and are not about microseconds: with LONGPRESS_VM_SHARE=yes two VMs share them, at once. That
# is quicker, and on two processors now and then too much for an emulated bluetoothd. All others have
# the machine for themselves. VM 0 goes first; 1 and 2 are the two.
share_out() {
    local script seconds total=(0 0 0) vm
    vm_scripts=('' '' '')
    for script in "${scripts[@]}"; do
        seconds=$(script_timeout "$vm_dir/$script")
        vm=0
        if [ "${LONGPRESS_VM_SHARE-}" = yes ] && grep -q '^# waits: yes$' "$vm_dir/$script"; then
            vm=$((total[1] <= total[2] ? 1 : 2))
        fi
        total[vm]=$((total[vm] + seconds))
        vm_scripts[vm]+="$script "
    done
}

vm_file() { echo "$out/$1$([ "$2" = 0 ] || echo "-$2").log"; }

# vm_start VM : boots it, with its scripts as its plan.
vm_start() {
    local vm=$1 total=$boot_allowance seconds script vm_args=()
    for script in ${vm_scripts[vm]}; do
        seconds=$(script_timeout "$vm_dir/$script")
        total=$((total + seconds + 10))
        printf '%s %s\n' "$seconds" "$script"
    done >"$share/plan-$vm"
    if [[ " ${vm_scripts[vm]}" == *'/90-power-cut.sh '* ]]; then
        power_cut_prepare
    fi
    : >"$(vm_file console "$vm")"
    : >"$(vm_file tap "$vm")"
    boot "$vm" "$total" -monitor none -serial "file:$(vm_file console "$vm")" \
        -serial "file:$(vm_file tap "$vm")" "${vm_args[@]}" </dev/null &
    vm_pid[vm]=$!
    vm_total[vm]=$total
    vm_cuts[vm]=''
    if [ ${#vm_args[@]} -gt 0 ]; then
        power_cuts "${vm_pid[vm]}" &
        vm_cuts[vm]=$!
    fi
    tail -n +1 -s 0.2 -f --pid="${vm_pid[vm]}" "$(vm_file tap "$vm")" |
        grep --line-buffered -v '^# \(run\|end\)' &
    vm_tail[vm]=$!
}

# vm_end VM : waits until it is off; what went wrong with the VM itself is in `vm_complaint`.
vm_end() {
    local vm=$1 status=0 console complaint=''
    console=$(vm_file console "$vm")
    wait "${vm_pid[vm]}" || status=$?
    wait "${vm_tail[vm]}" || :
    if [ -n "${vm_cuts[vm]}" ]; then
        wait "${vm_cuts[vm]}" || :
    fi
    if grep -q '^# end$' "$(vm_file tap "$vm")"; then
        :
    elif grep -qE 'Kernel panic|Oops:|BUG:' "$console"; then
        complaint="the guest kernel crashed"
    elif [ "$status" = 137 ]; then
        complaint="the VM was killed after ${vm_total[vm]} s"
    else
        complaint="the VM ended before its tests did (qemu status $status)"
    fi
    if [ -n "$complaint" ]; then
        say "error: $complaint; end of $console:"
        tail -n 40 "$console" | tr -d '\r' >&2
    fi
    vm_complaint[vm]=$complaint
}

# vms_run VM... : at once. An emulated processor now and then does not survive booting; that says
# nothing of what is tested, so a VM that did not come as far as its first test is booted once more.
vms_run() {
    local vm
    for vm; do
        vm_start "$vm"
    done
    for vm; do
        vm_end "$vm"
    done
    for vm; do
        if [ -n "${vm_complaint[vm]}" ] && ! grep -q '^# run ' "$(vm_file tap "$vm")"; then
            say "the VM did not come as far as its first test: booting once more"
            vm_start "$vm"
            vm_end "$vm"
        fi
    done
}

# vm_judge VM : counts into `passed` and `failed`.
vm_judge() {
    local vm=$1 script name tap bad=0
    tap=$(vm_file tap "$vm")
    for script in ${vm_scripts[vm]}; do
        name=$(basename "$script" .sh)
        if grep -q "^ok [0-9]* - $name (" "$tap"; then
            passed=$((passed + 1))
        else
            bad=$((bad + 1))
            grep -q "^not ok [0-9]* - $name (" "$tap" ||
                printf 'not ok - %s did not finish: %s\n' "$name" "${vm_complaint[vm]:-no result}"
        fi
    done
    # A guest may crash or hang after its last test.
    if [ -n "${vm_complaint[vm]}" ] && [ "$bad" = 0 ]; then
        bad=1
        printf 'not ok - the VM itself: %s\n' "${vm_complaint[vm]}"
    fi
    failed=$((failed + bad))
}

# Runs `scripts`, leaving the counts in `passed` and `failed`.
run_selected() {
    local vm start=$SECONDS at_once=()
    local vm_scripts=() vm_pid=() vm_tail=() vm_cuts=() vm_total=() vm_complaint=()
    share_out
    fresh_share run
    if [ -n "${vm_scripts[0]}" ]; then
        vms_run 0
    fi
    for vm in 1 2; do
        [ -z "${vm_scripts[vm]}" ] || at_once+=("$vm")
    done
    if [ ${#at_once[@]} -gt 0 ]; then
        vms_run "${at_once[@]}"
    fi
    passed=0 failed=0
    for vm in 0 1 2; do
        [ -z "${vm_scripts[vm]}" ] || vm_judge "$vm"
    done
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
