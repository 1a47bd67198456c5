#!/usr/bin/env bash
# Tests the harness itself, with a puppet: what must be seen is seen, and what must fail, fails, and
# says why. Plays named fail-*.play begin with "# fails: WORDS".
#     BUILD=build tests/tui/selftest.sh
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
export BUILD=${BUILD:-build}
unset LOCPATH # as tests/tui/run
programs=$BUILD/tests/tui
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { # NAME FILE
    failed=$((failed + 1))
    echo "not ok  $1"
    sed 's/^/        /' "$2"
}
screenplay() { timeout 300 "$programs/screenplay" --golden tests/tui/selftest/golden "$@" >"$work/out" 2>&1; }

# Most of their time is waiting: four at once.
plays=(tests/tui/selftest/*.play)
export work programs
printf '%s\0' "${plays[@]}" | xargs -0 -P 4 -I FILE bash -c '
    name=$(basename "$1" .play)
    timeout 300 "$programs/screenplay" --golden tests/tui/selftest/golden "$1" >"$work/$name.out" 2>&1
    echo $? >"$work/$name.status"' play FILE
for play in "${plays[@]}"; do
    name=$(basename "$play" .play)
    read -r status <"$work/$name.status"
    cp "$work/$name.out" "$work/out"
    case $name in
    fail-*)
        words=$(sed -n '1s/^# fails: //p' "$play")
        [ -n "$words" ] || { echo "$play does not say how it fails" >&2; exit 2; }
        { [ $status -eq 1 ] || [ $status -eq 2 ]; } && grep -qe "$words" "$work/out" && ok ||
            { echo "[status $status, and not: $words]" >>"$work/out"; bad "$name" "$work/out"; } ;;
    *)
        [ $status -eq 0 ] && ok || { echo "[status $status]" >>"$work/out"; bad "$name" "$work/out"; } ;;
    esac
done

# A skip is loud, and no pass.
printf 'need no-such-program-anywhere\n' >"$work/skip.play"
screenplay "$work/skip.play"
[ $? -eq 77 ] && grep -q 'no-such-program-anywhere is not installed' "$work/out" && ok ||
    bad skip "$work/out"

# The runner counts, and fails when nothing was played.
cp tests/tui/selftest/fail-status.play tests/tui/selftest/hangup.play "$work/skip.play" "$work/" 2>/dev/null
PLAYS=$work tests/tui/run >"$work/runner" 2>&1
[ $? -eq 1 ] && grep -q '1 passed, 1 failed, 1 skipped' "$work/runner" && ok || bad runner "$work/runner"
mkdir "$work/empty"
PLAYS=$work/empty tests/tui/run >"$work/runner" 2>&1 && bad runner-empty "$work/runner" || ok

# --update writes a golden file that then fits; a changed one fits no more.
mkdir "$work/golden"
printf 'run puppet\nexpect "key none"\ngolden one\nkey q\nexit-status 0\n' >"$work/one.play"
{ "$programs/screenplay" --golden "$work/golden" --update "$work/one.play" &&
    "$programs/screenplay" --golden "$work/golden" "$work/one.play" &&
    sed -i 's/puppet/poppet/' "$work/golden/one.screen" &&
    ! "$programs/screenplay" --golden "$work/golden" "$work/one.play"; } >"$work/out" 2>&1 && ok ||
    bad update "$work/out"

monkey() { timeout 300 "$programs/monkey" --slow "${slow:-4}" "$@" >"$work/out" 2>&1; }
# t, w, u, i, r, n, k and h of the puppet are bad; without them it is a good program.
monkey --keys 2000 --seed 7 --avoid $'twuirnkhf\x03' --exit-ok 3 puppet && ok || bad monkey-good "$work/out"
for case in "t:the title" "w:drawn outside" "u:nobody should send" "r:not restored" \
    "k:ended by SIGKILL" "h:hangs\|reads no keys"; do
    avoid=$(printf 'twuirnkhf\003' | tr -d "${case%%:*}")
    [ "${case%%:*}" = h ] && slow=1 || slow=4
    # While the size changes, what is outside of it is forgiven.
    [ "${case%%:*}" = w ] && size=(--no-resizes) || size=()
    monkey --keys 4000 --seed 7 ${size[@]+"${size[@]}"} --avoid "$avoid" --exit-ok 3 puppet
    [ $? -eq 1 ] && grep -q "${case#*:}" "$work/out" && ok || bad "monkey-${case%%:*}" "$work/out"
done

timeout 300 "$programs/measure" --seconds 1 puppet >"$work/out" 2>&1 &&
    [ "$(grep -c 'first screen\|untouched\|key to screen' "$work/out")" -eq 3 ] && ok ||
    bad measure "$work/out"

tests/tui/tmux-selftest.sh >"$work/out" 2>&1 && ok || bad tmux "$work/out"

echo "terminal harness: $passed passed, $failed failed"
[ $failed -eq 0 ]
