#include "tui/term/term_screen.h"

#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* An environment variable's value, kept, to be put back. */
struct kept {
    const char *name;
    char *value;
};

static struct kept swap_env(const char *name, int value)
{
    const char *old = getenv(name);
    struct kept kept = {.name = name, .value = old ? strdup(old) : NULL};
    char text[16];

    snprintf(text, sizeof(text), "%d", value);
    setenv(name, text, 1);
    return kept;
}

static void put_back_env(struct kept kept)
{
    if (kept.value) {
        setenv(kept.name, kept.value, 1);
    } else {
        unsetenv(kept.name);
    }
    free(kept.value);
}

static void never_called(int signal_number)
{
    (void)signal_number;
}

/* newterm, without what it does besides. Signals are the caller's: curses sets handlers where it
 * finds the default, and each doupdate would ignore SIGTSTP for a while, which loses one that is
 * pending; so it finds handlers. Curses cannot ask a file for its size, and for some terminals
 * terminfo has none; LINES and COLUMNS it heeds. */
SCREEN *term_screen_new(FILE *drawn, int rows, int columns)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    enum { COUNT = sizeof(signals) / sizeof(signals[0]) };
    struct sigaction before[COUNT];
    struct sigaction ours = {.sa_handler = never_called, .sa_flags = SA_RESTART};

    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < COUNT; i++) {
        sigaction(signals[i], &ours, &before[i]);
    }
    struct kept kept_lines = swap_env("LINES", rows);
    struct kept kept_columns = swap_env("COLUMNS", columns);
    SCREEN *screen = newterm(NULL, drawn, drawn);
    put_back_env(kept_columns);
    put_back_env(kept_lines);
    for (size_t i = 0; i < COUNT; i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    return screen;
}

enum term_colours term_screen_colours(void)
{
    const char *no_color = getenv("NO_COLOR");

    if (!has_colors() || start_color() != OK) {
        return TERM_MONO;
    }
    use_default_colors();
    if ((no_color && *no_color) || COLORS < 8) {
        return TERM_MONO;
    }
    return COLORS < 256 ? TERM_8 : TERM_256;
}

bool term_screen_utf8(void)
{
    const char *name = getenv("TERM");
    bool old = name && strncmp(name, "vt", 2) == 0 && name[2] >= '0' && name[2] <= '9';
    return !old && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
