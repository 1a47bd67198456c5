# timeout: 150
# All of 30 once more, on a chip that keeps its levels when the owner of a line dies.
keep_levels 1
. /src/longpress/tests/vm/t/30-keeper.sh
assert_eq 1 "$(cat /sys/module/gpio_simk/parameters/keep_levels | tr YN 10)" "the chip kept its levels"
