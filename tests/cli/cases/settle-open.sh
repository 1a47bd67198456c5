# A state that the operator says it is not in, and eyes that do not see.
longpress settle WH-1000XM3 --bench sim --answer power=on --journal none | sed -n '/^Claims/,$p'
echo "status ${PIPESTATUS[0]}"
longpress settle WH-1000XM3 --bench sim:hardware/sim/firmware/wh-1000xm5-lost-edges.yaml --journal none |
    sed -n '/^Claims/,$p'
echo "status ${PIPESTATUS[0]}"
