/*
 * Whole documents made of the part that a test is about: the keys that the part leaves out and a
 * document must have are added behind it, so that lines count from the part.
 */
#ifndef LONGPRESS_TESTS_UNIT_PARTS_H
#define LONGPRESS_TESTS_UNIT_PARTS_H

#include "rig/base/diag.h"

#include <stddef.h>

enum part {
    PART_PROFILE,   /* keys of a profile, from line 1 and column 1 on */
    PART_PROCEDURE, /* keys of a procedure: from line 3 and column 5 on */
    PART_BENCH,     /* keys of a bench file, from line 1 and column 1 on */
    PART_STATION,   /* keys of a station: from line 3 and column 5 on */
};

/* The document, to be freed. */
char *part_document(enum part part, const char *text);

/* The diagnostics as they are printed, to be freed; the list is empty then. */
char *diags_text(struct diags *diags);

/* A whole file as text, to be freed; fails the test when it cannot be read. */
char *file_text(const char *path, size_t *length);

#endif
