# Nothing is kept, and that is said.
longpress run WH-1000XM5 --bench sim --journal none | tail -1
longpress history
