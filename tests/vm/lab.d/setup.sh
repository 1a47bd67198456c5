# Sourced by lab: what has to exist before a VM can boot. Host packages, the Debian 13 root with its
# kernel, the gpio-sim module that no Debian kernel has, and the initramfs.

suite=trixie
kernel_series=6.12

host_packages=(
    busybox-static cpio git mmdebstrap qemu-system-arm qemu-system-x86 rsync squashfs-tools util-linux
    xz-utils
)

# For building and testing the program. systemd takes libbpf, if it is there, to close devices to a service.
root_packages=(
    bluez ca-certificates ccache dbus dmsetup e2fsprogs gcc gpiod jq kmod libbpf1 libc6-dev libcmocka-dev
    libgpiod-dev libjansson-dev libncurses-dev libsqlite3-dev libsystemd-dev libvterm-dev libyaml-dev make patch
    pkg-config procps systemd xz-utils
)

# For the VM itself and its gpio-sim module: unpacked, and not installed.
kernel_packages=(
    linux-headers-rt-amd64 linux-image-rt-amd64 "linux-source-$kernel_series"
)

clang_packages=(clang)

cross_packages=(
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross libcmocka-dev:arm64 libgpiod-dev:arm64
    libjansson-dev:arm64 libncurses-dev:arm64 libsqlite3-dev:arm64 libsystemd-dev:arm64
    libvterm-dev:arm64 libyaml-dev:arm64 qemu-user-static
)

# What the VM needs before its root is there: memory devices, their file system, a writable layer above.
boot_modules=(nd_pmem nfit squashfs overlay)

