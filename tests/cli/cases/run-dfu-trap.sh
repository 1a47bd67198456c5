longpress run WF-1000XM5 factory-reset --accept-hazard dfu --bench sim:hardware/sim/firmware/wf-1000xm5-dfu-trap.yaml
