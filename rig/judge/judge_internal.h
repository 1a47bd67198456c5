/*
 * What the judge is made of; for rig/judge/judge*.c only.
 */
#ifndef LONGPRESS_RIG_JUDGE_INTERNAL_H
#define LONGPRESS_RIG_JUDGE_INTERNAL_H

#include "rig/judge/judge.h"
#include "rig/timeline/evidence_settle.h"

/* All that a verdict is made of. */
struct trial {
    const struct profile *profile;
    const struct procedure *procedure;
    const struct sensors *sensors;
    const struct timeline *timeline;
    struct anchors anchors;
    int64_t watched_ns;         /* watching ended then */
    bool ended;                 /* ... and the run with it */
    bool live;                  /* it goes on: what comes later is asked for later */
    const struct entry *lifted; /* the unit was, then; NULL: it was not */
    bool without_bond;          /* there was none, and the operator went on */
};

struct trial judge_trial(const struct profile *profile, const struct procedure *procedure,
                         const struct sensors *sensors, const struct timeline *timeline);
/* Judge every expectation by what the trial has, as if that were all. */
void judge_findings(const struct trial *trial, struct judgement *judgement);

/* It needs a bond, and there was none. */
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
/* "1.2 s after the release": an instant as people count it for this expectation. */
char *judge_instant_words(char *out, size_t size, const struct trial *trial,
                          const struct expectation *expectation, int64_t time_ns);
/* Was it watched to its window's end? If not, the finding says so. */
bool judge_watched_through(const struct trial *trial, const struct window *window,
                           struct finding *finding);
enum { SHORTENED_TEXT_MAX = 96 };
/* "watched 20 s of 60 s", where a state is not watched to its window's end; else "". */
char *judge_watched_words(char *out, const struct trial *trial,
                          const struct expectation *expectation);
/* Inside the window: pass with its margin. Outside: fail, by how much. `what` is said of it. */
void judge_finding_set_timed(struct finding *finding, const struct window *window, int64_t first_ns,
                             int64_t last_ns, const char *what);

/* Pass and fail become inconclusive where the record does not show what was pressed, or that the
 * preconditions were met. */
void judge_pressed(const struct trial *trial, struct judgement *judgement);
/* ... and where the radio told of another unit than the one that was found. */
void judge_unit(const struct trial *trial, struct judgement *judgement);

void judge_led(const struct trial *trial, struct finding *finding, struct judgement *judgement);
void judge_sound(const struct trial *trial, struct finding *finding);
void judge_radio(const struct trial *trial, struct finding *finding);
/* A unit that may have shown itself before the press as much as after: that it does proves nothing,
 * unless something else was its doing. All other findings are made. */
void judge_doubt_discoverable(const struct trial *trial, struct judgement *judgement);
/* It came in time. Did the unit stay so? `undone` and `perhaps` are what is said if it did not. */
void judge_finding_set_settled(const struct trial *trial, struct finding *finding,
                               const struct entry *met, const char *undone, const char *perhaps);
/* As evidence_settled_ns, by what the trial knows. */
int64_t judge_settled_ns(const struct trial *trial, const struct expectation *expectation);
/* That time is over, and the event was not undone. */
bool judge_lasted(const struct trial *trial, const struct expectation *expectation);
/* An event came, and was undone for certain. */
bool judge_undone(const struct trial *trial, const struct expectation *expectation);

#endif
