longpress help settle
