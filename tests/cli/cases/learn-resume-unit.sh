# What is learned is one unit's, with one firmware: runs of others in the series do not count, nor do
# those of a unit with a number for one that has none.
learn() { longpress learn WH-1000XM5 network-reset --bench sim --series s --force -o $TMP/out.yaml "$@" | grep -E '^(run|learned)'; }
learn -n 3 --unit GOLD-1 --unit-firmware 2.3.1
echo 'nobody says which unit'
learn -n 3 --resume --unit-firmware 9.9
grep -E 'of 3 runs|Unit ' $TMP/out.yaml | sed 's/on 20..-..-..//'
echo 'another case, another firmware'
learn -n 3 --resume --unit gold-1 --unit-firmware 2.3.1 | grep -v 'LED'
learn -n 3 --resume --unit GOLD-1 | grep -v 'LED'
learn -n 3 --resume --unit GOLD-1 --unit-firmware 2.3.1 \
    --bench sim:hardware/sim/firmware/wh-1000xm5-threshold-7.6s.yaml | grep -v 'LED'
echo 'the same; those that were left out take no places'
learn -n 5 --resume --unit gold-1 --unit-firmware 2.3.1 | grep -v 'left out'
