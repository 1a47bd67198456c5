#include "tests/tui/keynames.h"

#include <curses.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

static const struct {
    const char *name;
    const char *bytes;      /* NULL: terminfo's */
    const char *capability; /* of terminfo */
} keys[] = {
    {"Enter", "\r", NULL},     {"Esc", "\x1b", NULL},      {"Tab", "\t", NULL},
    {"Space", " ", NULL},      {"Backspace", NULL, "kbs"}, {"Up", NULL, "kcuu1"},
    {"Down", NULL, "kcud1"},   {"Left", NULL, "kcub1"},    {"Right", NULL, "kcuf1"},
    {"Home", NULL, "khome"},   {"End", NULL, "kend"},      {"PageUp", NULL, "kpp"},
    {"PageDown", NULL, "knp"}, {"Delete", NULL, "kdch1"},  {"Insert", NULL, "kich1"},
    {"Backtab", NULL, "kcbt"}, {"F1", NULL, "kf1"},        {"F2", NULL, "kf2"},
    {"F3", NULL, "kf3"},       {"F4", NULL, "kf4"},        {"F5", NULL, "kf5"},
    {"F6", NULL, "kf6"},       {"F7", NULL, "kf7"},        {"F8", NULL, "kf8"},
    {"F9", NULL, "kf9"},       {"F10", NULL, "kf10"},      {"F11", NULL, "kf11"},
    {"F12", NULL, "kf12"},
};

enum { KEY_COUNT = sizeof keys / sizeof *keys };

bool keynames_terminal(const char *term)
{
    int error;
    TERMINAL *before = cur_term;
    if (setupterm(term, -1, &error) != OK)
        return false;
    if (before && before != cur_term)
        del_curterm(before);
    return true;
}

const char *keynames_at(size_t index)
{
    return index < KEY_COUNT ? keys[index].name : NULL;
}

/* Without an end: keys are bytes with a count. */
static size_t put(char *bytes, const char *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = from[i];
    return count;
}

size_t keynames_bytes(const char *name, char bytes[KEYNAMES_BYTES_MAX])
{
    size_t length = strlen(name);
    if (strncmp(name, "Ctrl-", 5) == 0 && length == 6) {
        bytes[0] = (char)(name[5] & 0x1f);
        return 1;
    }
    if (strncmp(name, "Alt-", 4) == 0 && length == 5) {
        bytes[0] = '\x1b';
        bytes[1] = name[4];
        return 2;
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(name, keys[i].name) != 0)
            continue;
        const char *found = keys[i].bytes;
        if (!found && cur_term)
            found = tigetstr(keys[i].capability);
        if (!found || (intptr_t)found == -1 || strlen(found) >= KEYNAMES_BYTES_MAX)
            return 0;
        return put(bytes, found, strlen(found));
    }
    /* One character stands for itself. */
    if (length == 1 || (length > 1 && length <= 4 && (name[0] & 0x80))) {
        return put(bytes, name, length);
    }
    return 0;
}
