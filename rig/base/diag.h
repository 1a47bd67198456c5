/*
 * Diagnostics: what went wrong, where, and what to do about it. All errors are reported this way.
 *
 * A function that can fail for reasons the user can fix takes a `struct diags *` and returns 0 on
 * success, -1 after having added at least one error. Callers add nothing unless they know more;
 * they pass the list up to main, which prints it. Programming errors are assertions.
 *
 * A diagnostic prints as
 *     FILE:LINE:COLUMN: error: WHAT; TODO
 * where FILE may also be a chip and line ("gpiochip0:17"), an object path ("/org/bluez/hci0") or a
 * command-line word, without LINE and COLUMN. External text is made printable (text_printable) when
 * it is added, so a list can be printed as it is.
 */
#ifndef LONGPRESS_RIG_DIAG_H
#define LONGPRESS_RIG_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    DIAG_MAX = 50, /* beyond this, diagnostics are counted but not kept */
    DIAG_TEXT_MAX = 400,
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
    enum diag_level level;
    int line;   /* 1-based; 0: no line */
    int column; /* 1-based; 0: unknown */
    char *where;
    char *what;
    char *todo; /* NULL: nothing can be done about it */
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

/* Add an error; `todo` may be NULL; `fmt` says what was wrong. Always returns -1, for `return
 * diag_error(...)`. */
int diag_error(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a warning. Returns 0. */
int diag_warning(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A place without lines: a chip, an option, an object path. */
static inline struct place place_of(const char *where)
{
    return (struct place){.file = where};
}

/* One line per diagnostic, ordered by file, line and column. */
void diags_print(const struct diags *diags, FILE *out);

/* Move all of `from` to the end of `diags`. */
void diags_move(struct diags *diags, struct diags *from);

/* Free the texts and make the list empty again. */
void diags_clear(struct diags *diags);

#endif
