longpress help learn
