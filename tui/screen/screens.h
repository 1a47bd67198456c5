/*
 * The list of screens. To add one, write tui/screen/scr_NAME.c with a `const struct screen
 * screen_NAME`, and add a line here. Screens refer to each other by number, so that none depends on
 * another.
 */
#ifndef LONGPRESS_TUI_SCREENS_H
#define LONGPRESS_TUI_SCREENS_H

/* In the order of the keys that lead to them. */
#define SCREENS(SCREEN)                                                                            \
    SCREEN(BENCH, bench)                                                                           \
    SCREEN(PICKER, picker)                                                                         \
    SCREEN(RUN, run)                                                                               \
    SCREEN(VERDICT, verdict)                                                                       \
    SCREEN(DETAILS, details)                                                                       \
    SCREEN(BATCH, batch)                                                                           \
    SCREEN(MANUAL, manual)                                                                         \
    SCREEN(THRESHOLD, threshold)                                                                   \
    SCREEN(HISTORY, history)                                                                       \
    SCREEN(HELP, help)

#define SCREEN_NUMBER(NUMBER, name) SCREEN_##NUMBER,
enum screen_number { SCREEN_NONE, SCREENS(SCREEN_NUMBER) SCREEN_COUNT };
#undef SCREEN_NUMBER

struct screen;

/* Indexed by number; none at SCREEN_NONE. */
extern const struct screen *const screens[SCREEN_COUNT];

#endif
