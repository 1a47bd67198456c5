# One object, nothing else, and it is JSON.
longpress run WH-1000XM5 --bench sim --json
