longpress settle WH-1000XM3 --bench sim --plan
echo "status $?"
longpress settle WF-1000XM5 --bench sim --plan --json
echo "status $?"
[ -e "$XDG_STATE_HOME" ] && echo 'a plan was kept'
true
