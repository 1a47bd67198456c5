# Sourced by lab: the host's side of t/90-power-cut.sh.
#
# The VM has a disk for it, an image file. A cut: all of qemu's threads are stopped by SIGSTOP, the
# image is copied as it is then, and they go on. What the copy holds is what SIGKILL at that instant
# would leave, to the byte: what the VM's disk had been given is in the file, what the guest had in
# its memory (and had not synced) is gone. So one boot gives a hundred cuts, each as good as a kill
# and a boot of its own. A disk that loses what was written and not flushed is not played here but in
# tests/unit/test_journal_faults.c.

cut_count=100
cut_dir=$out/power-cut

# The disk; what qemu is told of it goes into `vm_args`.
power_cut_prepare() {
    rm -rf "$cut_dir"
    mkdir -p "$cut_dir"
    truncate -s 24M "$cut_dir/disk.img"
    in_root --bind "$cut_dir" /mnt mke2fs -q -t ext4 -b 1024 /mnt/disk.img
    vm_args+=(-drive "file=$cut_dir/disk.img,format=raw,if=virtio,cache=writeback")
}

# all_stopped PID : is every thread of it stopped?
all_stopped() {
    local stat line
    for stat in /proc/"$1"/task/*/stat; do
        line=$(cat "$stat" 2>/dev/null) || continue
        line=${line##*) }
        [ "${line%% *}" = T ] || return 1
    done
}

# power_cuts PID-OF-BOOT : beside the VM, until the cuts are made; then the guest is told to go on.
power_cuts() {
    local vm=$1 qemu='' results=$share/90-power-cut made=0
    until [ -e "$results/ready" ]; do
        kill -0 "$vm" 2>/dev/null || return 0
        sleep 0.2
    done
    qemu=$(pgrep -P "$vm")
    while [ "$made" -lt "$cut_count" ] && kill -0 "$vm" 2>/dev/null; do
        sleep "0.$(printf %03d $((RANDOM % 200 + 50)))"
        kill -STOP "$qemu"
        until all_stopped "$qemu"; do :; done
        cp --sparse=always "$cut_dir/disk.img" "$cut_dir/$made.img"
        cp "$results/committed" "$cut_dir/$made.committed"
        kill -CONT "$qemu"
        made=$((made + 1))
    done
    : >"$results/enough"
    # Judged while the VM waits, and by the VM's own test: what is not reported did not pass.
    in_root --bind "$cut_dir" /mnt --cd "$root_tree" tests/vm/check-power-cut /mnt "$made" \
        >"$results/found" 2>&1 </dev/null || echo "status $?" >>"$results/found"
    [ "$made" = "$cut_count" ] || echo "only $made cuts were made" >>"$results/found"
    mv "$results/found" "$results/verdict"
    rm -rf "$cut_dir"
}
