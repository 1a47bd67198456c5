LC_ALL=C longpress run WH-1000XM5 --bench sim
