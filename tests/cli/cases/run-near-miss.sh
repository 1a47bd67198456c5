longpress run WH-1000MX5 --bench sim
