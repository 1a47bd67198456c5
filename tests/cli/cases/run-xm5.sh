# The newcomer's command.
longpress run WH-1000XM5 --bench sim
