try() { longpress characterize "$@" --bench sim --journal none; echo "status $?"; }
try WH-1000XM5
try WH-1000XM5 network-reset more
try WH-1000XM5 soft-reset
try WH-1000XM5 net-work
try WF-1000XM5 factory-reset
try WH-1000XM5 network-reset --precision 0s
try WH-1000XM5 network-reset --precision 20
try WH-1000XM5 network-reset --max-presses 0
try WH-1000XM5 network-reset --max-presses 5000
try WH-1000XM5 network-reset --repeats 2
try WH-1000XM5 network-reset --linear 1us
try WH-1000XM5 network-reset --from 9s
try WH-1000XM5 network-reset --from 5s --to 4s
try WH-1000XM5 network-reset --accept-hazard dfu
try WH-1000XM5 network-reset --answer lid=open
try WH-1000XM5 network-reset --pace slow
