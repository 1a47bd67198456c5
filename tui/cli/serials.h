/*
 * Reads serial numbers from a file: one per line, or the column `serial` of a table separated by
 * commas, semicolons or tabs (CSV, RFC 4180). A line ends with CR, LF or both. Empty lines and
 * lines that start with `#` are ignored. A column `address` has Bluetooth addresses, for units that
 * their owners renamed.
 */
#ifndef LONGPRESS_TUI_SERIALS_H
#define LONGPRESS_TUI_SERIALS_H

#include "rig/base/diag.h"
#include "rig/base/serial.h"
#include "rig/base/text.h"
#include "rig/batch/batch.h"

#include <stddef.h>

struct serials {
    char (*items)[BATCH_SERIAL_MAX];       /* owned; each once, in the file's order */
    char (*gtins)[SERIAL_GTIN_MAX];        /* owned; of each, empty where there is none */
    char (*addresses)[TEXT_BLUETOOTH_MAX]; /* owned; the same, in capitals */
    size_t count;
};

struct serials_rules {
    struct serial_rules serial;
    const char *model; /* a column `model` has to say the same; NULL: any */
};

/* Parses a whole list. 0, or -1 after an error: each line that is not a serial number is one, and
 * so is an empty list. A repeated number (ignoring case) is a warning, and is taken once. */
int serials_parse(struct serials *serials, struct diags *diags, const char *name, const char *text,
                  size_t length, const struct serials_rules *rules);

/* The same from a file; `path` `-` is standard input. A signal at `signal_fd` ends the wait for
 * input: then *signalled is set and nothing is reported. */
int serials_read(struct serials *serials, struct diags *diags, const char *path,
                 const struct serials_rules *rules, int signal_fd, bool *signalled);
/* The address of the unit with that serial number; NULL: the list has none. */
const char *serials_address(const struct serials *serials, const char *serial);
/* Its GTIN, the same way. */
const char *serials_gtin(const struct serials *serials, const char *serial);
void serials_free(struct serials *serials);

#endif
