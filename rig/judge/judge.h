/*
 * The judge: (procedure, what the station can see, timeline) -> verdict, with one line of reason
 * for each expectation. Pure: it can be asked again of any stored run, with today's profile.
 *
 * The whole is `fail` when an expectation that could be observed was not met; else `inconclusive`
 * when a needed one could not be observed; else `pass`. A run that did not come to its end is
 * `aborted` (operator, e-stop, interlock) or `error` (bench fault), whatever was seen. `pass` is
 * given only when at least one needed expectation was met and none missed. Neither pass nor fail is
 * given where the timeline does not show that the buttons went down and up as ordered, were felt
 * where they are sensed, and that each precondition was met, nor where the radio told of another
 * unit than the one that was found: that is `inconclusive`.
 */
#ifndef LONGPRESS_RIG_JUDGE_H
#define LONGPRESS_RIG_JUDGE_H

#include "rig/bench/bench.h"
#include "rig/profile/profile.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_ABORTED, VERDICT_ERROR };

enum expect_result {
    RESULT_PASS,
    RESULT_FAIL,
    RESULT_INCONCLUSIVE,
    RESULT_RECORDED, /* `unknown` in the profile: seen or not, nothing was claimed */
    RESULT_PENDING,  /* judge_so_far only: it is not decided yet */
};

enum { JUDGE_TEXT_MAX = 1024 };

struct finding {
    const struct expectation *expectation;
    enum expect_result result;
    bool has_margin;
    int64_t margin_ns; /* to the limit that is nearest to being broken: the window's end, or its
                          start where the profile claims one; negative: missed by that much */
    bool from_start;   /* ... and that is the start */
    char expected[JUDGE_TEXT_MAX];
    char observed[JUDGE_TEXT_MAX];
    char reason[JUDGE_TEXT_MAX];
    bool has_at;
    int64_t at_ns;      /* a radio's finding: when it was observed, from the run's begin */
    const char *object; /* a radio's finding: the D-Bus object it was observed of; NULL: none */
    const char *error;  /* ... and BlueZ's name of the error it rests on; NULL: none */
};

/* What the station that made the timeline could see; a stored run carries it. */
struct sensors {
    bool led;
    bool colour;
    bool sound;
    bool radio;                /* a radio is configured; whether it worked the timeline says */
    uint32_t contacts;         /* actuators that have a contact sense, a set */
    const char *unit_firmware; /* the version the operator says the unit has; NULL: not said */
};

struct judgement {
    enum verdict verdict;
    char reason[JUDGE_TEXT_MAX]; /* one sentence for the whole */
    char next[JUDGE_TEXT_MAX];   /* what to do now, "" for nothing */
    struct pattern led_seen;     /* canonical pattern of the pulses up to the LED window's end */
    bool led_watched;
    bool led_truncated;
    bool led_lost; /* events were lost in the time that counts */
    size_t finding_count;
    struct finding findings[PROFILE_EXPECT_MAX];
};

struct sensors judge_sensors_of_station(const struct station *station);

/* `procedure` is one of `profile`'s, which knows the names the unit shows itself by. */
void judge(const struct profile *profile, const struct procedure *procedure,
           const struct sensors *sensors, const struct timeline *timeline, enum run_end end,
           struct judgement *judgement);

/*
 * The same of a run that is still going on, at `now_ns` of the timeline's clock: what can be said
 * by now. What is said (anything but RESULT_PENDING) stays, and is what `judge` will say in the
 * end. A finding that may yet turn is RESULT_PENDING: what it counts from has not come, nothing was
 * seen so far and its window is not over, or what was seen (a LED pattern that one more pulse would
 * spoil) is not final. It has `expected`, what was `observed` so far, for `reason` what it waits
 * for, and a margin when it would pass if that were all. Verdict and its reason mean nothing yet.
 * Once the run has ended nothing is pending.
 *
 * `timeline` is the one that the engine writes, or what a stored run has of it.
 */
void judge_so_far(const struct profile *profile, const struct procedure *procedure,
                  const struct sensors *sensors, const struct timeline *timeline, int64_t now_ns,
                  struct judgement *judgement);

/* A finding's margin for people: "10.3 s of 37 s (26.7 s left)". Returns `out`. */
enum { MARGIN_TEXT_MAX = 128 };
char *judge_margin_words(char *out, const struct finding *finding);

const char *judge_verdict_name(enum verdict verdict);
const char *judge_result_name(enum expect_result result);
/* 0 pass, 1 fail, 3 inconclusive, 4 aborted, 5 error (docs/longpress.1.in, EXIT STATUS). */
int judge_verdict_exit_status(enum verdict verdict);

#endif
