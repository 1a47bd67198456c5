note "this line is not shown as a failure"
