/*
 * A line of text that is typed or scanned: letters as UTF-8, Backspace, Ctrl-U. Text that is too
 * long is never truncated, and a control character inside is kept for the caller to refuse: without
 * it, the text would be another unit's number.
 */
#ifndef LONGPRESS_TUI_FIELD_H
#define LONGPRESS_TUI_FIELD_H

#include "tui/term/keys.h"

#include <stdbool.h>

enum { FIELD_MAX = 64 }; /* bytes, with the null byte; as a serial number (rig/batch/batch.h) */

struct field {
    char text[FIELD_MAX];
    bool too_long; /* more was typed than `text` holds: nothing of it is to be taken */
};

void text_field_clear(struct field *field);
/* False: the key means nothing to it. */
bool text_field_key(struct field *field, const struct key *key);

#endif
