/*
 * Serial numbers from a scanner, a file or a keyboard. Whatever the source adds is stripped
 * (blanks, a scanner's prefix and suffix). What cannot be a serial number is refused, with its
 * position, rather than silently turned into another unit's.
 *
 * Two that differ only in letter case are one unit, as in the journal.
 */
#ifndef LONGPRESS_RIG_SERIAL_H
#define LONGPRESS_RIG_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SERIAL_MAX = 64,      /* bytes, with the terminating NUL */
    SERIAL_GTIN_MAX = 15, /* 14 digits */
};

struct serial_rules {
    bool gs1;      /* a GS1 code: the serial number is its AI 21 */
    bool any_text; /* accept digits and letters of other scripts as they are */
};

enum serial_fault {
    SERIAL_GOOD,
    SERIAL_EMPTY,
    SERIAL_TOO_LONG,
    SERIAL_NOT_UTF8,
    SERIAL_CONTROL,   /* a control character */
    SERIAL_INVISIBLE, /* invisible, looks like a space, or not a character */
    SERIAL_LOOKALIKE, /* a digit or letter that looks like an ASCII one but is not */
    SERIAL_IS_GS1,    /* the parts of a GS1 code, with GS between them */
    SERIAL_NO_AI21,   /* `gs1`, but it contains no serial number */
};

struct serial {
    char text[SERIAL_MAX];      /* printable UTF-8 */
    char gtin[SERIAL_GTIN_MAX]; /* `gs1`: AI 01; empty: none */
    enum serial_fault fault;
    int column;         /* of the fault, in characters from 1 */
    uint32_t character; /* the character there; SERIAL_NOT_UTF8: the byte */
};

/* Read [text, text+length). True when it is one; else ->fault says why not. */
bool serial_read(struct serial *serial, const char *text, size_t length,
                 const struct serial_rules *rules);

enum { SERIAL_WHY_MAX = 160 };
/* The fault in words ("contains a control character, U+001B"), and what to do. Both return
 * `out`. */
char *serial_why(char out[SERIAL_WHY_MAX], const struct serial *serial);
char *serial_todo(char out[SERIAL_WHY_MAX], const struct serial *serial);

bool serial_same(const char *a, const char *b);
/* The same for those that are the same. */
uint32_t serial_hash(const char *serial);

#endif
