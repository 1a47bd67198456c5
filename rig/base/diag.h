/*
 * What went wrong, where, and what to do about it: the one way errors are told.
 *
 * A function that can fail for reasons a person must mend takes a `struct diags *` and returns 0
 * on success, -1 after having added at least one error. Callers add nothing of their own unless
 * they know more; they pass the list up to main, which prints it. Functions that fail for reasons
 * only a programmer can mend assert.
 *
 * A diagnostic prints as
 *     FILE:LINE:COLUMN: error: WHAT; TODO
 * where FILE may also be a chip and line ("gpiochip0:17"), an object path ("/org/bluez/hci0") or
 * a command-line word, then without LINE and COLUMN. Texts from outside are made printable
 * (text_printable) when added, so that a list can be printed as it is.
 */
#ifndef LONGPRESS_RIG_DIAG_H
#define LONGPRESS_RIG_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    DIAG_MAX = 50, /* more than this of one list are counted, not kept */
    DIAG_TEXT_MAX = 400,
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
    enum diag_level level;
    int line;   /* 1-based; 0: the place has no lines */
    int column; /* 1-based; 0: not known */
    char *where;
    char *what;
    char *todo; /* NULL: nothing can be done but know it */
};

struct diags {
    struct diag *items; /* owned, DIAG_MAX at most */
    size_t count;
    size_t errors;  /* all errors added, kept or not */
    size_t dropped; /* added past DIAG_MAX */
};

/* A place in a file. `file` is borrowed. */
struct place {
    const char *file;
    int line;
    int column;
};

#define DIAGS_INIT ((struct diags){0})

/* Add an error; `todo` may be NULL; `fmt` says what was wrong. Returns -1, always, so that
 * `return diag_error(...)` reads well. */
int diag_error(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for what is odd and not wrong. Returns 0. */
int diag_warning(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A place without lines: a chip, an option, an object path. */
static inline struct place place_of(const char *where)
{
    return (struct place){.file = where};
}

/* One line a diagnostic, in order of file, line and column. */
void diags_print(const struct diags *diags, FILE *out);

/* All of `from` goes to the end of `diags`; `from` is empty then. */
void diags_move(struct diags *diags, struct diags *from);

/* Free the texts and make the list empty again. */
void diags_clear(struct diags *diags);

#endif
