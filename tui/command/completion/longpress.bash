# What bash completes of longpress. The program knows it: tui/command/complete.h.
_longpress() {
    local -a words=()
    local line typed before=
    # bash breaks words at = and :, longpress does not: they are taken from the line as it is.
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    while [ ${#words[@]} -gt 0 ] && [ "${words[0]}" != "${COMP_WORDS[0]}" ]; do
        words=("${words[@]:1}")
    done
    [[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]] || words+=('')
    typed=${words[-1]}
    # What stands in front of such a break stays as it is.
    if [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]]; then
        before=${typed%"${typed##*=}"}
    fi
    if [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]]; then
        before=${typed%"${typed##*:}"}
    fi
    COMPREPLY=()
    while IFS= read -r line; do
        if [ "$line" = ':files' ]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do
                COMPREPLY+=("$line")
            done < <(compgen -f -- "${typed#"$before"}")
        else
            line=${line%%$'\t'*}
            COMPREPLY+=("${line#"$before"}")
        fi
    done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
}
complete -F _longpress longpress
