# Random keys and resizes on the whole program. MONKEY_KEYS and MONKEY_SEED choose others; with the
# sanitizers (build/asan) 20,000, else 3,000.
set -u
case $BUILD in
*asan*) keys=20000 slow=40 ;;
*) keys=3000 slow=8 ;;
esac
"$BUILD/tests/tui/monkey" --keys "${MONKEY_KEYS:-$keys}" ${MONKEY_SEED:+--seed "$MONKEY_SEED"} \
    --slow "${TUI_SLOW:-$slow}" --quit "Esc q" --quit "q y" --quit "Esc y" --quit "Ctrl-C Ctrl-C" \
    "$BUILD/longpress" --bench sim4 --pace 50
