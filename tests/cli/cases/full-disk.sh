# A verdict that did not reach its reader is no success.
longpress run WH-1000XM5 --bench sim --json >/dev/full
