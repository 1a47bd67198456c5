/*
 * Serial numbers from a file: one a line, or a column named `serial` of a table with commas,
 * semicolons or Tabs between (CSV, RFC 4180). A line ends at CR, LF or both. Empty lines and lines
 * that begin with `#` do not count. A column named `address` has the units' Bluetooth addresses,
 * for those that their owners have renamed.
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

/* Read a whole list. 0, or -1 after an error: every line that is no serial number is one, and a
 * list without any. A number that is there again is told, and taken once, letter case aside. */
int serials_parse(struct serials *serials, struct diags *diags, const char *name, const char *text,
                  size_t length, const struct serials_rules *rules);

/* The same from a file; `path`: `-` is standard input. While that is waited for, a signal that
 * arrives at `signal_fd` ends it: *signalled says so, and nothing else is told. */
int serials_read(struct serials *serials, struct diags *diags, const char *path,
                 const struct serials_rules *rules, int signal_fd, bool *signalled);
/* The address of the unit of that serial number; NULL: the list has none. */
const char *serials_address(const struct serials *serials, const char *serial);
/* Its GTIN, the same way. */
const char *serials_gtin(const struct serials *serials, const char *serial);
void serials_free(struct serials *serials);

#endif
