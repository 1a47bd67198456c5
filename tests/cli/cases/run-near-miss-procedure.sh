longpress run WH-1000XM5 netwrok-reset --bench sim
