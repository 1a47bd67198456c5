/*
 * A screen of the operator's program. One file each (tui/screen/scr_*.c): it draws the engine's
 * state and timeline and turns keys into calls; it contains no rule of a run.
 */
#ifndef LONGPRESS_TUI_SCREEN_H
#define LONGPRESS_TUI_SCREEN_H

#include "tui/screen/screens.h"
#include "tui/term/keys.h"
#include "tui/term/paint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;

/* For the key bar (as many as fit) and for help (all). */
struct screen_key {
    const char *key;  /* "Enter" */
    const char *does; /* "run" */
};

enum { SCREEN_KEYS_MAX = 20 };

/* Another screen from which a letter leads to this one. It is listed among that screen's keys. */
struct screen_way {
    enum screen_number from; /* SCREEN_NONE: others go to it in their own way */
    const char *key;         /* "m" */
    const char *does;        /* "manual" */
};

/* Work that continues on every screen. */
struct screen_work {
    bool (*is_on)(const struct app *app); /* the rest is called only then */
    int64_t (*due_ns)(const struct app *app);
    void (*step)(struct app *app);
    /* A scan that comes while letters mean something else, or another screen is shown. */
    void (*scan)(struct app *app, const char *text);
    /* A sentence saying what would be left undone by leaving now; NULL: nothing. */
    const char *(*unfinished)(const struct app *app);
};

struct screen {
    const char *title;
    const char *about; /* for help: what the screen is for, one paragraph */
    /* The keys that work now, most important first. Returns how many. */
    int (*keys)(const struct app *app, struct screen_key keys[SCREEN_KEYS_MAX]);
    void (*draw)(struct app *app, struct area area);
    /* False if the key means nothing here. */
    bool (*key)(struct app *app, const struct key *key);
    /* Called when it becomes the current screen. May be NULL. */
    void (*enter)(struct app *app);
    /* Do letters currently go to a text field? NULL: never. */
    bool (*typing)(const struct app *app);
    /* When to redraw a screen drawn at `drawn_ns` (CLOCK_MONOTONIC) although nothing has happened
     * (for a running clock). INT64_MAX, or NULL: never. */
    int64_t (*due_ns)(const struct app *app, int64_t drawn_ns);
    /* Called when due_ns has come, and often besides. May be NULL. */
    void (*step)(struct app *app);
    /* Can a scan arrive although letters mean something here? NULL: no. */
    bool (*scans_come)(const struct app *app);
    struct screen_way way;
    /* The screen that replaces it when the station's run ends. */
    enum screen_number after_run;
    const struct screen_work *work; /* NULL: none */
    /* Size of its state, initially zeroed: app_state. `forget`, which may be NULL, frees what the
     * state owns. */
    size_t state_size;
    void (*forget)(void *state);
};

#endif
