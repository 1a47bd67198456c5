longpress run LinkBuds --bench sim --plan
