# timeout: 10
echo "this line is not shown"
