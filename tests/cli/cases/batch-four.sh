# Four stations at once: in which order they are done is chance. What is the bench's fault takes its
# station out of service, and no other.
printf '%s\n' B1 FAULT-CHIP-GONE B2 FAULT-ESTOP B3 FAULT-BATTERY-12 B4 B5 |
    longpress batch WH-1000XM5 --serials - --bench sim4 --pace 10 --no-retry --journal none >"$TMP/out"
status=$?
sed -E 's/^[A-D]  /-  /' "$TMP/out" | grep -v 'works again' | sort
exit $status
