# Simulation is never a silent fallback.
longpress run WH-1000XM5
