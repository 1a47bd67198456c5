/*
 * What was learned, as a profile file: the whole profile that the steps came from, with the learned
 * procedure in the place of its namesake, under a source of its own, and comments that say what was
 * seen. A file that is there is never written over unless that was asked for, and a half-written
 * one is never seen under its name.
 */
#ifndef LONGPRESS_TUI_LEARN_FILE_H
#define LONGPRESS_TUI_LEARN_FILE_H

#include "rig/learn.h"

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

struct learn_file {
    const char *path; /* borrowed */
    char *new_path;   /* what is written, until it is whole */
    int fd;           /* -1: not open */
    bool force;
};

/* Before anything moves: can it be written, and is nothing there? -1 after an error. */
int learn_file_open(struct learn_file *file, struct diags *diags, const char *path, bool force);
/* Write it, and put it in its place. -1 after an error. */
int learn_file_write(struct learn_file *file, struct diags *diags, const char *text, size_t length);
/* Leave nothing behind that was not written whole. */
void learn_file_close(struct learn_file *file);

#endif
