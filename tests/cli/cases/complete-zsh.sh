command -v zsh >/dev/null || { echo 'there is no zsh: its completion is not tried'; exit 77; }
zsh -n tui/command/completion/_longpress || exit
# The functions of zsh that take what is found say what they were given.
zsh -f -c '
_describe() { print -l -- "describe: ${(P@)2}" }
_files() { print files }
compset() { print -r -- "compset $*" }
at() { # WORD...
    print -r -- "-- $*"
    words=("$@") CURRENT=$# PREFIX=${@[-1]}
    source tui/command/completion/_longpress
}
at longpress c
at longpress run --bench=si
at longpress jog --bench sim4 ""
at longpress report --form
at longpress check pro
'
