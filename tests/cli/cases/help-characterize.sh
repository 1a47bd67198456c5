longpress help characterize
