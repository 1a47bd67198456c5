# Sourced by lab: running scripts, each in a VM of its own, and judging what comes out.
#
# A VM has two serial ports: the first is its console, the second says `# run`, `# status N after S` and
# `# end`. The test's output and all that it leaves in $RESULTS come out in the image of results. All of
# it is in build/vm/NAME/ then: console.log, said.log, results/. What the guest did not report did not
# pass.

boot_allowance=60
default_timeout=60
vm_jobs=${LONGPRESS_VM_JOBS:-$(nproc)}
begin=''

# header SCRIPT WORD : what its line `# WORD: ...` says.
header() { sed -n "s/^# $2: \(.*\)$/\1/p" "$1" | head -n 1; }

# A script's `# timeout: SECONDS`, on the guest's clock.
script_timeout() {
    local seconds
    seconds=$(header "$1" timeout)
    printf '%s\n' "${seconds:-$default_timeout}"
}

# select_scripts DIR [NAME...] : the scripts of tests/vm/DIR into `scripts`, the longest first.
select_scripts() {
    local dir=$1 file name wanted found
    shift
    scripts=()
    for file in "$vm_dir/$dir"/*.sh; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .sh)
        # Other folders also hold files that their scripts source; those are not executable.
        [ -x "$file" ] || [ "$dir" = t ] || continue
        found=$(($# == 0))
        for wanted in "$@"; do
            if [[ $name == "${wanted%.sh}"* ]]; then
                found=1
            fi
        done
        if [ "$found" = 1 ]; then
            scripts+=("$(script_timeout "$file") $dir/$name.sh")
        fi
    done
    [ ${#scripts[@]} -gt 0 ] || die "no script in tests/vm/$dir is named like: ${*:-anything}"
    mapfile -t scripts < <(printf '%s\n' "${scripts[@]}" | sort -rn | cut -d' ' -f2-)
}

# run_scripts DIR [NAME...] : the closing line and the exit status are the verdict. Those that say so
# (`# real: yes`) run once more in real time, one after the other, for both processors are theirs.
run_scripts() {
    local script real=()
    select_scripts "$@"
    passed=0 failed=0
    if [ -z "$vm_real" ]; then
        say "virtual time: shift $vm_shift, seed $vm_seed${begin:+, tests begin after $begin s}"
        for script in "${scripts[@]}"; do
            [ "$(header "$vm_dir/$script" real)" != yes ] || real+=("$script")
        done
    else
        real=("${scripts[@]}")
        scripts=()
    fi
    run_all "$vm_jobs" "${scripts[@]}"
    vm_real=yes
    run_all 1 "${real[@]}"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

# run_all JOBS SCRIPT... : so many at once, adding to `passed` and `failed`.
run_all() {
    local jobs=$1 script pid status
    local -A running=() started=()
    shift
    for script; do
        [ ${#running[@]} -lt "$jobs" ] || one_ends
        vm_start "$script"
    done
    while [ ${#running[@]} -gt 0 ]; do
        one_ends
    done
}

# The name of a run, by which its folder goes.
run_name() {
    basename "$1" .sh | sed "s/\$/${vm_real:+-real}/"
}

# The instant at which a test begins, in seconds after the VM is up: another one for each seed and test.
begin_of() {
    printf '0.%03d\n' $((0x$(printf '%s %s' "$vm_seed" "$1" | sha256sum | cut -c1-8) % 1000))
}

vm_start() {
    local script=$1 name dir seconds processors asked=/dev/null
    name=$(run_name "$script")
    dir=$out/$name
    seconds=$(script_timeout "$vm_dir/$script")
    # In real time as long as the host makes it last.
    [ -z "$vm_real" ] || seconds=$((seconds * 5))
    rm -rf "$dir"
    mkdir -p "$dir"
    : >"$dir/console.log"
    : >"$dir/said.log"
    new_image "$dir/results.img" "$results_size"
    vm_settings "$dir/results.img" "script=$script" "timeout=$seconds" "seed=$vm_seed" "real=$vm_real" \
        "share=$share" "begin=${begin:-$(begin_of "$name")}"
    processors=$(header "$vm_dir/$script" processors)
    processors=${processors:-$vm_processors}
    vm_machine "$processors"
    if [ -z "$vm_real" ] && [ -z "$(header "$vm_dir/$script" disk)" ]; then
        setup_machine "$processors"
        vm_copy
        asked=$dir/asked
        mkfifo "$asked"
    fi
    vm_image "$cache/image/root.img" no
    vm_image "$out/tree.img" no
    vm_image "$dir/results.img" yes
    if [ -n "$(header "$vm_dir/$script" disk)" ]; then
        new_image "$dir/disk-log.img" 1G
        vm_image "$dir/disk-log.img" yes
    fi
    vm_kernel
    qemu+=(-serial "file:$dir/console.log" -serial "file:$dir/said.log")
    vm_run $((boot_allowance + 4 * seconds)) >"$dir/qemu.log" 2>&1 <>"$asked" &
    running[$!]=$script
    started[$!]=$(now_ms)
    [ "$asked" = /dev/null ] || copy_goes_on "$dir" &
}

# Waits until one of `running` is off, and judges it.
one_ends() {
    local pid status=0
    wait -n -p pid "${!running[@]}" || status=$?
    vm_judge "${running[$pid]}" "$status" $(($(now_ms) - ${started[$pid]}))
    unset "running[$pid]" "started[$pid]"
}

# What went wrong with the VM itself, if anything did.
vm_complaint() {
    local dir=$1 status=$2
    if grep -q '^# end$' "$dir/said.log"; then
        return
    elif grep -qE 'Kernel panic|Oops:|BUG:' "$dir/console.log"; then
        echo "the guest kernel crashed"
    elif [ "$status" = 137 ]; then
        echo "the VM was killed: it came to no end"
    else
        echo "the VM ended before its test did (qemu status $status)"
    fi
}

# vm_judge SCRIPT QEMU-STATUS HOST-MS
vm_judge() {
    local script=$1 name dir complaint line took verdict=ok
    name=$(run_name "$script")
    dir=$out/$name
    complaint=$(vm_complaint "$dir" "$2")
    mkdir -p "$dir/results"
    tar -xf "$dir/results.img" -C "$dir/results" 2>/dev/null || :
    rm -f "$dir/results.img"
    line=$(sed -n 's/^# status //p' "$dir/said.log")
    took="${line#* after } of its own time, $(seconds_of "$3") s of ours, $(sed -n 's/^cpu //p' "$dir/qemu.log") of them at work"
    if [ -n "$complaint" ] || [ "${line%% *}" != 0 ]; then
        verdict='not ok'
    elif [ -n "$(header "$vm_dir/$script" disk)" ] && ! power_cuts "$dir"; then
        verdict='not ok'
    fi
    if [ "$verdict" = ok ]; then
        passed=$((passed + 1))
        sed -n 's/^NOTE: /# note: /p' "$dir/results/output"
        [ "${script%%/*}" != bench ] || cat "$dir/results/output"
        printf 'ok - %s (%s)\n' "$name" "$took"
        return
    fi
    failed=$((failed + 1))
    if [ -n "$complaint" ]; then
        printf 'not ok - %s: %s\n' "$name" "$complaint"
        tail -n 40 "$dir/console.log" "$dir/qemu.log" | tr -d '\r' | sed 's/^/    /'
    else
        printf 'not ok - %s (%s)\n' "$name" "$took"
    fi
    sed 's/^/    /' "$dir/results/output" 2>/dev/null || :
}

# Guests that must be reported as failures, each with what the report has to say. Passing here means
# that lab would have failed.
run_selftest() {
    local good=0 bad=0 log=$out/selftest.log want text
    boot_allowance=20
    passed=0 failed=0
    run_all "$vm_jobs" selftest/{passes,fails,hangs,crashes,stands}.sh >"$log" 2>&1
    expect() {
        if eval "$2"; then
            good=$((good + 1))
            printf 'ok - selftest: %s\n' "$1"
        else
            bad=$((bad + 1))
            printf 'not ok - selftest: %s\n' "$1"
        fi
    }
    expect "one passed, four failed" '[ "$passed $failed" = "1 4" ]'
    expect "one that passes says nothing" '! grep -q "this line is not shown" "$log"'
    expect "what a failing one said is shown" 'grep -q "^    this line comes from the failing test$" "$log"'
    expect "where it failed is shown" 'grep -q "^    failed: .*fails.sh:3" "$log"'
    expect "one that hangs is ended, and said to be" 'grep -q "^    timed out after 3 s$" "$log"'
    expect "a kernel that crashes" 'grep -q "^not ok - crashes: the guest kernel crashed$" "$log"'
    expect "a machine that stands still" 'grep -q "^not ok - stands: the VM was killed: it came to no end$" "$log"'
    [ "$bad" = 0 ] || sed 's/^/    /' "$log"
    printf '%d passed, %d failed\n' "$good" "$bad"
    [ "$bad" = 0 ]
}
