/*
 * What an output can show: UTF-8 or ASCII, colours or none. Colour alone never carries meaning.
 */
#ifndef LONGPRESS_TUI_STYLE_H
#define LONGPRESS_TUI_STYLE_H

#include "rig/signal/colour.h"

#include <stdbool.h>
#include <stdio.h>

struct style {
    bool utf8;
    bool colour;
};

/* UTF-8 depends on the locale; colours on a terminal, unless NO_COLOR is set or TERM is dumb. */
struct style style_of(FILE *out);

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GOOD, INK_BAD, INK_DOUBT, INK_SIMULATED };

/* The escape sequence that begins / ends the ink; "" without colours. */
const char *style_ink_on(struct style style, enum ink ink);
const char *style_ink_off(struct style style);
/* The same for an LED's colour. */
const char *style_ink_led(struct style style, colour c);

#endif
