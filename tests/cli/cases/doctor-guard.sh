# What doctor says of the guard and of drivers that keep levels; the machine's own are not asked.
mkdir -p "$TMP/sys/module/pinctrl_bcm2835/parameters" "$TMP/sys/module/pinctrl_rp1/parameters"
echo Y >"$TMP/sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs"
echo N >"$TMP/sys/module/pinctrl_rp1/parameters/persist_gpio_outputs"
export LONGPRESS_SYS=$TMP/sys
guard() { longpress doctor | sed -n '/^guard$/,/^[a-z]/p' | grep '^  ' | sed 's/; \(sudo systemctl\|have `longpress\).*/; TODO/'; }
LONGPRESS_GUARD=$TMP/nobody guard
LONGPRESS_GUARD=none guard
longpress guard --listen "$TMP/guard.sock" &
service=$!
for _ in $(seq 500); do
    LONGPRESS_GUARD=$TMP/guard.sock guard >"$TMP/said"
    grep -q 'service answers' "$TMP/said" && break
done
cat "$TMP/said"
LONGPRESS_GUARD=$TMP/guard.sock longpress guard --listen "$TMP/guard.sock"
kill "$service"
wait "$service"
# As systemd starts it, by a socket that is handed over.
systemd-socket-activate --seqpacket -l "$TMP/handed.sock" "$(command -v longpress)" guard 2>/dev/null &
service=$!
for _ in $(seq 500); do
    LONGPRESS_GUARD=$TMP/handed.sock guard >"$TMP/said"
    grep -q 'service answers' "$TMP/said" && break
done
tail -n 1 "$TMP/said"
kill "$service"
wait "$service"
longpress guard --listen "$TMP/no/such/folder"
longpress guard more
