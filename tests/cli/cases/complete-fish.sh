command -v fish >/dev/null || { echo 'there is no fish: its completion is not tried'; exit 77; }
fish --no-execute tui/command/completion/longpress.fish || exit
export XDG_CONFIG_HOME=$TMP XDG_DATA_HOME=$TMP
for line in 'longpress c' 'longpress run --bench si' 'longpress run --bench=si' \
    'longpress jog --bench sim4 ' 'longpress report --form' 'longpress check README' \
    'longpress run --journal=README'; do
    echo "-- $line"
    fish --no-config -c 'source tui/command/completion/longpress.fish; complete -C $argv[1]' "$line"
done
