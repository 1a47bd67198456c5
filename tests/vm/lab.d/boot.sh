# Sourced by lab: one VM, from power on to power off.
#
# In virtual time (`vm_real` empty) the VM's clock counts instructions, 2^vm_shift ns each: waiting takes
# no time at all, a busy host holds nothing up, and a run with the same seed goes the same way. So
# nothing in it may wait for the host: root, tree and results are memory (DIMMs that are image files, of
# which it writes only the results), and its clock begins at the same date each time.
# In real time (`vm_real=yes`) two processors truly run at once, each as fast as the host allows.
#
# Booting takes an emulated processor ten seconds, so most VMs do not: one was booted once, and stopped when it
# was about to mount the tree (guest/init). Its memory and its state are in $cache/machine-PROCESSORS-SHIFT, and
# a test goes on with a copy of it.

vm_shift=2
vm_seed=1
vm_real=''
vm_processors=2
vm_date=2026-01-01T00:00:00

# vm_machine [PROCESSORS] : the machine; each image becomes /dev/pmem0, 1 and so on, in the order of the calls.
vm_machine() {
    qemu=(qemu-system-x86_64 -machine pc,nvdimm=on,memory-backend=ram -cpu max -m 1024,slots=8,maxmem=16G
        -smp "${1:-$vm_processors}" -display none -monitor none -no-reboot -nic none -seed "$vm_seed"
        -device pvpanic)
    vm_memory=(memory-backend-ram)
    if [ -n "$vm_real" ]; then
        qemu+=(-accel tcg,thread=multi)
    else
        qemu+=(-accel tcg,thread=single -icount "shift=$vm_shift,align=off,sleep=off"
            -rtc "base=$vm_date,clock=vm")
    fi
    images=0
}

# vm_memory_file FILE yes|no : the machine's memory; is what it writes to be in the file?
vm_memory_file() {
    local shared=on
    [ "$2" = yes ] || shared=off
    vm_memory=(memory-backend-file "mem-path=$1" "share=$shared")
}

# vm_image FILE yes|no : is what the VM writes to it to be in the file?
vm_image() {
    local file=$1 kept=on
    [ "$2" = yes ] || kept=off
    qemu+=(-object "memory-backend-file,id=image$images,mem-path=$file,size=$(stat -c %s "$file"),share=$kept"
        -device "nvdimm,id=dimm$images,memdev=image$images")
    images=$((images + 1))
}

# The trace's clock is CLOCK_MONOTONIC, so that its stamps can be compared with a program's own. The
# interrupts are served on processor 0: a program pinned there that drives inputs is preempted by the
# edge it makes, and loses none of them down to a rhythm of half a millisecond.
vm_kernel() {
    local arguments=(
        console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr random.trust_cpu=on
        trace_event=gpio:gpio_value trace_clock=mono irqaffinity=0
        "lab.images=$images" "$@"
    )
    qemu+=(-object "$(IFS=, && echo "${vm_memory[*]}"),id=ram,size=1G"
        -kernel "$cache/initramfs/vmlinuz" -initrd "$cache/initramfs/initramfs" -append "${arguments[*]}")
}

# vm_settings FILE NAME=VALUE... : for guest/start, at the end of the image of results.
vm_settings() {
    local file=$1
    shift
    printf '%s\n' "$@" | dd of="$file" bs=4096 seek=$(($(stat -c %s "$file") / 4096 - 1)) conv=notrunc status=none
}

# What is asked of qemu itself, in its own protocol, by standard input.
vm_asked() { qemu+=(-chardev stdio,id=asked -mon chardev=asked,mode=control); }

# What is shared is in its file already: neither side of a copy is to move it.
ask_begin='{"execute": "qmp_capabilities"}
{"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": "x-ignore-shared", "state": true}, {"capability": "events", "state": true}]}}'

# setup_machine PROCESSORS : sees to it that the machine to be copied is there, for `vm_shift`; its folder is in `machine`.
setup_machine() {
    local name=machine-$1-$vm_shift
    machine_processors=$1
    stage "$name" "$(stage_stamp image) $(stage_stamp initramfs) $(qemu-system-x86_64 --version)
        $(declare -f vm_machine vm_image vm_kernel vm_memory_file)" make_machine
    machine=$cache/$name
}

