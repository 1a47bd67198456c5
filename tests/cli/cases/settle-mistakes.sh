longpress settle
longpress settle WH-1000XM3 twice
longpress settle WH-1000XM9 --bench sim
longpress settle WF-1000XM5 --bench sim --accept-hazard dfux
longpress settle WH-1000XM3 --bench sim --answer power-off=maybe
longpress settle WH-1000XM3 --bench sim --answer lid=open
longpress settle WH-1000XM3 --bench sim --pace slow
longpress settle WH-1000XM3 --bench sim --series
# Nobody can switch this one on or off.
longpress settle WH-1000XM3 --bench sim:hardware/sim/firmware/wf-1000xm5.yaml
