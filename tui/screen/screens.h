/*
 * All screens there are. To add one: its file, tui/screen/scr_NAME.c with its `const struct screen
 * screen_NAME`, and its line here. Screens go to each other by number, so that none has to know
 * another one.
 */
#ifndef LONGPRESS_TUI_SCREENS_H
#define LONGPRESS_TUI_SCREENS_H

/* In the order in which another one's keys name them. */
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

/* By number; at SCREEN_NONE there is none. */
extern const struct screen *const screens[SCREEN_COUNT];

#endif
