# A reader that has seen enough is no error, and nothing is said of it: whatever lists something.
for i in 1 2 3; do longpress run WH-1000XM5 --bench sim --unit 4711 >/dev/null; done
longpress run WH-1000XM5 --bench sim --capture $TMP/run.vcd >/dev/null
echo 4712 >$TMP/serials
while read -r words; do
    # Nobody reads any more when it begins.
    exec 3> >(:)
    wait $!
    eval longpress $words >&3
    echo "$? $words"
    exec 3>&-
done <<'END'
models
models --json
--help
--version
help run
check profiles/wh-1000xm5.yaml
doctor --bench sim
history
history --json
history --csv
show 1
show 1 --json
judge 1
judge 1 --json
report --format html
report --format csv
report --format junit
report --format json
report --format json -o /dev/fd/3
decode $TMP/run.vcd
decode $TMP/run.vcd --json
prune --older-than 1d --dry-run
run WH-1000XM5 --bench sim
run WH-1000XM5 --bench sim --json
run WH-1000XM5 --bench sim --plan
batch WH-1000XM5 --bench sim --serials $TMP/serials --pace fast
END
# Some was read.
longpress history --csv | head -1 | cut -c1-10
echo "${PIPESTATUS[0]}"
