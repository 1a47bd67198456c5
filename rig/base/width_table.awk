# Writes rig/base/width_table.h, from the Unicode character database (Debian's package unicode-data):
#     make width-table
# Files, in this order: PropList.txt UnicodeData.txt EastAsianWidth.txt.

function number(hex,    value, i) {
    value = 0
    for (i = 1; i <= length(hex); i++)
        value = value * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
    return value
}

# `begin` and `end` of the characters that a line is about.
function range(    ends) {
    split($1, ends, /\.\./)
    begin = number(ends[1])
    end = ends[2] == "" ? begin : number(ends[2])
}

function print_ranges(name, width,    code, from, line) {
    printf "\nstatic const struct width_range %s[] = {\n", name
    from = -1
    line = "   "
    for (code = FIRST; code <= LAST + 1; code++) {
        if (code <= LAST && width_of(code) == width) {
            if (from < 0)
                from = code
        } else if (from >= 0) {
            piece = sprintf(" {0x%04X, 0x%04X},", from, code - 1)
            if (length(line piece) > 100) {
                print line
                line = "   "
            }
            line = line piece
            from = -1
        }
    }
    print line "\n};"
}

# A mark, or a character without a shape, takes no column, but for those that enclose the digits
# after them. Jamo of the middle and the end join the one before them. The hexagrams and the circled
# numbers on black squares are drawn wide, whatever EastAsianWidth (before version 16) says of them.
function width_of(code) {
    if (code in zero)
        return 0
    return (code in wide) ? 2 : 1
}

BEGIN {
    FS = " *[;#] *"
    FIRST = 160
    LAST = 1114109
    version = "?"
}

FILENAME != last_file {
    last_file = FILENAME
    file++
}

file == 3 && /^# EastAsianWidth-/ { version = $2; sub(/^EastAsianWidth-/, "", version); sub(/\.txt$/, "", version) }
/^#/ || NF < 2 { next }

file == 1 && $2 == "Prepended_Concatenation_Mark" {
    range()
    for (code = begin; code <= end; code++)
        prepended[code]
}

file == 2 && ($3 == "Mn" || $3 == "Me" || $3 == "Cf") {
    code = number($1)
    if ($2 ~ /, First>$/)
        begin = code
    else {
        for (from = $2 ~ /, Last>$/ ? begin : code; from <= code; from++)
            if (!(from in prepended) && from != 173)
                zero[from]
    }
}

file == 3 && ($2 == "W" || $2 == "F") {
    range()
    for (code = begin; code <= end; code++)
        wide[code]
}

END {
    for (code = number("1160"); code <= number("11FF"); code++)
        zero[code]
    for (code = number("D7B0"); code <= number("D7FB"); code++)
        zero[code]
    for (code = number("3248"); code <= number("324F"); code++)
        wide[code]
    for (code = number("4DC0"); code <= number("4DFF"); code++)
        wide[code]
    print "/*\n * Columns of characters, but for those that take one. Made by rig/base/width_table.awk from the Unicode"
    print " * character database, version " version ": EastAsianWidth.txt, UnicodeData.txt, PropList.txt."
    print " */\n#ifndef LONGPRESS_RIG_WIDTH_TABLE_H\n#define LONGPRESS_RIG_WIDTH_TABLE_H\n"
    print "#include <stdint.h>\n\nstruct width_range {\n    uint32_t first, last;\n};"
    print "\n/* clang-format off */"
    print_ranges("width_none", 0)
    print_ranges("width_two", 2)
    print "\n/* clang-format on */\n\n#endif"
}
