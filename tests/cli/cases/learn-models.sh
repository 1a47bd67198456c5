# Every model: learned from its healthy unit, which then passes.
mkdir $TMP/learned
while read -r model procedure firmware; do
    model=$(echo $model | tr _ ' ')
    longpress learn "$model" $procedure --bench sim:hardware/sim/firmware/$firmware.yaml -n 3 \
        --source golden --journal none -o $TMP/learned/profile.yaml --force >$TMP/out 2>$TMP/err ||
        cat $TMP/out $TMP/err
    echo "$model $procedure: $(sed -n 's/^  led: */led /p' $TMP/out)"
    longpress check $TMP/learned/profile.yaml
    longpress --profiles $TMP/learned run "$model" $procedure --journal none \
        --bench sim:hardware/sim/firmware/$firmware.yaml 2>/dev/null | tail -1
done <<'END'
WH-1000XM5 network-reset wh-1000xm5
WH-1000XM5 factory-reset wh-1000xm5
WH-1000XM5 soft-reset wh-1000xm5
WH-1000XM4 network-reset wh-1000xm4
WH-1000XM4 pairing wh-1000xm4-off
WH-1000XM3 network-reset wh-1000xm3
WH-1000XM3 factory-reset@gist-toymil wh-1000xm3-gist
WF-1000XM5 network-reset wf-1000xm5
WF-1000XM4 network-reset wf-1000xm4
LinkBuds network-reset linkbuds
LinkBuds_S network-reset linkbuds-s
WH-CH720N factory-reset wh-ch720n
END
