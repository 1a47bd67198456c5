# What fish completes of longpress. The program knows it: tui/command/complete.h.
function __longpress_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] "$typed" 2>/dev/null)
        if test "$line" = ':files'
            set -l parts (string match -r -- '^(--[^=]*=)(.*)$' "$typed")
            if set -q parts[3]
                printf "$parts[2]%s\n" (__fish_complete_path "$parts[3]")
            else
                __fish_complete_path "$typed"
            end
        else
            printf '%s\n' $line
        end
    end
end
complete -c longpress -f -a '(__longpress_complete)'
