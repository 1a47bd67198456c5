/*
 * A tap on what a program sends to its terminal: splits the bytes into text, controls and escape
 * sequences, keeps the terminal's modes, and notes everything that a calm curses program has no
 * business to send. It knows no terminal emulator, so it is a second opinion beside libvterm.
 *
 * What is held against a program (tap_complaint): OSC, DCS, APC, PM and SOS strings (titles and
 * clipboards among them), sequences that are on no list here, reports asked of the terminal, C1
 * controls (in UTF-8, too), bytes that are no UTF-8, characters that turn the direction of text.
 */
#ifndef LONGPRESS_TESTS_TUI_TAP_H
#define LONGPRESS_TESTS_TUI_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAP_SEQUENCE_MAX = 256, /* longer ones are cut, and a complaint */
    TAP_COMPLAINT_MAX = 160,
    TAP_COMPLAINTS_MAX = 16, /* later ones are only counted */
    TAP_ARGUMENTS_MAX = 16,
};

/* The modes that a program must give back; `on` is the state it found. */
struct tap_modes {
    bool alternate;     /* ?1049, ?1047, ?47 */
    bool cursor_hidden; /* ?25 off */
    bool mouse;         /* any of ?1000, ?1002, ?1003 */
    bool mouse_sgr;     /* ?1006 */
    bool cursor_keys;   /* ?1 */
    bool keypad;        /* ESC = */
    bool paste;         /* ?2004 */
    bool wrap_off;      /* ?7 off */
    bool insert;        /* 4 */
    bool shifted;       /* SO */
    bool drawing;       /* G0 is the line drawing set */
    bool scroll_region; /* part of the screen */
};

struct tap {
    /* Where everything goes that is to reach the emulator; REP is written out, and what emulators
     * trip over (the Linux console's ESC ] R) is left out. */
    void (*emit)(void *context, const char *bytes, size_t count);
    /* A run of text, before it is emitted: `columns` wide. NULL: nobody asks. */
    void (*text)(void *context, int columns);
    void *context;

    struct tap_modes modes;
    unsigned bells;
    uint64_t sequences; /* escape sequences, whole ones */
    int row_max;        /* the largest row and column that the cursor was sent to, from 1 */
    int column_max;
    char complaints[TAP_COMPLAINTS_MAX][TAP_COMPLAINT_MAX];
    unsigned complaint_count;

    /* Private. */
    int state;
    char sequence[TAP_SEQUENCE_MAX];
    size_t length;
    bool cut;
    char run[4096]; /* text that waits to be emitted */
    size_t run_length;
    int run_columns;
    char glyph[4]; /* the last one, for REP */
    size_t glyph_length;
    int glyph_columns;
    int utf8_more;
    unsigned pen; /* what SGR has set and not taken back; 0: plain */
    int rows;     /* of the terminal now, for the scroll region */
};

void tap_init(struct tap *tap, int rows);
void tap_rows(struct tap *tap, int rows);
void tap_feed(struct tap *tap, const char *bytes, size_t count);

/* The first complaint, NULL: none. */
const char *tap_complaint(const struct tap *tap);

/* Which modes are not as they were at the start, in words; NULL: all are. */
const char *tap_unrestored(const struct tap *tap, char *buffer, size_t size);

#endif
