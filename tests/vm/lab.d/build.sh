# Sourced by lab: the working tree inside the root, and what is built from it there.

root_tree=/src/longpress
# What was compiled once, for whichever tree, is not compiled again.
with_ccache=(env PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin CCACHE_DIR=/src/ccache CCACHE_MAXSIZE=1G)
strict_c=(-std=c17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE)

# The working tree as it is now, without what git ignores. Files are compared by content and only
# changed ones are written, with the time of writing: so objects are kept between calls, and never
# kept wrongly when two clones with files of different ages share one cache.
sync_tree() {
    local list=$cache/root/src/files
    git -C "$tree" rev-parse --git-dir >/dev/null || die "$tree is not a git work tree"
    git -C "$tree" ls-files -z --cached --others --exclude-standard -- ':!/build*' |
        (cd "$tree" && xargs -0 -r sh -c 'for f; do if [ -e "$f" ] || [ -L "$f" ]; then printf "%s\0" "$f"; fi; done' sh) |
        LC_ALL=C sort -zu >"$list.new"
    timed "copying the tree" rsync --recursive --links --perms --executability --checksum --from0 \
        --files-from="$list.new" "$tree/" "$cache/root$root_tree/" 9>&-
    if [ -e "$list" ]; then
        LC_ALL=C comm -z -23 "$list" "$list.new" | (cd "$cache/root$root_tree" && xargs -0 -r rm -f --)
    fi
    mv "$list.new" "$list"
}

# The lab's own C programs: every .c file here and in bench/ is one.
build_tools() {
    timed "building the lab's tools" make_tools
}

make_tools() {
    local file name libs
    mkdir -p "$cache/root$root_tree/build-lab"
    cp "$cache/btvirt/btvirt" "$cache/root$root_tree/build-lab/"
    for file in "$vm_dir"/*.c "$vm_dir"/bench/*.c; do
        name=$(basename "$file" .c)
        libs=
        if grep -q '<gpiod.h>' "$file"; then
            libs=-lgpiod
        elif grep -q '<systemd/sd-bus.h>' "$file"; then
            libs=-lsystemd
        fi
        quietly "$out/tools.log" in_root --cd "$root_tree" \
            gcc "${strict_c[@]}" -o "build-lab/$name" "${file#"$tree"/}" $libs
    done
}

# The tree as the VMs have it, with the programs and without what they were made from.
pack_tree() {
    timed "packing the tree" pack_image "$out/tree.img" "$cache/root$root_tree" \
        "$BUILD_CLANG" "$BUILD_ARM64" '... *.o' '... *.d' '... *.a'
    [ "$(stat -c %s "$out/tree.img")" -le "$(numfmt --from=iec "$tree_size")" ] || die "the tree is larger than $tree_size"
    truncate -s "$tree_size" "$out/tree.img"
}

build_program() {
    local build=$1 compiler=$2
    [ -e "$tree/Makefile" ] || die "there is no Makefile in $tree: nothing to build (lab test --no-build goes without)"
    timed "building with $compiler into $build" make_logged "$out/build-$compiler.log" \
        "${with_ccache[@]}" make "-j$(nproc)" "DEPS=$MAKE_DEPS" "BUILD=$build" "CC=$compiler" "$MAKE_ALL"
}

# make_logged LOG MAKE... : the Makefile turns warnings into errors; that it did is checked too.
make_logged() {
    local log=$1
    shift
    quietly "$log" in_root --cd "$root_tree" "$@"
    if grep -n 'warning:' "$log" >&2; then
        die "the build printed warnings (whole output: $log)"
    fi
}

build_cross() {
    local arm64=(
        # Emulated: a tenth of the random cases that the same tests run natively.
        "${with_ccache[@]}" LONGPRESS_CASES=1000 LONGPRESS_EMULATED=qemu-user PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig
        make "-j$(nproc)" "DEPS=$MAKE_DEPS" "BUILD=$BUILD_ARM64" CC=aarch64-linux-gnu-gcc PKG_CONFIG=pkg-config
        RUN_UNDER=qemu-aarch64-static
    )
    [ -e "$tree/Makefile" ] || die "there is no Makefile in $tree: nothing to build"
    timed "building for arm64" make_logged "$out/build-arm64.log" "${arm64[@]}" "$MAKE_ALL"
    say "unit tests under qemu-aarch64-static:"
    timed "arm64 unit tests" in_root --cd "$root_tree" "${arm64[@]}" "$MAKE_CHECK_UNIT" </dev/null ||
        die "the unit tests failed on arm64"
}

# The program alone, for the emulated board.
build_pi() {
    timed "building longpress for arm64" make_logged "$out/build-pi.log" \
        "${with_ccache[@]}" PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig \
        make -j2 "DEPS=$MAKE_DEPS" "BUILD=$BUILD_ARM64" CC=aarch64-linux-gnu-gcc PKG_CONFIG=pkg-config \
        "$BUILD_ARM64/longpress"
}
