longpress settle WH-1000XM3 --bench sim --unit S-1 --series first
echo "status $?"
longpress history --batch first --csv 2>/dev/null | cut -d, -f1,4-9 | head -4
