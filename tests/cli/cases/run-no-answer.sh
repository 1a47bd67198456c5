# A real bench, no terminal, no answer: nothing moves, and the options are named.
longpress run WF-1000XM4 --bench hardware/benches/reference.yaml --station B
