# Waits are a hundred times the limits here, since the machine may have other work; `make bench` plays
# it as it stands.
exec "$BUILD/tests/tui/screenplay" --slow "${TUI_SLOW:-100}" tests/tui/plays/timed/cost.play
