#include "rig/signal/colour.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const names[COLOUR_COUNT] = {
    "dark", "red", "green", "amber", "blue", "magenta", "cyan", "white", "lit",
};

const char *colour_name(colour c)
{
    return c < COLOUR_COUNT ? names[c] : "?";
}

int colour_from_name(const char *name)
{
    static const struct {
        const char *name;
        colour c;
    } others[] = {{"orange", COLOUR_AMBER}, {"yellow", COLOUR_AMBER}, {"purple", COLOUR_MAGENTA}};
    for (int i = 0; i < COLOUR_COUNT; i++) {
        if (strcasecmp(names[i], name) == 0) {
            return i;
        }
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcasecmp(others[i].name, name) == 0) {
            return others[i].c;
        }
    }
    return -1;
}

char colour_letter(colour c)
{
    static const char letters[COLOUR_COUNT] = {'.', 'R', 'G', 'A', 'B', 'M', 'C', 'W', '*'};
    return c < COLOUR_COUNT ? letters[c] : '?';
}
