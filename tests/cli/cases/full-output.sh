# Every command that --help lists, into a standard output that is full: status 5, said once. One
# that is new here has no line below, and says so.
u=WH-1000XM5
for version in 2.3.1 2.4.0; do
    for i in 1 2 3 4 5; do longpress run $u --bench sim --unit-firmware $version >/dev/null; done
done
longpress run $u --bench sim --capture $TMP/run.vcd >/dev/null
words() {
    case $1 in
    screen) echo --bench sim ;;
    run) echo $u --bench sim ;;
    batch) echo $u --bench sim --serials $TMP/serials --pace fast ;;
    characterize) echo $u network-reset --bench sim --precision 200ms ;;
    compare) echo $u --firmware 2.3.1 --firmware 2.4.0 ;;
    learn) echo $u network-reset --bench sim -n 3 -o $TMP/learned.yaml ;;
    settle) echo WF-1000XM4 --bench sim ;;
    models) ;;
    check) echo profiles/wh-1000xm5.yaml ;;
    doctor) echo --bench sim ;;
    jog) echo sim power --for 200ms --bench sim ;;
    monitor) echo --bench sim --for 1s ;;
    scan) echo --for 1s ;;
    decode) echo $TMP/run.vcd ;;
    history) ;;
    show | judge) echo 1 ;;
    report) echo --format csv ;;
    prune) echo --older-than 1d --dry-run ;;
    backup) echo $TMP/copy.db ;;
    help) echo run ;;
    *) echo "no line for it" ;;
    esac
}
echo 4711 >$TMP/serials
for command in $(longpress --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p') --help --version; do
    longpress $command $(words $command) >/dev/full 2>$TMP/err
    echo "$command $? $(grep -c 'standard output could not be written' $TMP/err)"
done