make_machine() {
    local dir=$1 qemu images vm_memory vm_seed=1 vm_real='' line from to pid
    new_image "$dir/tree.img" "$tree_size"
    new_image "$dir/results.img" "$results_size"
    vm_machine "$machine_processors"
    vm_memory_file "$dir/memory" yes
    vm_image "$cache/image/root.img" yes
    vm_image "$dir/tree.img" yes
    vm_image "$dir/results.img" yes
    vm_kernel lab.copied
    vm_asked
    # One that is about to be copied says so by a panic.
    qemu+=(-action panic=pause
        -serial "file:$dir/console.log" -serial null)
    coproc original { vm_run 300 2>"$dir/qemu.log"; }
    from=${original[0]} to=${original[1]} pid=$original_PID
    echo "$ask_begin" >&"$to"
    machine_says '"GUEST_PANICKED"'
    echo "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"exec:cat >$dir/state\"}}" >&"$to"
    until [[ $line == *'"completed"'* ]]; do
        sleep 0.1
        echo '{"execute": "query-migrate"}' >&"$to"
        machine_says '"status"'
        [[ $line != *'"failed"'* ]] || die "the machine cannot be copied: $line"
    done
    echo '{"execute": "quit"}' >&"$to"
    wait "$pid" || :
    rm -f "$dir/tree.img" "$dir/results.img"
}

# Of make_machine: reads until qemu says this, into `line`.
machine_says() {
    while IFS= read -rt 600 -u "$from" line; do
        [[ $line != *"$1"* ]] || return 0
    done
    tail -n 20 "$dir/console.log" "$dir/qemu.log" >&2
    die "the machine that tests are to begin from came to no end"
}

# vm_copy : the machine is a copy of the one in $machine; copy_goes_on sees to the rest.
vm_copy() {
    vm_memory_file "$machine/memory" no
    vm_asked
    qemu+=(-incoming defer)
}

# copy_goes_on DIR : asks the VM whose standard input is the pipe DIR/asked, and whose output is DIR/qemu.log, to
# take the state over, and when it has done so, to go on.
copy_goes_on() {
    local tries asked
    exec {asked}<>"$1/asked"
    printf '%s\n' "$ask_begin" \
        "{\"execute\": \"migrate-incoming\", \"arguments\": {\"uri\": \"exec:cat $machine/state\"}}" >&"$asked"
    for ((tries = 0; tries < 3000; tries++)); do
        if grep -qs '"status": "completed"' "$1/qemu.log"; then
            echo '{"execute": "cont"}' >&"$asked"
            return
        fi
        sleep 0.02
    done
}

# vm_run SECONDS : runs `qemu` for so many seconds of a processor at most, however long a busy host makes
# them last (twenty times that ends it in any case), and says at last `cpu SECONDS`. Replaces the (sub)shell
# that calls it, so that it is lab's own child and is killed with it.
vm_run() {
    exec setpriv --pdeathsig KILL bash -c '
        TIMEFORMAT="cpu %0U"
        time setpriv --pdeathsig KILL timeout --foreground --signal=KILL "$@"' \
        bash $(($1 * 20)) setpriv --pdeathsig KILL prlimit --cpu="$1" "${qemu[@]}"
}

# A machine and its copies have images of the same sizes.
tree_size=512M
results_size=256M

# new_image FILE SIZE : an empty one.
new_image() {
    rm -f "$1"
    truncate -s "$2" "$1"
}

run_shell() {
    vm_real=yes
    mkdir -p "$out/shell"
    new_image "$out/shell/results.img" 64M
    vm_machine
    vm_image "$cache/image/root.img" no
    vm_image "$out/tree.img" no
    vm_image "$out/shell/results.img" yes
    vm_kernel
    qemu+=(-serial mon:stdio)
    say "booting, in real time"
    (vm_run 86400)
}
