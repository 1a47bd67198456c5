longpress help batch
