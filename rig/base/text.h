/*
 * External text: checked on input, made printable on output.
 */
#ifndef LONGPRESS_RIG_TEXT_H
#define LONGPRESS_RIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is [text, text+length) well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing
 * past U+10FFFF)? On false, *bad_at (if not NULL) is the offset of the first bad byte. */
bool text_is_utf8(const char *text, size_t length, size_t *bad_at);

/* Decode the first character of [text, text+length). Returns its length in bytes, 0 if ill-formed.
 */
size_t text_character(const char *text, size_t length, uint32_t *code);

/*
 * Write `text` to `out` (always terminated, `size` bytes at most, cut at a character's edge) so
 * that no terminal acts on it: control characters, DEL, C1 controls, bidirectional overrides and
 * isolates, other invisible format characters and ill-formed bytes come out as `\xNN` or
 * `\u{NNNN}`. Returns `out`.
 */
char *text_printable(char *out, size_t size, const char *text);

/* Columns a printable UTF-8 text takes on a terminal (rig/base/width.h), whatever the
 * locale; an ill-formed byte takes one. */
int text_columns(const char *text);

/*
 * The candidate nearest to `word` (optimal string alignment distance, letter case ignored), or NULL
 * when none is near enough to be a typo (more than a third of the letters differ).
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

enum { TEXT_BLUETOOTH_MAX = 18 };
/* A Bluetooth address, "aa:bb:cc:dd:ee:ff", to upper case. False when it is not one. */
bool text_bluetooth_address(char out[TEXT_BLUETOOTH_MAX], const char *text);

bool text_equal_nocase(const char *a, const char *b); /* ASCII letters only */
bool text_same(const char *a, const char *b);         /* NULL equals only NULL */

#endif
