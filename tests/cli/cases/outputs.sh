# No output is written over what the command reads, nor over a journal, a profile, a bench file or a
# firmware file: every output, every kind of file, every kind of name; status 2, and a word. What is
# there afterwards is what was there before.
u=WH-1000XM5
mkdir $TMP/d $TMP/names
j=$TMP/d/j.db
for version in 2.3.1 2.4.0; do
    for i in 1 2 3 4 5; do
        longpress run $u --bench sim --journal $j --unit-firmware $version >/dev/null
    done
done
cd $TMP/d
cp $j other.db
printf '\x37\x7f\x06\x82 and so on' >other.db-wal
printf '\x18\xe2\x2d\x00 and so on' >other.db-shm
: >empty.db && cp other.db-wal empty.db-wal
mkdir j.db.spool && cp $j j.db.spool/1-2-3.db.kept
cp $OLDPWD/profiles/wh-1000xm5.yaml profile.yaml
sed 's/^controls:/controls: [/' profile.yaml >being-edited.yaml
cp $OLDPWD/hardware/benches/sim.yaml bench.yaml
cp $OLDPWD/hardware/sim/firmware/wh-1000xm5.yaml unit.yaml
echo 'some text' >text && cp text reads.txt
there="j.db other.db other.db-wal other.db-shm empty.db j.db.spool/1-2-3.db.kept profile.yaml
    being-edited.yaml bench.yaml unit.yaml"
not_there="j.db-wal j.db-shm j.db-journal other.db-journal j.db.spool/1-2-3.db"
for thing in $there $not_there; do
    name=$TMP/names/${thing//\//-}
    ln -s $TMP/d/$thing $name.link
    ln -s ${name##*/}.link $name.linked-link
    [ ! -e $thing ] || ln $thing $name.hard
done
output() {
    case $1 in
    report) longpress report --journal $j --format html -o "$2" ;;
    compare) longpress compare $u --journal $j --firmware 2.3.1 --firmware 2.4.0 -o "$2" ;;
    run) longpress run $u --bench $TMP/d/bench.yaml --journal $j --capture "$2" ;;
    learn) longpress learn $u network-reset --bench sim --journal $j -n 3 -o "$2" ;;
    learn--force) longpress learn $u network-reset --bench sim --journal $j -n 3 --force -o "$2" ;;
    backup) longpress backup --journal $j "$2" ;;
    backup--replace) longpress backup --journal $j --replace "$2" ;;
    esac >$TMP/out 2>$TMP/err
}
before() { find . -type f ! -name 'j.db-*' -exec sha256sum {} + | sort -k2; }
before >$TMP/before
tried=0
for command in report compare run learn learn--force backup backup--replace; do
    for thing in $there $not_there; do
        # What these two are for.
        case $command:$thing in
        learn--force:profile.yaml | learn--force:being-edited.yaml | backup--replace:empty.db) continue ;;
        esac
        for name in $thing $TMP/d/$thing $TMP/names/../d/$thing $TMP/names/${thing//\//-}.{link,linked-link,hard}; do
            # An empty file says nothing of what it is a part of.
            case $name in *.hard) [ -s $name ] || continue ;; esac
            output $command $name
            status=$?
            tried=$((tried + 1))
            [ $status = 2 ] && [ "$(grep -c 'error: ' $TMP/err)" = 1 ] || {
                echo "$command over $name: status $status"
                cat $TMP/err
            }
        done
    done
    before | diff $TMP/before - || echo "after $command"
done
echo "$tried outputs refused"

# The words.
for thing in j.db other.db profile.yaml bench.yaml unit.yaml j.db.spool/1-2-3.db j.db-wal; do
    output report $thing
    cat $TMP/err
done

# A journal of an older name, that is not there: it is to be, and so is its capture.
longpress run $u --bench sim --journal new.db --capture new.db
longpress run $u --bench sim --journal new.db --capture new.db-wal
ls new.db* 2>/dev/null

# What may be written over, and a link, which stays one.
ln -s text link
output report link
echo "report: $?, $(head -c 15 text), $(readlink link)"
output run text
echo "run: $?, $(head -1 text | cut -c1-5)"
chmod 640 text
output report text
echo "report: $?, $(stat -c %a text)"
longpress report --journal $j --format csv -o /dev/stdout | head -1 | cut -c1-9
longpress report --journal $j --format csv -o /dev/stdout >text
head -1 text | cut -c1-9
longpress report --journal $j --format csv -o /dev/null
mkfifo pipe
head -1 pipe | cut -c1-9 &
longpress report --journal $j --format csv -o pipe
wait
# Through a descriptor too.
longpress report --journal $j --format csv -o /dev/stdout >>other.db
# A run was kept; all else is as it was.
before | grep -v ' ./text$\| ./j.db$' | diff <(grep -v ' ./text$\| ./j.db$' $TMP/before) - && echo unchanged
