# Alias bomb, NUL, bad UTF-8, nesting, ten megabytes, no YAML at all.
printf 'a: &a [x,x]\nb: *a\n' >$TMP/alias.yaml
printf 'model: a\0b\n' >$TMP/nul.yaml
printf 'model: a\377b\n' >$TMP/utf8.yaml
printf '[%.0s' $(seq 5000) >$TMP/deep.yaml
head -c 10000000 /dev/zero | tr '\0' 'a' >$TMP/big.yaml
printf 'model: "\\e[31mred"\n' >$TMP/escape.yaml
for f in alias nul utf8 deep big escape missing; do longpress check $TMP/$f.yaml; echo "status $?"; done 2>&1
