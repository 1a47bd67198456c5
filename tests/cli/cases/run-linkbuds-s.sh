longpress run "LinkBuds S" --bench sim
