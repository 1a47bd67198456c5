/*
 * The judge: (procedure, what the station can see, timeline) -> verdict, with one line of reason
 * for each expectation. A pure function: any stored run can be judged again, with today's profile.
 *
 * The verdict is `fail` if an expectation that could be observed was not met; else `inconclusive`
 * if a needed one could not be observed; else `pass`. A run that did not complete is `aborted`
 * (operator, e-stop, interlock) or `error` (bench fault), whatever was seen. `pass` requires that
 * at least one needed expectation was met and none missed. Instead of pass or fail, the verdict is
 * `inconclusive` if the timeline does not show that the buttons went down and up as ordered, that
 * their contacts confirmed it, and that each precondition was met, or if the radio reported another
 * unit than the one found.
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
    RESULT_RECORDED, /* `unknown` in the profile: nothing is claimed, whatever was seen */
    RESULT_PENDING,  /* judge_so_far only: not decided yet */
};

enum { JUDGE_TEXT_MAX = 1024 };

struct finding {
    const struct expectation *expectation;
    enum expect_result result;
    bool has_margin;
    int64_t margin_ns; /* to the nearest limit: the window's end, or its start if the profile claims
                          one; negative: missed by that much */
    bool from_start;   /* ... which is the start */
    char expected[JUDGE_TEXT_MAX];
    char observed[JUDGE_TEXT_MAX];
    char reason[JUDGE_TEXT_MAX];
    bool has_at;
    int64_t at_ns;      /* radio findings: when it was observed, from the start of the run */
    const char *object; /* radio findings: the D-Bus object it was observed on; NULL: none */
    const char *error;  /* ... and BlueZ's name of the error it is based on; NULL: none */
};

/* What the station that made the timeline could see; part of a stored run. */
struct sensors {
    bool led;
    bool colour;
    bool sound;
    bool radio;                /* a radio is configured; the timeline says whether it worked */
    uint32_t contacts;         /* actuators that have a contact sense, a set */
    const char *unit_firmware; /* the version given by the operator; NULL: none */
};

struct judgement {
    enum verdict verdict;
    char reason[JUDGE_TEXT_MAX]; /* one sentence for the whole run */
    char next[JUDGE_TEXT_MAX];   /* what to do next, "" for nothing */
    struct pattern led_seen;     /* canonical pattern of the pulses up to the LED window's end */
    bool led_watched;
    bool led_truncated;
    bool led_lost; /* edges were lost in the time that counts */
    size_t finding_count;
    struct finding findings[PROFILE_EXPECT_MAX];
};

struct sensors judge_sensors_of_station(const struct station *station);

/* `procedure` belongs to `profile`, which has the names that the unit uses on the air. */
void judge(const struct profile *profile, const struct procedure *procedure,
           const struct sensors *sensors, const struct timeline *timeline, enum run_end end,
           struct judgement *judgement);

/*
 * The same for a run in progress, at `now_ns` of the timeline's clock. A finding other than
 * RESULT_PENDING is final: `judge` will give the same in the end. A finding that may still change
 * is RESULT_PENDING: its anchor has not come, nothing was seen so far and its window is still open,
 * or what was seen (an LED pattern that one more pulse would spoil) is not final. It has
 * `expected`, what was `observed` so far, what it waits for as its `reason`, and a margin if it
 * would pass as things stand. The verdict and its reason are not meaningful yet. Once the run has
 * ended, nothing is pending.
 *
 * `timeline` is the one that the engine writes, or that of a stored run.
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
