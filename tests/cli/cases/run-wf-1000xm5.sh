longpress run WF-1000XM5 --bench sim
