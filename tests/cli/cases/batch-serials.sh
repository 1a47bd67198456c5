# Lists of serial numbers as instruments, editors and spreadsheets write them: which units they are,
# or why none of them is run. And --answer placed=yes on stations that have no input for it.
list() { # NAME [OPTION]...
    local name=$1
    shift
    echo "== $name${*:+ $*}"
    cat >"$TMP/$name"
    longpress batch WH-1000XM5 --bench sim4 --serials "$TMP/$name" --answer placed=yes --pace 100 \
        --journal none "$@" 2>&1 | grep -v 'the run is not kept' | sort | grep -v '^$\|^WH-1000XM5'
}
printf 'U1\nU2\nU3\nU4\n' | list four
printf '0012345\r0012346\r' | list cr
printf '\357\273\2770012345\r\n0012346\r\n' | list bom
printf '\377\3760\0000\000\n\000' | list u16
printf 'serial,model\n0012345,WH-1000XM5\n' | list csv
printf 'Model;"Serial"\nWH-1000XM5;"00123"\nWH-1000XM4;="00124"\n' | list other-model
printf 'Model;"Serial"\n;"001;23"\n\nWH-1000XM5;="00124"\n' | list columns
printf 'serial\n0012345\n' | list one-column
printf 'number,model\n0012345,WH-1000XM5\n' | list no-column
printf 'serial,model\n"0012345,WH-1000XM5\n' | list open-quote
printf '0012345\n"0012346"\n0012347,X\n' | list quotes
printf '# box 12\n0012345\n' | list comment
printf '5012345678900\n5012345678900 \n 5012345678900\n' | list blanks
printf '0012345\t\n]C10012346\t\n0012347\035\n' | list suffixes
printf '01095060001343521\03521SER1\n' | list gs
printf '01095060001343521\03521SER1\n010950600013435221SER2]10LOT\n21SER3\n' | list gs --gs1
printf '0109506000134352\n' | list gs-without --gs1
printf 'sn-001\nSN-001\n' | list case
printf '00123\24045\n00123\302\24045\n0012\342\200\2133\n0012\357\277\276\n' | list spaces
printf 'A\033[2J\nB\bC\nD\001E\n' | list controls
printf '\331\240\331\241\n\357\274\263\357\274\220\n' | list scripts
printf '\331\240\331\241\n\357\274\263\357\274\220\n' | list scripts --any-text
printf 'M\303\234-1\n' | list umlaut
printf '=CMD|calc\n+49123\n-1\n@SUM(1)\n' | list formula
printf '\n# nothing\n' | list nothing
true

# ... and the GTIN goes into the record.
printf "010950600013435221SER9\n" >$TMP/gtin.txt
longpress batch WH-1000XM5 --bench sim --serials $TMP/gtin.txt --gs1 --answer placed=yes --journal $TMP/gtin.db >/dev/null
longpress show 1 --journal $TMP/gtin.db | grep GTIN
longpress show 1 --journal $TMP/gtin.db --json | grep -o "GTIN [0-9]*" | head -n 1
