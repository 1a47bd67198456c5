/*
 * A procedure in words: its steps, its LED, what it keeps. For lists and for JSON alike.
 */
#ifndef LONGPRESS_TUI_WORDS_H
#define LONGPRESS_TUI_WORDS_H

#include "rig/profile/profile.h"

#include <stddef.h>

/* "hold power + nc_ambient for 7 s (let go on blue x2, white x1)". Returns `out`. */
char *print_procedure_step(char *out, size_t size, const struct profile *profile,
                           const struct step *step);
/* All steps, joined by "; ". */
char *print_procedure_sequence(char *out, size_t size, const struct profile *profile,
                               const struct procedure *procedure);
/* The canonical LED pattern; "not said" if the source does not say, "-" if nothing is expected of
 * the LED. */
char *print_procedure_led(char *out, size_t size, const struct procedure *procedure);
/* "eq, anc"; "nothing" or "not said". */
char *print_procedure_list(char *out, size_t size, const char *const *items, size_t count,
                           bool unknown);

#endif
