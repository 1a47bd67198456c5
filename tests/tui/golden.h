/*
 * Golden screens: what a screen must be, to the last cell, as a text file that people can read and
 * git can diff: the rows, then how they are drawn, row by row ("  3  0-9 bold red").
 *
 * What varies (a clock) is masked, by expressions. A mask never changes a width, and one that
 * nothing matched is an error: it hides nothing, or hides a broken screen.
 */
#ifndef LONGPRESS_TESTS_TUI_GOLDEN_H
#define LONGPRESS_TESTS_TUI_GOLDEN_H

#include "tests/tui/screen.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum { MASKS_MAX = 32 };

struct mask {
    regex_t expression;
    char *source;
    char *text; /* what stands there instead, as wide; NULL: each digit becomes an N */
    unsigned used;
    const char *file;
    int line;
};

struct masks {
    struct mask all[MASKS_MAX];
    size_t count;
};

/* False: `error` says why. `text` may be NULL. */
bool masks_add(struct masks *masks, const char *expression, const char *text, const char *file,
               int line, char *error, size_t size);
void masks_free(struct masks *masks);
/* The first that was never used, NULL: all were. */
const struct mask *masks_unused(const struct masks *masks);

/* The screen as a golden file has it. The caller frees it. NULL: a mask would change a width;
 * `error` says which. */
char *golden_of(const struct screen *screen, struct masks *masks, char *error, size_t size);

/* Compare with the file, or write it when `update`. False: `error` says what differs. */
bool golden_check(const char *path, const char *got, bool update, char *error, size_t size);

#endif
