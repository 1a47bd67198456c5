# A series that was stopped goes on from what the journal has; other runs do not count.
learn() { longpress learn WH-1000XM5 network-reset --bench sim --source golden --series s -o $TMP/out.yaml "$@" | grep -E '^(run|learned|stopped)'; }
longpress learn WH-1000XM5 network-reset --bench sim:hardware/sim/firmware/wh-1000xm5-estop.yaml \
    --source golden --series s -o $TMP/out.yaml 2>/dev/null; echo "status $?"
learn -n 3
rm $TMP/out.yaml
learn -n 5 --resume
# With other steps they are of no use.
sed 's/for: 7 s/for: 7100 ms/' profiles/wh-1000xm5.yaml >$TMP/other.yaml
learn -n 3 --resume --force --from $TMP/other.yaml
