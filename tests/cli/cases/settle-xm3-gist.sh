# The same claims on a unit as the other source has it: the opposite.
longpress settle WH-1000XM3 --bench sim:hardware/sim/firmware/wh-1000xm3-gist.yaml --journal none
