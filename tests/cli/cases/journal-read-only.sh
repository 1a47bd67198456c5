# A journal in a folder that may only be read, by a user who may only read: today's version with and
# without a -wal, and an older one. Nothing in the folder changes.
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
place=$(mktemp -d /tmp/longpress-ro.XXXXXX)
trap 'chmod -R u+w "$place"; rm -rf "$place"' EXIT
chmod 755 "$place"
cp "$(command -v longpress)" "$place/longpress"
cp -r profiles "$place/profiles"
mkdir "$place/kept" "$place/out"
chmod 777 "$place/out"
reader() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups env TMPDIR="$place/out" HOME="$place/out" XDG_STATE_HOME="$place/out" "$@"
    else
        env TMPDIR="$place/out" HOME="$place/out" XDG_STATE_HOME="$place/out" "$@"
    fi
}
longpress run WH-1000XM5 --bench sim --unit 1 --journal "$place/kept/today.db" >"$place/out/run"
cp "$place/kept/today.db" "$place/kept/waits.db"
sqlite3 "$place/kept/old.db" <tests/unit/journal/version-1.sql
# One whose last change is in a -wal still, as when its writer was killed.
sqlite3 "$place/kept/waits.db" "PRAGMA wal_autocheckpoint = 0" "UPDATE runs SET operator = 'in the wal'" \
    ".system cp '$place/kept/waits.db' '$place/kept/wal.db'" \
    ".system cp '$place/kept/waits.db-wal' '$place/kept/wal.db-wal'" >"$place/out/sql"
rm "$place"/kept/waits.db*
chmod 444 "$place"/kept/*
chmod 555 "$place/kept"
before=$(cd "$place/kept" && sha256sum *)
for name in today wal old; do
    echo "== $name"
    journal=$place/kept/$name.db
    run=1
    [ $name = old ] && run=7
    reader "$place/longpress" history --journal "$journal" --csv | cut -d, -f1,5,17
    reader "$place/longpress" show $run --journal "$journal" | grep -E "SIMULATED PASS|^FAIL|^Note"
    reader "$place/longpress" --profiles "$place/profiles" judge $run --journal "$journal" 2>&1 |
        sed "s|$place|PLACE|g" | tail -n 1
    reader "$place/longpress" report -o "$place/out/$name.html" --journal "$journal" >"$place/out/said"
    grep -c "<article" "$place/out/$name.html"
    reader "$place/longpress" backup "$place/out/$name.db" --journal "$journal" | sed "s|$place|PLACE|"
done
[ "$before" = "$(cd "$place/kept" && sha256sum *)" ] && echo "nothing has changed"
ls "$place/out"
