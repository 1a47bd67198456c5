# The commands of a text, a line each: PLACE, a tab, KIND (run: an example; name: spoken of in a
# sentence), a tab, the command. -v format=md|help|man, -v name=NAME.
function put(line, kind, command) {
    sub(/^\$ /, "", command)
    if (command ~ /^(longpress|make|sudo|systemctl|sigrok-cli|tmux)( |$)/)
        print name ":" line "\t" kind "\t" command
}
# Examples may go on in the next line.
function example(command) {
    if (kept != "") { sub(/^ +/, " ", command); command = kept command }
    kept = ""
    if (sub(/ *\\$/, "", command)) { kept = command; return }
    put(FNR, "run", command)
}

format == "md" && /^```/ { fenced = !fenced; shell = $0 == "```" || $0 == "```sh"; next }
format == "md" && fenced { if (shell) example($0); next }
format == "md" {
    for (rest = $0; match(rest, /`[^`]+`/); rest = substr(rest, RSTART + RLENGTH))
        put(FNR, "name", substr(rest, RSTART + 1, RLENGTH - 2))
}

format == "help" && /^Examples?:/ { examples = 1; next }
format == "help" && /^  +(sudo|ExecStopPost=)/ { sub(/^ +(ExecStopPost=[^ ]*\/)?/, ""); put(FNR, "run", $0); next }
format == "help" && examples { sub(/^  /, ""); example($0) }

format == "man" {
    gsub(/\\-/, "-"); gsub(/\\e/, "\\")
    for (rest = $0; match(rest, /\\fBlongpress [^\\]+\\fR/); rest = substr(rest, RSTART + RLENGTH))
        if (!fenced && !synopsis) put(FNR, "name", substr(rest, RSTART + 3, RLENGTH - 6))
    synopsis = /^\.SS/
    gsub(/\\f./, "")
}
format == "man" && /^\.EX/ { fenced = 1; next }
format == "man" && /^\.EE/ { fenced = 0; next }
format == "man" && fenced { example($0); next }
format == "man" && /^\.BI? / { line = $0; sub(/^\.BI? /, "", line); gsub(/"/, "", line); sub(/[.,]$/, "", line); put(FNR, "name", line) }
