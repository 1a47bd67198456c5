# Both ends: the reset starts at 5.6 s, and becomes a factory reset at 14.5 s.
longpress characterize WH-1000XM5 network-reset --bench sim --precision 200ms \
    --accept-hazard becomes-factory
