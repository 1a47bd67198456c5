/*
 * Keys by their names, as the bytes that a terminal of that type sends for them: "Down", "Enter",
 * "F1", "Ctrl-C", "Alt-x", "a". terminfo knows the rest.
 */
#ifndef LONGPRESS_TESTS_TUI_KEYNAMES_H
#define LONGPRESS_TESTS_TUI_KEYNAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { KEYNAMES_BYTES_MAX = 32 };

/* From now on keys are those of this type of terminal. False: terminfo does not know it. */
bool keynames_terminal(const char *term);
/* How many bytes; 0: nobody knows that key, or the terminal has none. */
size_t keynames_bytes(const char *name, char bytes[KEYNAMES_BYTES_MAX]);
/* The names that are in the table; NULL: no more. */
const char *keynames_at(size_t index);

#endif
