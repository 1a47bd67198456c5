/*
 * Writes what was learned as a profile: the profile that the steps came from, with the learned
 * procedure in place of the old one, a new source, and comments that say what was seen.
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

/* Does the profile already have a source with that id? */
bool learn_file_source_taken(const struct profile *profile, const char *id);

/* The profile with a procedure that claims nothing, for the record of the runs. In `arena`: do not
 * free. NULL after an error. */
struct profile *learn_file_asked(struct diags *diags, struct arena *arena,
                                 const struct profile *profile, const struct procedure *procedure);

/* The text of the learned file, loaded once to be sure that `longpress check` accepts it. In
 * `arena`; NULL after an error. */
const char *learn_file_text(struct diags *diags, struct arena *arena,
                            const struct learn_story *story, const struct lesson *lesson,
                            size_t count, size_t *length);

#endif
