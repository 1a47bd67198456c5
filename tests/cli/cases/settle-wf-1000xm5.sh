# The claim that crosses a hazard that may end the unit is never run, accepted or not.
longpress settle WF-1000XM5 --bench sim:hardware/sim/firmware/wf-1000xm5-dfu-trap.yaml --accept-hazard dfu
echo "status $?"
longpress history
