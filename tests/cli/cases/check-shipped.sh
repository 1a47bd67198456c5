longpress check profiles/*.yaml hardware/benches/*.yaml hardware/sim/firmware/*.yaml
