# timeout: 420
# The power goes at 100 instants while runs are written: no run that was told committed is lost, none
# is torn, those that broke off are found and marked. The guest's part: two loops of runs into one
# journal, on a disk of its own. Where the power goes is the host's part (lab.d/power-cut.sh), and so
# is looking at what is left (check-power-cut).

modprobe virtio_blk
modprobe ext4
wait_until 5 test -b /dev/vda
mkdir /tmp/disk
mount -t ext4 /dev/vda /tmp/disk
: >"$RESULTS/committed"

# A serial is told committed when the run has ended and said nothing of its journal.
runs() {
    local number=0 serial
    while [ ! -e "$RESULTS/enough" ]; do
        number=$((number + 1))
        serial=$1-$number
        if "$longpress" run WH-1000XM5 --bench sim --unit "$serial" --journal /tmp/disk/journal.db \
            >/dev/null 2>"$RESULTS/$1.err" && [ ! -s "$RESULTS/$1.err" ]; then
            echo "$serial" >>"$RESULTS/committed"
        else
            cat "$RESULTS/$1.err"
            return 1
        fi
    done
}

runs a &
first=$!
runs b &
second=$!
wait_until 30 test -s "$RESULTS/committed"
: >"$RESULTS/ready"
wait "$first"
wait "$second"
wait_until 380 test -e "$RESULTS/verdict"
sed 's/^/  /' "$RESULTS/verdict"
assert_eq "good" "$(tail -n 1 "$RESULTS/verdict")"
note "$(head -n 1 "$RESULTS/verdict")"
