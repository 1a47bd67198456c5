# bash's own machinery: the function is called as bash calls it, with words broken as bash breaks them.
source tui/command/completion/longpress.bash
complete -p longpress
at() { # LINE WORD...: the words of it, as bash has them
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
    COMPREPLY=()
    "_longpress" longpress "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "$1 -> $(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd '|')"
}
cd "$TMP" && touch my-bench.yaml 'two words.yaml' && mkdir learned
at 'longpress c' longpress c
at 'longpress run WH-1000XM5 --s' longpress run WH-1000XM5 --s
at 'longpress run WH-1000XM5 ' longpress run WH-1000XM5 ''
at 'longpress run --bench si' longpress run --bench si
at 'longpress run --bench=' longpress run --bench =
at 'longpress run --bench=my' longpress run --bench = my
at 'longpress run WF-1000XM4 --answer lid=open --plan --j' \
    longpress run WF-1000XM4 --answer lid = open --plan --j
at 'longpress check two' longpress check two
at 'longpress history --verdict pass,in' longpress history --verdict pass,in
at 'PATH=/bin longpress judge --' longpress judge --
