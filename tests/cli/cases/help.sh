longpress --help
