# Sourced by tests whose power is cut (`# disk: logged`): a disk in memory, with an ext4 on it, all of
# whose writes and flushes are recorded in their order by the kernel's dm-log-writes, into an image that
# comes out of the VM.
#
#   disk_make MEGABYTES      mounted at $disk
#   disk_mark WORD           a mark in the record: what was on the disk before it has been flushed
#   disk_take_away           the record is complete

disk=/tmp/disk

disk_make() {
    # There is no udev that would make the nodes.
    export DM_DISABLE_UDEV=1
    modprobe brd rd_nr=1 rd_size=$(($1 * 1024)) max_part=0
    modprobe -a dm-log-writes ext4
    dmsetup create logged --table "0 $(($1 * 2048)) log-writes /dev/ram0 /dev/image-disk"
    mke2fs -q -t ext4 /dev/mapper/logged
    mkdir -p "$disk"
    mount -t ext4 /dev/mapper/logged "$disk"
    sync
    disk_mark "begin:$1"
}

disk_mark() { dmsetup message logged 0 mark "$1"; }

disk_take_away() {
    umount "$disk"
    dmsetup remove logged
}
