# A real bench, no terminal, no answer: nothing moves, and the options are named. (With an adapter the
# unit itself may tell its battery; that is known only in the run.)
bench=$(mktemp)
sed '/bluetooth:/d' hardware/benches/reference.yaml >"$bench"
longpress run WF-1000XM4 --bench "$bench" --station B
status=$?
rm -f "$bench"
(exit $status)
