# What is measured has five attempts: the machine may have other work.
set -u
for attempt in 1 2 3 4 5; do
    "$BUILD/tests/tui/screenplay" --slow "${TUI_SLOW:-1}" tests/tui/plays/timed/cost.play && exit 0
    echo "attempt $attempt was not good"
done
exit 1
