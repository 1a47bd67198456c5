# Sourced by lab: an emulated Raspberry Pi 3B with the Pi's own GPIO driver (pinctrl-bcm2835), for what
# gpio-sim cannot show: what a line does whose owner dies, read from the chip's registers.
#
# qemu's board has the GPIO outputs, but neither inputs nor edges nor Bluetooth. Debian's arm64 kernel
# boots from an initramfs that holds all there is: busybox, longpress and its libraries, the tests
# (tests/vm/pi/*.sh). It is booted twice: with persist_gpio_outputs=1, as Raspberry Pi OS has it, and
# with 0, as Debian has it. The console carries lines that begin with `@ `: `@ run NAME`, `@ ok NAME`,
# `@ not ok NAME`, `@ note ...`, `@ end`. What the guest did not report did not pass. The board cannot be
# switched off from within: the lab ends qemu when it has read `@ end`.

pi_seconds=900 # of ours, at the longest
pi_kernel_arguments='console=ttyAMA0,115200 iomem=relaxed quiet panic=-1 oops=panic'

setup_pi() {
    setup_cross
    stage pi "$(stage_stamp root)" make_pi
}

make_pi() {
    quietly "$out/pi.log" in_root --bind "$1" /mnt --cd /mnt sh -euc '
        apt-get update
        kernel=$(apt-cache depends linux-image-arm64:arm64 | sed -n "s/.*Depends: \(linux-image-[^:]*\).*/\1/p" | head -n 1)
        apt-get -o APT::Sandbox::User=root download "$kernel:arm64" busybox-static:arm64
        for package in *.deb; do dpkg-deb -x "$package" unpacked; done
        cp unpacked/boot/vmlinuz-* vmlinuz
        cp unpacked/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb board.dtb
        cp unpacked/usr/bin/busybox busybox
        rm -rf unpacked ./*.deb'
}

# pi_pack FILE SCRIPT... : what the board boots, with these tests.
pi_pack() {
    local file=$1 root=$out/pi/root script library
    shift
    rm -rf "$root"
    mkdir -p "$root"/{bin,lib,proc,sys,dev,tmp,run,root,tests,usr/share/longpress,usr/local/share/longpress}
    install -m 755 "$cache/pi/busybox" "$root/bin/busybox"
    install -m 755 "$vm_dir/pi/init" "$root/init"
    install -m 755 "$cache/root$root_tree/$BUILD_ARM64/longpress" "$root/bin/longpress"
    cp -r "$tree/profiles" "$root/usr/local/share/longpress/profiles"
    cp "$vm_dir/pi/lib.sh" "$vm_dir/pi/bench.yaml" "$root/tests/"
    for script; do
        cp "$vm_dir/$script" "$root/tests/"
    done
    in_root --cd "$root_tree" qemu-aarch64-static /usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1 --list \
        "$BUILD_ARM64/longpress" </dev/null | awk '$2 == "=>" { print $3 } $1 ~ /ld-linux/ { print $1 }' |
        while read -r library; do
            cp -L "$cache/root$library" "$root/lib/"
        done
    [ -e "$root/lib/libc.so.6" ] || die "no arm64 libraries found for the board"
    [ -e "$root/lib/ld-linux-aarch64.so.1" ] ||
        cp -L "$cache/root/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1" "$root/lib/"
    (cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$file"
}

# pi_boot NAME PERSIST INITRAMFS : until it has ended, or time is up; its console is in
# build/vm/pi/NAME.log.
pi_boot() {
    local console=$out/pi/$1.log persist=$2 initramfs=$3 end=$((SECONDS + pi_seconds)) board
    local machine=(
        qemu-system-aarch64 -M raspi3b -m 1G -smp 4 -display none -monitor none -no-reboot
        -kernel "$cache/pi/vmlinuz" -dtb "$cache/pi/board.dtb" -initrd "$initramfs"
        -serial "file:$console" -serial null
        -append "$pi_kernel_arguments pinctrl_bcm2835.persist_gpio_outputs=$persist"
    )
    if [ -z "$vm_real" ]; then
        machine+=(-accel tcg,thread=single -icount "shift=$vm_shift,align=off,sleep=off")
    else
        machine+=(-accel tcg,thread=multi)
    fi
    : >"$console"
    setpriv --pdeathsig KILL "${machine[@]}" >"$out/pi/$1.qemu" 2>&1 </dev/null &
    board=$!
    until grep -aqE '^@ end|Kernel panic|Oops:' "$console" || [ $SECONDS -ge $end ] ||
        ! kill -0 "$board" 2>/dev/null; do
        sleep 0.2
    done
    kill "$board" 2>/dev/null || :
    wait "$board" 2>/dev/null || :
}

# pi_judge NAME SCRIPT... : counts into `passed` and `failed`.
pi_judge() {
    local run=$1 console=$out/pi/$1.log said script name bad=0
    shift
    said=$(tr -d '\r' <"$console" | grep -a '^@ ' || :)
    for script; do
        name=$(basename "$script" .sh)
        if grep -qx "@ ok $name" <<<"$said"; then
            passed=$((passed + 1))
            printf 'ok - %s: %s\n' "$run" "$name"
        else
            failed=$((failed + 1)) bad=1
            printf 'not ok - %s: %s\n' "$run" "$name"
        fi
    done
    grep '^@ note ' <<<"$said" | sed 's/^@ note /# note: /' || :
    if ! grep -qx '@ end' <<<"$said"; then
        failed=$((failed + 1)) bad=1
        printf 'not ok - %s: the board came to no end\n' "$run"
    fi
    [ "$bad" = 0 ] || tr -d '\r' <"$console" | tail -n 60 | sed 's/^/    /'
}

pi_persist_1() { pi_boot persist-1 1 "$out/pi/initramfs.gz"; }
pi_persist_0() { pi_boot persist-0 0 "$out/pi/initramfs.gz"; }

pi_run() {
    local persist scripts=()
    for script in "$vm_dir"/pi/[0-9]*.sh; do
        scripts+=("pi/$(basename "$script")")
    done
    passed=0 failed=0
    pi_pack "$out/pi/initramfs.gz" "${scripts[@]}"
    timed "Raspberry Pi 3B, with persist_gpio_outputs and without" at_once pi_persist_1 pi_persist_0
    for persist in 1 0; do
        pi_judge "persist-$persist" "${scripts[@]}"
    done
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

# A board whose tests fail, hang or are never reached must be reported.
pi_selftest() {
    local log=$out/pi/selftest-report
    passed=0 failed=0
    pi_pack "$out/pi/selftest.gz" pi/selftest/1-passes.sh pi/selftest/2-fails.sh pi/selftest/3-hangs.sh pi/selftest/4-panics.sh
    timed "Raspberry Pi 3B, selftest" pi_boot selftest 1 "$out/pi/selftest.gz"
    pi_judge selftest pi/selftest/{1-passes,2-fails,3-hangs,4-panics,5-never-there}.sh >"$log"
    if [ "$passed $failed" = "1 5" ] && grep -q 'this line comes from the failing test' "$log" &&
        grep -q '^not ok - selftest: the board came to no end$' "$log"; then
        echo "ok - pi selftest: one passed, five failures reported"
        return
    fi
    echo "not ok - pi selftest: $passed passed, $failed failed"
    sed 's/^/    /' "$log"
    return 1
}
