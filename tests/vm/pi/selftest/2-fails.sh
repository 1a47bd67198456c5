echo "this line comes from the failing test"
[ 1 = 2 ]
