longpress models
