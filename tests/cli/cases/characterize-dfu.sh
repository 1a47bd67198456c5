# A unit that 15 s on the left sensor end: never that long, and said so.
longpress characterize WF-1000XM5 network-reset --to 20s --precision 100ms --journal "$TMP/j.db" \
    --bench sim:hardware/sim/firmware/wf-1000xm5-dfu-trap.yaml
