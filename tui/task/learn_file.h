/*
 * What was learned, as a profile file: the whole profile that the steps came from, with the learned
 * procedure in the place of its namesake, under a source of its own, and comments that say what was
 * seen.
 */
#ifndef LONGPRESS_TUI_LEARN_FILE_H
#define LONGPRESS_TUI_LEARN_FILE_H

#include "rig/learn/learn.h"

#include <stdbool.h>

/* All borrowed. */
struct learn_story {
    const struct profile *profile;
    const struct procedure *procedure; /* one of the profile's */
    const char *source;                /* id of what was learned */
    const char *note;                  /* of the operator; or NULL */
    const char *day;                   /* "2026-11-25" */
    const char *unit;                  /* serial; NULL: not given */
    const char *unit_firmware;         /* NULL: not given */
    const char *bench;
    const char *station;
    const char *simulated; /* the simulated unit; NULL: a real one */
    const char *series;
};

/* Has the profile a source of that id already? */
bool learn_file_source_taken(const struct profile *profile, const char *id);

/* The profile with nothing claimed by the procedure: what the runs are kept with. In `arena`; NULL
 * after an error. Not to be freed. */
struct profile *learn_file_asked(struct diags *diags, struct arena *arena,
                                 const struct profile *profile, const struct procedure *procedure);

/* The learned file's text, loaded once to be certain that `longpress check` takes it. In `arena`;
 * NULL after an error. */
const char *learn_file_text(struct diags *diags, struct arena *arena,
                            const struct learn_story *story, const struct lesson *lesson,
                            size_t count, size_t *length);

#endif
