/*
 * What the journal knows of each station from before the program began: its last verdict, for the
 * bench screen's cards.
 */
#ifndef LONGPRESS_TUI_PAST_H
#define LONGPRESS_TUI_PAST_H

struct app;

/* Reads the journal, some milliseconds; leaves alone what is not known. */
void last_verdicts_read(struct app *app);

#endif
