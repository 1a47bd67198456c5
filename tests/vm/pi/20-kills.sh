# A press of 2.9 s is cut off in every way. Each keeper has a guard of its own here.
cut() { # WHAT WITHIN-MS SIGNAL parent|keeper|both
    local start victims
    jog_start
    case $4 in parent) victims=$parent ;; keeper) victims=$keeper ;; *) victims="$keeper $parent" ;; esac
    start=$(now_ms)
    # shellcheck disable=SC2086
    kill "-$3" $victims
    wait_until released
    took=$(($(now_ms) - start))
    note "persist_gpio_outputs=$persist, child, $1: released after $took ms"
    [ "$took" -le "$2" ] || fail "$1: only after $took ms"
    kill -CONT "$parent" 2>/dev/null || :
    wait "$parent" || :
    wait_until ended "$keeper"
    released || fail "$1: pressed again"
}
cut "parent killed" 500 KILL parent
cut "keeper killed" 500 KILL keeper
cut "both killed" 500 KILL both
cut "parent stopped" 800 STOP parent
cut "keeper stopped" 800 STOP keeper
cut "both stopped" 800 STOP both

# Without any guard, the board shows what it is for.
export LONGPRESS_GUARD=none
jog_start
grep -q 'nobody guards these lines' /tmp/jog || fail "the run does not say that nobody guards it: $(cat /tmp/jog)"
kill -KILL "$keeper" "$parent"
wait "$parent" || :
wait_until ended "$keeper"
usleep 300000
if [ "$persist" = 1 ]; then
    pressed || fail "without a guard nothing stayed down: what is tested here?"
else
    released || fail "persist_gpio_outputs=0, and yet it is driven"
fi
expect 0 longpress release --bench "$bench"
contains "$said" "2 lines made inactive"
released || fail "release left power down"
[ "$persist" = 0 ] || held_inactive || fail "release did not leave power driven inactive"

# Both stopped, without a guard: down until somebody lets go.
jog_start
kill -STOP "$parent" "$keeper"
usleep 1000000
pressed || fail "stopped without a guard, and yet released"
expect 0 longpress release --bench "$bench"
contains "$said" "had to be killed"
released || fail "release left power down of a run that was stopped"
kill -CONT "$parent"
wait "$parent" || :
released || fail "it pressed again when it went on"

# In the middle of a run that is well.
jog_start
expect 0 longpress release --bench "$bench"
contains "$said" "1 run asked to stop"
released || fail "release left power down of a run"
status=0
wait "$parent" || status=$?
[ "$status" = 4 ] || fail "status $status of a run that was released"
