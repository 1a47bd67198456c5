longpress run WF-1000XM4 --bench sim
