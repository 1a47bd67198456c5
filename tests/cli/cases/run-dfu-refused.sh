longpress run WF-1000XM5 factory-reset --bench sim
