/*
 * Judge internals; for rig/judge/judge*.c only.
 */
#ifndef LONGPRESS_RIG_JUDGE_INTERNAL_H
#define LONGPRESS_RIG_JUDGE_INTERNAL_H

#include "rig/judge/judge.h"
#include "rig/timeline/evidence_settle.h"

/* Everything a verdict is based on. */
struct trial {
    const struct profile *profile;
    const struct procedure *procedure;
    const struct sensors *sensors;
    const struct timeline *timeline;
    struct anchors anchors;
    int64_t watched_ns;         /* watching ended then */
    bool ended;                 /* ... and the run with it */
    bool live;                  /* the run is in progress: later events are judged later */
    const struct entry *lifted; /* when the unit was lifted; NULL: it was not */
    bool without_bond;          /* there was none, and the operator continued */
};

struct trial judge_trial(const struct profile *profile, const struct procedure *procedure,
                         const struct sensors *sensors, const struct timeline *timeline);
/* Judge every expectation by what the trial has, as if the run were over. */
void judge_findings(const struct trial *trial, struct judgement *judgement);

/* It needs a bond, but there was none. */
bool judge_left_out(const struct trial *trial, const struct expectation *expectation);

/* Set a finding's result and its reason. */
void judge_finding_set(struct finding *finding, enum expect_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void judge_finding_observe(struct finding *finding, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "the press". */
const char *judge_anchor_words(enum anchor anchor);
/* "5 s to 11 s after the press". Returns `out`. */
char *judge_window_words(char *out, size_t size, const struct expectation *expectation);
/* "1.2 s after the release": an instant relative to this expectation's anchor. */
char *judge_instant_words(char *out, size_t size, const struct trial *trial,
                          const struct expectation *expectation, int64_t time_ns);
/* Was it watched to its window's end? If not, set the finding. */
bool judge_watched_through(const struct trial *trial, const struct window *window,
                           struct finding *finding);
enum { SHORTENED_TEXT_MAX = 96 };
/* "watched 20 s of 60 s" if a state was not watched to its window's end; else "". */
char *judge_watched_words(char *out, const struct trial *trial,
                          const struct expectation *expectation);
/* Inside the window: pass, with its margin. Outside: fail, with by how much. `what` describes
 * it. */
void judge_finding_set_timed(struct finding *finding, const struct window *window, int64_t first_ns,
                             int64_t last_ns, const char *what);

/* Pass and fail become inconclusive if the record does not show that the presses were made as
 * ordered and the preconditions met. */
void judge_pressed(const struct trial *trial, struct judgement *judgement);
/* ... and if the radio reported another unit than the one found. */
void judge_unit(const struct trial *trial, struct judgement *judgement);

void judge_led(const struct trial *trial, struct finding *finding, struct judgement *judgement);
void judge_sound(const struct trial *trial, struct finding *finding);
void judge_radio(const struct trial *trial, struct finding *finding);
/* If the unit may already have been discoverable before the press, `discoverable` proves nothing
 * unless the unit also did something else. Call this after all other findings. */
void judge_doubt_discoverable(const struct trial *trial, struct judgement *judgement);
/* A pass becomes inconclusive if nothing was seen that a unit which ignores the press does not do.
 * (That one, too, keeps its bond, stays dark, pairs when asked and lists its services.) */
void judge_response(const struct trial *trial, struct judgement *judgement);
/* It came in time. Did it last? `undone` and `perhaps` are the words to use if it did not. */
void judge_finding_set_settled(const struct trial *trial, struct finding *finding,
                               const struct entry *met, const char *undone, const char *perhaps);
/* Like evidence_settled_ns, with what the trial knows. */
int64_t judge_settled_ns(const struct trial *trial, const struct expectation *expectation);
/* That time is over, and the event was not undone. */
bool judge_lasted(const struct trial *trial, const struct expectation *expectation);
/* An event came, and was certainly undone. */
bool judge_undone(const struct trial *trial, const struct expectation *expectation);

#endif
