# What the program offers to the shells, from the tables of the commands.
at() { # WORD...: the last is being typed
    echo "-- $*"
    longpress --complete "$@"
}
at ''
at he
at --p
at help re
at compare --
at compare WH-1000XM5 --firmware 2.3.1 --f
at learn -o x.yaml --o
at run WF
at run WF-1000XM5 ''
at run WF-1000XM5 factory-reset --accept-hazard ''
at run --bench=si
at run --bench ''
at jog ''
at jog --bench sim4 ''
at batch WH-1000XM5 --stations A,
at batch --bench sim4 WH-1000XM5 --stations A,
at history --verdict pass,in
at report --format ''
at report --draw=
at --bench sim4 --bell ''
at check profiles/
at --profiles nowhere run ''
at run -- --
at nothing --
at run --nothing=
at
