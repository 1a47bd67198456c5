#include "tui/term/style.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct style style_of(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (struct style){
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .colour =
            isatty(fileno(out)) && !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0,
    };
}

const char *style_ink_on(struct style style, enum ink ink)
{
    static const char *const codes[] = {
        [INK_PLAIN] = "",
        [INK_BOLD] = "\033[1m",
        [INK_DIM] = "\033[2m",
        [INK_GOOD] = "\033[1;32m",
        [INK_BAD] = "\033[1;31m",
        [INK_DOUBT] = "\033[1;33m",
        [INK_SIMULATED] = "\033[1;35m",
    };
    return style.colour ? codes[ink] : "";
}

const char *style_ink_off(struct style style)
{
    return style.colour ? "\033[0m" : "";
}

const char *style_ink_led(struct style style, colour c)
{
    static const char *const codes[COLOUR_COUNT] = {
        [COLOUR_RED] = "\033[31m",  [COLOUR_GREEN] = "\033[32m",   [COLOUR_AMBER] = "\033[33m",
        [COLOUR_BLUE] = "\033[94m", [COLOUR_MAGENTA] = "\033[35m", [COLOUR_CYAN] = "\033[36m",
        [COLOUR_WHITE] = "\033[1m", [COLOUR_LIT] = "\033[1m",
    };
    return style.colour && c < COLOUR_COUNT && codes[c] ? codes[c] : "";
}
