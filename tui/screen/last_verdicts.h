/*
 * Each station's last verdict from before the program started, read from the journal for the cards
 * of the bench screen.
 */
#ifndef LONGPRESS_TUI_PAST_H
#define LONGPRESS_TUI_PAST_H

struct app;

/* Reads the journal, which takes some milliseconds; leaves unknown verdicts alone. */
void last_verdicts_read(struct app *app);

#endif
