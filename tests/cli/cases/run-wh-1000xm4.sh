longpress run WH-1000XM4 --bench sim
