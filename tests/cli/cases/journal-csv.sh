# A spreadsheet takes no cell for a formula, and a terminal none for a command.
for unit in '=cmd|calc!A0' '+1' '-2' '@SUM(1)' "$(printf '\tx')" "$(printf '\rx')" 'a"b,c' "$(printf 'x\033[2Jy')"; do
    longpress run WH-1000XM5 --bench sim --unit "$unit" --operator "=$unit" >/dev/null
done
longpress history --csv --limit 8 | cut -d, -f1,5,7,8,12-14 | tr '\r' '$'
longpress history --json | grep -o '"unit":"[^,]*' 
longpress history | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{5}/WHEN/'
