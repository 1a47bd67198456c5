# What nothing can be learned from; and a file that is there is left alone.
u=hardware/sim/firmware/wh-1000xm5
learn() { longpress learn WH-1000XM5 network-reset --source golden -o $TMP/out.yaml "$@"; echo "status $?"; }
learn --bench sim:$u-estop.yaml
learn --bench sim:$u-chip-gone.yaml
learn --bench sim:$u-battery-12.yaml
learn --bench sim:$u-lost-edges.yaml -n 3
learn --bench sim -n 2
learn --bench sim -n 3 --source 'a b'
learn --bench sim -n 3 --source article-2026
learn --bench sim -n 3 --watch 7
ls $TMP/*.yaml* 2>/dev/null
echo mine >$TMP/out.yaml
learn --bench sim -n 3
cat $TMP/out.yaml
learn --bench sim -n 3 --force >/dev/null
longpress check $TMP/out.yaml
ln -s $TMP/out.yaml $TMP/link.yaml
learn --bench sim -n 3 --force -o $TMP/link.yaml
learn --bench sim -n 3 -o $TMP/nowhere/out.yaml
# Past a hazard only by name; the plan says why not.
longpress learn WF-1000XM5 factory-reset --bench sim -o $TMP/dfu.yaml; echo "status $?"
longpress learn WH-1000XM5 -o $TMP/x.yaml; echo "status $?"
longpress learn WH-1000XM5 network-reset --bench sim; echo "status $?"
ls $TMP
