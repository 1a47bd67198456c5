/*
 * A serial number as an instrument gives it: a scanner, a file, a hand at a keyboard. What such a
 * thing adds is taken off (blanks, a scanner's prefix and suffix); what cannot be a serial number
 * is refused, with its place: never turned silently into another unit's.
 *
 * Two that differ in nothing but the case of letters are one unit, as they are for the journal.
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
    bool gs1;      /* it is a GS1 code: the serial number is its AI 21 */
    bool any_text; /* digits and letters of other scripts are taken as they are */
};

enum serial_fault {
    SERIAL_GOOD,
    SERIAL_EMPTY,
    SERIAL_TOO_LONG,
    SERIAL_NOT_UTF8,
    SERIAL_CONTROL,   /* a control character */
    SERIAL_INVISIBLE, /* looks like a space and is none, is not seen at all, or is no character */
    SERIAL_LOOKALIKE, /* a digit or letter that looks like ASCII's and is another */
    SERIAL_IS_GS1,    /* the parts of a GS1 code, with GS between them */
    SERIAL_NO_AI21,   /* `gs1`, and there is no serial number in it */
};

struct serial {
    char text[SERIAL_MAX];      /* printable UTF-8 */
    char gtin[SERIAL_GTIN_MAX]; /* `gs1`: AI 01; empty: none */
    enum serial_fault fault;
    int column;         /* of the fault, counted in characters from 1 */
    uint32_t character; /* what stands there; SERIAL_NOT_UTF8: the byte */
};

/* Read [text, text+length). True when it is one; else ->fault says why not. */
bool serial_read(struct serial *serial, const char *text, size_t length,
                 const struct serial_rules *rules);

enum { SERIAL_WHY_MAX = 160 };
/* The fault in words ("has U+00A0 in it, which looks like a space and is none"), and what to do.
 * Both return `out`. */
char *serial_why(char out[SERIAL_WHY_MAX], const struct serial *serial);
char *serial_todo(char out[SERIAL_WHY_MAX], const struct serial *serial);

bool serial_same(const char *a, const char *b);
/* The same for those that are the same. */
uint32_t serial_hash(const char *serial);

#endif
