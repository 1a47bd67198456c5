#include "rig/threshold/threshold_window.h"

#include "rig/base/arena.h"

#include <stdlib.h>
#include <string.h>

struct threshold_window {
    struct threshold *start;
    struct threshold *end; /* NULL: not sought */
};

static const char *const names[] = {"nothing", "reset", "beyond"};

const char *threshold_outcome_name(enum hold_outcome outcome)
{
    return names[outcome];
}

bool threshold_outcome_parse(const char *name, enum hold_outcome *outcome)
{
    for (int i = HOLD_NOTHING; i <= HOLD_BEYOND; i++) {
        if (strcmp(name, names[i]) == 0) {
            *outcome = i;
            return true;
        }
    }
    return false;
}

struct threshold_window *threshold_window_new(struct diags *diags,
                                              const struct threshold_setup *setup, bool both)
{
    struct threshold *start = threshold_new(diags, setup);
    if (!start) {
        return NULL;
    }
    struct threshold_window *window = xcalloc(sizeof(*window));
    window->start = start;
    window->end = both ? threshold_new(diags, setup) : NULL;
    return window;
}

void threshold_window_free(struct threshold_window *window)
{
    if (window) {
        threshold_free(window->start);
        threshold_free(window->end);
        free(window);
    }
}

bool threshold_window_add(struct threshold_window *window, int64_t hold_ns,
                          enum hold_outcome outcome)
{
    return threshold_add(window->start, hold_ns, outcome != HOLD_NOTHING) &&
           (!window->end || threshold_add(window->end, hold_ns, outcome == HOLD_BEYOND));
}

/* Those still open. */
static size_t sought(const struct threshold_window *window, const struct threshold *searches[2])
{
    size_t count = 0;
    if (threshold_state(window->start) == THRESHOLD_OPEN) {
        searches[count++] = window->start;
    }
    if (window->end && threshold_state(window->end) == THRESHOLD_OPEN) {
        searches[count++] = window->end;
    }
    return count;
}

bool threshold_window_open(const struct threshold_window *window)
{
    const struct threshold *searches[2];
    return sought(window, searches) > 0;
}

int64_t threshold_window_next_ns(const struct threshold_window *window)
{
    const struct threshold *searches[2];
    size_t count = sought(window, searches);
    return count > 0 ? threshold_next_of(searches, count) : threshold_next_ns(window->start);
}

void threshold_window_pause(struct threshold_window *window)
{
    threshold_pause(window->start);
    if (window->end) {
        threshold_pause(window->end);
    }
}

struct threshold_forecast threshold_window_forecast(const struct threshold_window *window)
{
    struct threshold_forecast start = threshold_forecast(window->start);
    struct threshold_forecast end = {0};
    if (window->end) {
        end = threshold_forecast(window->end);
    }
    return start.middle >= end.middle ? start : end;
}

const struct threshold *threshold_window_start(const struct threshold_window *window)
{
    return window->start;
}

const struct threshold *threshold_window_end(const struct threshold_window *window)
{
    return window->end;
}
