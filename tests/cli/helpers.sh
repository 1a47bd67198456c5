# What every case has; tests/cli/run has it read first.
# shellcheck shell=bash

# Wait until COMMAND succeeds. There is no limit but the runner's: a busy machine is no failure.
until_true() { # COMMAND...
    until "$@" >/dev/null 2>&1; do sleep 0.02; done
}

says() { grep -q -- "$2" "$1"; } # FILE WORDS
runs() { longpress history --verdict running "$@" | grep -q running; } # [--journal FILE]
