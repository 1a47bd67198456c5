longpress show
longpress show 7
longpress history
longpress run WH-1000XM5 --bench sim >/dev/null
longpress show 7
longpress show x
longpress show 1 2
longpress judge 7
longpress judge 1 --profile a --kept-profile
longpress history --verdict passed
longpress history --since yesterday
longpress history --limit -1
longpress history --modell x
longpress history --model WH-1000XM4
