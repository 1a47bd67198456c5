# Ctrl-C in the middle of the first press: it is let go of, and what is settled by then is told.
timeout --preserve-status -s INT 7 \
    longpress settle WH-1000XM3 --bench sim --pace real --series s >"$TMP/out"
echo "status $?"
sed -n '/^Claims/,$p' "$TMP/out"
longpress history --batch s --csv | cut -d, -f1 | wc -l
