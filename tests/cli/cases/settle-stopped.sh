# Ctrl-C in the middle of the first press: it is let go of, and what is settled by then is told.
: >"$TMP/out"
set -m # else what runs in the background is deaf to Ctrl-C
longpress settle WH-1000XM3 --bench sim --pace real --series s >"$TMP/out" &
until_true says "$TMP/out" 's  LED  '    # in the press, since that makes it blink
kill -INT $!
wait $!
echo "status $?"
sed -n '/^Claims/,$p' "$TMP/out"
longpress history --batch s --csv | cut -d, -f1 | wc -l
