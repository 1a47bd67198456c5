# timeout: 180
# What the radio of a run costs among 300 advertisers, on this processor and kernel.
BUILD=build tests/bluez/cost | tee "$RESULTS/table"
