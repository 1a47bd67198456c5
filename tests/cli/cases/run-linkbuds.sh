longpress run LinkBuds --bench sim
