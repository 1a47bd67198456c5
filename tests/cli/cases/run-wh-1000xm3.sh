longpress run WH-1000XM3 --bench sim
