# The acceptance is in the record.
longpress run WF-1000XM5 factory-reset --bench sim --accept-hazard dfu
