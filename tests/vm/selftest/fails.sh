# timeout: 10
echo "this line comes from the failing test"
assert_eq 1 2 "a comparison that does not hold"
