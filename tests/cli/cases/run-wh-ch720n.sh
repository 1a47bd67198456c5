longpress run WH-CH720N --bench sim
