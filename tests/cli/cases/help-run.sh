longpress help run
