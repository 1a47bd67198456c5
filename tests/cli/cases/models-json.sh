longpress models --json
