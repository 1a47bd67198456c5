/*
 * Colours of an LED, as seen by three channels.
 *
 * A colour is the set of lit channels: bit 0 red, bit 1 green, bit 2 blue. A bench with one clear
 * photodiode sees only COLOUR_LIT: light of unknown colour. Names: red, green, blue, amber (R+G),
 * magenta (R+B), cyan (G+B), white (R+G+B), lit. (A bench file may give other names to the sets.)
 */
#ifndef LONGPRESS_RIG_COLOUR_H
#define LONGPRESS_RIG_COLOUR_H

#include <stdint.h>

enum { LED_CHANNELS = 3 };

typedef uint8_t colour;

enum {
    COLOUR_DARK = 0,
    COLOUR_RED = 1,
    COLOUR_GREEN = 2,
    COLOUR_AMBER = 3,
    COLOUR_BLUE = 4,
    COLOUR_MAGENTA = 5,
    COLOUR_CYAN = 6,
    COLOUR_WHITE = 7,
    COLOUR_LIT = 8,
    COLOUR_COUNT = 9,
};

/* "dark", "red", ..., "lit". */
const char *colour_name(colour c);
/* The colour of that name (orange and yellow are amber, purple is magenta), -1 if none. */
int colour_from_name(const char *name);
/* Its letter on a chart without colours: . R G A B M C W * */
char colour_letter(colour c);

#endif
