/*
 * The screens' batch: its set-up, its state, and what its screen shows. It runs on every screen
 * (struct screen_work).
 */
#ifndef LONGPRESS_TUI_BATCH_VIEW_H
#define LONGPRESS_TUI_BATCH_VIEW_H

#include "tui/drive/batch_driver.h"
#include "tui/screen/app.h"

struct batch_view {
    struct batch_sessions *sessions; /* NULL: no batch goes on */
    struct batch_bays_setup setup;
    struct session *on[BENCH_STATIONS_MAX];      /* the stations that can run it */
    enum batch_stage stages[BENCH_STATIONS_MAX]; /* of these, as they were last looked at */
    char name[APP_TEXT_MAX];
    struct field scan;
    int64_t lone_q_ns;       /* the field is `q`, and has been for a while then; 0: it is not */
    bool leaving_by_q;       /* the end was asked for by that */
    char told[APP_TEXT_MAX]; /* what the last scan came to */
    enum paint_ink told_ink;
    bool commands;   /* letters are commands, not a serial */
    size_t station;  /* of the batch: the one that commands act on */
    size_t question; /* set-up: the one whose answer is asked for */
    size_t answer_count;
    const char *answer_names[SESSION_ANSWERS_MAX];
    const char *answer_values[SESSION_ANSWERS_MAX];
    char answers[SESSION_ANSWERS_MAX][ANSWER_TEXT_MAX];
};

static inline struct batch_view *batch_view(const struct app *app)
{
    return app_state(app, SCREEN_BATCH);
}

/* Is there a batch, even one that only rests? */
static inline bool batch_is_open(const struct app *app)
{
    return batch_view(app)->sessions != NULL;
}

/* Use the picker's choice for the batch. */
void batch_choose(struct app *app, const struct profile *profile,
                  const struct procedure *procedure);
/* Process the batch's events: bells, messages for the operator. */
void batch_events(struct app *app);

#endif
