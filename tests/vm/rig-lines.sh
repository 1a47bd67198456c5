# Sourced by rig.sh: the lines of the simulated station and the bench file that names them. The
# actuators are active-low, as on an 8-relay board.
rig_actuators='power nc_ambient custom volume_down touch_left touch_right'
rig_lines="$rig_actuators led_r led_g led_b sound lid estop contact_power contact_nc"

rig_bench() {
    cat <<Y
bench: vm
keeper: { heartbeat: 1 s, spin: 0 s, priority: 50 }
stations:
  rig:
    actuators:
Y
    for line in $rig_actuators; do
        echo "      $line: { line: $line, active: low, kind: relay, max_on: 25 s," \
            "travel: { press: 8 ms, release: 5 ms, tolerance: 3 ms } }"
    done
    cat <<Y
    led: { r: { line: led_r }, g: { line: led_g }, b: { line: led_b } }
    sound: { line: sound }
    contact:
      power: { line: contact_power }
      nc_ambient: { line: contact_nc }
    inputs:
      lid: { line: lid, active: high, is: open, else: closed }
    estop: { line: estop }
Y
    # A test that has a radio says so before it makes the rig.
    if [ -n "${rig_adapter:-}" ]; then
        echo "    bluetooth: { adapter: \"$rig_adapter\", forget: yes }"
    fi
}
