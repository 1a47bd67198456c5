# A real bench, no terminal, no answer: nothing moves, and the options are named. (With an adapter the
# unit itself may tell its battery; that is known only in the run.)
sed '/bluetooth:/d' hardware/benches/reference.yaml |
    longpress run WF-1000XM4 --bench /dev/stdin --station B
