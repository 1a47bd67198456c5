# timeout: 90
# The lines through libgpiod on the kernel's simulated chips: names, polarity, bias, edges and their
# stamps, overflow, lines in use, chips missing or going away in the middle of things.

# On the processor that serves the interrupts: then the edges it makes are not lost before they are
# queued.
status=0
taskset -c 0 /src/longpress/build/vm-programs/vm_lines >"$RESULTS/vm_lines.log" 2>&1 || status=$?
grep -E '^note: |ERROR|FAILED|LINE' "$RESULTS/vm_lines.log" || :
[ "$status" = 0 ] || { cat "$RESULTS/vm_lines.log"; fail "vm_lines: status $status"; }

# What a person is told when another program has the line.
driver=/src/longpress/build/vm-programs/press_driver
chip_make rig power nc
cat >"$RESULTS/bench.yaml" <<END
bench: vm
stations:
  A:
    actuators:
      power: { line: power, kind: relay, max_on: 10 s }
END
gpioset power=1 &
owner=$!
wait_until 5 line_used power
expect_exit 5 "$driver" "$RESULTS/bench.yaml" A 1 10 10 power
assert_contains "$output" "$(basename "$(chip_dev rig)"):0 (power): error: line is in use by \`gpioset\`; stop that program or wire another line"
kill "$owner"
wait "$owner" || :
expect_exit 0 "$driver" "$RESULTS/bench.yaml" A 1 10 10 power

# Not root, and not in the group.
chip=$(basename "$(chip_dev rig)")
chmod 660 "/dev/$chip"
chgrp dialout "/dev/$chip"
expect_exit 5 setpriv --reuid nobody --regid nogroup --clear-groups "$driver" "$RESULTS/bench.yaml" A 1 10 10 power
assert_contains "$output" "no permission for /dev/$chip; it belongs to the group \`dialout\`: run \`sudo usermod -aG dialout"
