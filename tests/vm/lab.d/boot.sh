# Sourced by lab: one VM, from power on to power off.
#
# In virtual time (`vm_real` empty) the VM's clock counts instructions, 2^vm_shift ns each: waiting takes
# no time at all, a busy host holds nothing up, and a run with the same seed goes the same way. So
# nothing in it may wait for the host: root, tree and results are memory (DIMMs that are image files, of
# which it writes only the results), and its clock begins at the same date each time.
# In real time (`vm_real=yes`) two processors truly run at once, each as fast as the host allows.

vm_shift=2
vm_seed=1
vm_real=''
vm_processors=2
vm_date=2026-01-01T00:00:00

# vm_machine [PROCESSORS] : the machine; each image becomes /dev/pmem0, 1 and so on, in the order of the calls.
vm_machine() {
    qemu=(qemu-system-x86_64 -machine pc,nvdimm=on -cpu max -m 1024,slots=8,maxmem=16G
        -smp "${1:-$vm_processors}" -display none -monitor none -no-reboot -nic none -seed "$vm_seed")
    if [ -n "$vm_real" ]; then
        qemu+=(-accel tcg,thread=multi)
    else
        qemu+=(-accel tcg,thread=single -icount "shift=$vm_shift,align=off,sleep=off"
            -rtc "base=$vm_date,clock=vm")
    fi
    images=0
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
    qemu+=(-kernel "$cache/initramfs/vmlinuz" -initrd "$cache/initramfs/initramfs" -append "${arguments[*]}")
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