setup_host() {
    local package missing=()
    [ "$(uname -m)" = x86_64 ] || die "the VM lab runs on x86-64 only; this machine is $(uname -m)"
    for package in "${host_packages[@]}"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    if [ ${#missing[@]} -gt 0 ]; then
        say "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        timed "installing host packages" install_host "${missing[@]}"
    fi
    unshare --mount --pid --fork true 2>/dev/null ||
        die "this machine allows no mount and PID namespaces, which the lab builds its root in"
}

install_host() {
    export DEBIAN_FRONTEND=noninteractive
    quietly "$out/apt-update.log" apt-get update
    quietly "$out/apt-install.log" apt-get install -y --no-install-recommends "$@"
}

# The mirror comes from the machine's own apt sources, in whatever form they are written. One that
# carries Debian 12 carries Debian 13 as well.
find_mirror() {
    local mirror
    mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' |
        awk -v suite="$suite" '$2 == "main" && ($1 == suite || $1 == "bookworm") {
            if (!($1 in uri)) uri[$1] = $3
        } END { print (suite in uri) ? uri[suite] : uri["bookworm"] }')
    if [ -z "$mirror" ]; then
        die "the apt sources of this machine name no Debian bookworm or $suite 'main' to install the VM root from"
    fi
    printf '%s\n' "$mirror"
}

setup_root() {
    # Made once; what is asked for later is added in place, as a new one takes longer.
    if ! grep -qs "^VERSION_CODENAME=$suite\$" "$cache/root/etc/os-release" || [ ! -e "$cache/root/.lab-stamp" ]; then
        stage root "$suite" make_root
    fi
    in_place packages "${root_packages[*]}" install_packages "${root_packages[@]}"
    in_place kernel "${kernel_packages[*]}" unpack_kernel
    kernel_version=$(basename "$(echo "$cache"/root/usr/lib/modules/*-rt-amd64)")
    [ -e "$cache/root/boot/vmlinuz-$kernel_version" ] || die "the root has no PREEMPT_RT kernel: run 'lab clean'"
}

make_root() {
    local mirror
    mirror=$(find_mirror)
    say "a root of $suite in $cache"
    quietly "$out/root.log" apart mmdebstrap --mode=root --variant=minbase \
        --include="$(IFS=, && echo "${root_packages[*]}")" --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        "$suite" "$1" "$mirror"
    # The program is built here, and the VM finds the results here.
    mkdir -p "$1/src/longpress" "$1/results"
}

# The kernel's packages are only unpacked: nothing is to be done with a kernel that is booted by qemu. One
# that is there stays.
unpack_kernel() {
    quietly "$out/kernel.log" in_root sh -euc '
        ! ls /usr/src/linux-source-*.tar.xz /usr/lib/modules/*-rt-amd64 >/dev/null 2>&1 || exit 0
        apt-get update
        apt-get install -y --download-only --no-install-recommends "$@"
        for package in /var/cache/apt/archives/linux-*.deb; do
            dpkg-deb -x "$package" /
            rm "$package"
        done
        apt-get clean
        depmod "$(basename /usr/lib/modules/*-rt-amd64)"' sh "${kernel_packages[@]}"
}

# in_place NAME KEY INSTALLER... : runs it unless it was done for this root with the same KEY. Unlike a
# stage, nothing is made anew: apt and dpkg take up by themselves what was interrupted, and only
# then is it stamped.
in_place() {
    local stamp file=$cache/root/.lab-$1
    stamp=$(printf '%s\n' "$2" "$(declare -f "$3")" | hash_text)
    if [ "$(cat "$file" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    timed "seeing to the root's $1" "${@:3}"
    printf '%s\n' "$stamp" >"$file"
}

# What is there stays as it is.
install_packages() {
    quietly "$out/packages.log" in_root sh -euc '
        dpkg --configure -a
        for package; do
            dpkg-query -W -f="\${db:Status-Status}\n" "$package" 2>/dev/null | grep -qx installed ||
                missing="${missing:-} $package"
        done
        [ -n "${missing:-}" ] || exit 0
        apt-get update
        apt-get install -y -f --no-install-recommends --no-upgrade $missing
        apt-get clean' sh "$@"
}

# Debian's kernels come without CONFIG_GPIO_SIM, so the kernel's own driver is built as a module.
setup_module() {
    stage gpio-sim "$(cat "$cache/root/.lab-kernel")" make_module
}

make_module() {
    local source=linux-source-$kernel_series
    tar -xJf "$cache/root/usr/src/$source.tar.xz" -C "$1" --strip-components=3 \
        "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
    # irq_to_desc is not exported to modules; this call does the same without it.
    grep -q 'handle_simple_irq(irq_to_desc(irqnum))' "$1/irq_sim.c" ||
        die "irq_sim.c of $source is not the one this lab knows how to build as a module"
    sed -i 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq_safe(irqnum)/' "$1/irq_sim.c"
    # A chip that keeps its levels, as Raspberry Pi kernels have it: what its driver does when a line
    # is given back is left out while the parameter keep_levels is on.
    grep -q 'chip->value_map,$' "$1/gpio-sim.c" && grep -q '^static void gpio_sim_free(' "$1/gpio-sim.c" ||
        die "gpio-sim.c of $source is not the one this lab knows how to have keep its levels"
    sed -i -e '/^static void gpio_sim_free(/i static bool keep_levels;\nmodule_param(keep_levels, bool, 0644);\n' \
        -e '/^static void gpio_sim_free(/,/^}/s/^\t\t__assign_bit/\t\tif (!keep_levels)\n&/' "$1/gpio-sim.c"
    printf 'obj-m := gpio-simk.o\ngpio-simk-y := gpio-sim.o irq_sim.o\n' >"$1/Makefile"
    quietly "$out/gpio-sim.log" in_root --bind "$1" /mnt \
        make -C "/usr/src/linux-headers-$kernel_version" M=/mnt CONFIG_DEBUG_INFO_BTF_MODULES= modules
}

# Debian's emulated controllers, with what makes them fail tests of other things mended.
setup_btvirt() {
    stage btvirt "$(stage_stamp root) $(cat "$vm_dir/btvirt.patch")" make_btvirt
}

make_btvirt() {
    cp "$vm_dir/btvirt.patch" "$1/"
    quietly "$out/btvirt.log" in_root --bind "$1" /mnt --cd /mnt sh -euc '
        # The root itself goes without an index of sources.
        apt="-o Dir::Etc::sourcelist=/tmp/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=/tmp/lists"
        mkdir -p /tmp/lists/partial
        sed -n "s/^deb /deb-src /p" /etc/apt/sources.list >/tmp/sources.list
        apt-get $apt update
        apt-get $apt source --download-only bluez
        tar -xf bluez_*.orig.tar.*
        cd bluez-*
        patch -p1 <../btvirt.patch
        gcc -O2 -w -I. -Ilib -Isrc "-DVERSION=\"lab\"" -o ../btvirt \
            emulator/main.c emulator/serial.c emulator/server.c emulator/vhci.c emulator/btdev.c \
            emulator/phy.c emulator/le.c src/shared/mainloop.c src/shared/mainloop-notify.c \
            src/shared/io-mainloop.c src/shared/timeout-mainloop.c src/shared/queue.c src/shared/util.c \
            src/shared/crypto.c src/shared/ecc.c lib/bluetooth.c lib/hci.c'
    find "$1" -mindepth 1 -maxdepth 1 ! -name btvirt -exec rm -rf {} +
}

setup_initramfs() {
    stage initramfs "$(stage_stamp gpio-sim) ${boot_modules[*]} $(cat "$vm_dir"/guest/{initramfs-init,init})" make_initramfs
}

make_initramfs() {
    local module name tree=$1/tree
    mkdir -p "$tree"/{bin,modules,proc,sys,dev,lower,rw,root}
    cp /bin/busybox "$tree/bin/"
    install -m 755 "$vm_dir/guest/initramfs-init" "$tree/init"
    install -m 755 "$vm_dir/guest/init" "$tree/lab-init"
    for module in "${boot_modules[@]}"; do
        in_root modprobe -S "$kernel_version" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$1/modules"
    [ -s "$1/modules" ] || die "no kernel modules found for the initramfs"
    while read -r module; do
        name=$(basename "${module%.xz}")
        case $module in
        *.xz) xz -dc "$cache/root$module" >"$tree/modules/$name" ;;
        *) cp "$cache/root$module" "$tree/modules/$name" ;;
        esac
        printf '%s\n' "$name" >>"$tree/modules/order"
    done <"$1/modules"
    cp "$cache/gpio-sim/gpio-simk.ko" "$tree/modules/"
    # Not compressed: unpacking is what emulated processors are slow at.
    (cd "$tree" && find . | cpio -o -H newc --quiet) >"$1/initramfs"
    cp "$cache/root/boot/vmlinuz-$kernel_version" "$1/vmlinuz"
}

# The root as the VM has it: what building needs is left out. Not compressed: unpacking is what emulated
# processors are slow at.
setup_image() {
    stage image "$(stage_stamp root) $(cat "$cache"/root/.lab-{packages,kernel}) ${not_in_image[*]}" make_image
}

not_in_image=(
    boot initrd.img vmlinuz 'src/*' 'usr/include' 'usr/src' 'usr/lib/gcc' 'usr/lib/llvm-*' 'usr/lib/linux*'
    'usr/lib/aarch64-linux-gnu' 'usr/aarch64-linux-gnu' 'usr/lib/gcc-cross' 'usr/lib/udev' 'usr/libexec/gcc'
    'usr/share/doc' 'usr/share/man' 'usr/share/locale' 'usr/share/info' 'usr/share/perl'
    'usr/lib/x86_64-linux-gnu/*.a' 'usr/lib/x86_64-linux-gnu/libclang*' 'usr/lib/x86_64-linux-gnu/libLLVM*'
    'usr/lib/x86_64-linux-gnu/lib*san.so*' 'usr/lib/x86_64-linux-gnu/gconv' 'usr/lib/x86_64-linux-gnu/perl*'
    'usr/bin/*-linux-gnu-*' 'usr/bin/qemu-*'
    'usr/lib/modules/*/kernel/sound' 'usr/lib/modules/*/kernel/drivers/net' 'usr/lib/modules/*/kernel/drivers/gpu'
    'usr/lib/modules/*/kernel/drivers/media' 'usr/lib/modules/*/kernel/drivers/scsi'
    'var/cache' 'var/lib/apt' 'var/lib/dpkg'
)

make_image() {
    pack_image "$1/root.img" "$cache/root" "${not_in_image[@]}"
}

# pack_image FILE DIR NOT... : DIR as an image, without what is named like NOT. As long as a memory
# device has to be, to a multiple of 2 MB.
pack_image() {
    local file=$1 dir=$2
    shift 2
    rm -f "$file"
    quietly "$out/mksquashfs.log" mksquashfs "$dir" "$file" -noI -noD -noF -noX -no-progress -wildcards -e "$@"
    truncate -s %2M "$file"
}

setup_clang() {
    in_place clang "${clang_packages[*]}" install_packages "${clang_packages[@]}"
}

setup_cross() {
    in_place cross "${cross_packages[*]}" install_cross
}

install_cross() {
    quietly "$out/cross-install.log" in_root sh -euc '
        dpkg --configure -a
        dpkg --add-architecture arm64
        apt-get update
        apt-get install -y -f --no-install-recommends
        apt-get install -y --no-install-recommends "$@"
        apt-get clean' sh "${cross_packages[@]}"
}
