/*
 * A profile: what is claimed about one model, in one YAML file. Every key is described in
 * profiles/SCHEMA.md. Loading checks everything that can be checked without a bench; the plan
 * (rig/plan/plan.h) checks the rest.
 *
 * A profile is immutable once loaded and owns everything in its arena. Times are ns. Indices refer
 * to the arrays of the same profile. Sets of controls are bit masks, bit i = controls[i].
 */
#ifndef LONGPRESS_RIG_PROFILE_H
#define LONGPRESS_RIG_PROFILE_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/profile/expect.h"
#include "rig/profile/question.h"
#include "rig/signal/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROFILE_CONTROLS_MAX = 16,
    PROFILE_STEPS_MAX = 64,
    PROFILE_TAPS_MAX = 50,
    PROFILE_HAZARDS_MAX = 32,
    PROFILE_EXPECT_MAX = 32,
    PROFILE_COOLDOWNS_MAX = 8,
};

/* The shortest that a state may be watched after the last event (`steady_for`, `--steady-for`): one
 * trial of the key takes about that long, so that less would watch nothing. */
#define PROFILE_STEADY_LEAST_NS INT64_C(1000000000)

typedef uint32_t control_mask;

/* The source of a claim. `id` is a key of the profile's `sources`; in that table, `note` says what
 * it is. */
struct source {
    const char *id;
    const char *note; /* or NULL */
};

struct control {
    const char *name;
    const char *const *aliases; /* other names for it, e.g. the manufacturer's */
    size_t alias_count;
    enum control_kind { CONTROL_BUTTON, CONTROL_TOUCH } kind;
    int64_t max_hold_ns; /* never held longer than this by any procedure */
    const char *note;    /* where it is on the unit; or NULL */
};

/* How bad a hazard is; rig/plan/plan.h says what it takes to accept it. */
enum hazard_grade {
    HAZARD_MODE,   /* starts something unintended */
    HAZARD_ERASES, /* loses the owner's data */
    HAZARD_BRICKS, /* may brick the unit */
};

struct hazard {
    const char *id;
    control_mask hold;      /* when all of these are down at once ... */
    int64_t longer_than_ns; /* ... for longer than this (0: at all) */
    enum hazard_grade grade;
    const char *risk; /* one sentence */
    struct source source;
};

enum procedure_kind { KIND_SOFT, KIND_NETWORK, KIND_FACTORY, KIND_PAIRING, KIND_OTHER };

enum step_kind { STEP_HOLD, STEP_TAP, STEP_WAIT, STEP_ASK };

struct step {
    enum step_kind kind;
    int line;              /* in the profile file, for messages */
    control_mask controls; /* HOLD, TAP: pressed together */
    int64_t for_ns;        /* HOLD: at most this long; WAIT: this long */
    bool has_release_on;   /* HOLD: release as soon as the LED has shown this */
    struct pattern release_on;
    int64_t not_before_ns; /* HOLD: light that began earlier after the press does not count */
    int times;             /* TAP */
    int64_t on_ns;         /* TAP */
    int64_t off_ns;        /* TAP: pause between two taps; none after the last */
    struct question ask;   /* ASK */
};

enum anchor {
    ANCHOR_PRESS,
    ANCHOR_RELEASE,
    ANCHOR_LED,
    ANCHOR_ANSWER, /* the last question of the steps was answered */
    ANCHOR_WAIT,   /* the last step has ended, in a procedure that neither presses nor asks */
};
enum { ANCHORS = ANCHOR_WAIT + 1 };

/*
 * One thing that should be seen, between `anchor` + `after_ns` and that + `within_ns`. Anchors: the
 * first press of the last hold or tap step; the last release; the LED expectation's last pulse; the
 * last answer; the end of the last wait. In a procedure without presses, `press` and `release` are
 * both the end of its last step.
 */
struct expectation {
    enum expect_kind kind;
    int line;
    bool unknown; /* the source makes no claim: recorded, never judged */
    bool needed;  /* false (`needed: no`): if it cannot be observed, the verdict is not
                     `inconclusive` */
    enum anchor anchor;
    int64_t after_ns; /* may be negative */
    int64_t within_ns;
    struct pattern pattern; /* LED */
    unsigned extra;         /* LED: set of enum extra_pulses */
    int64_t dark_ns;        /* LED: no other flash begins for this long after the window */
    const char *prompt;     /* SOUND: the words, which the rig cannot check */
    int64_t min_ns;         /* SOUND: shortest that counts */
    const char *name;       /* DISCOVERABLE: expected name, NULL: the profile's */
    unsigned services;      /* SERVICES: a set, see rig/signal/services.h */
    int64_t steady_ns; /* watching this long after the last expected event is enough; 0: a state is
                          watched to its window's end, an event as rig/profile/expect.h says */
    struct source steady_source;
};

/* A precondition, checked before anything moves. */
struct requirement {
    int line;
    struct question question;  /* its name, prompt and possible answers */
    const char *const *accept; /* accepted answers; accept_count 0: any, only recorded */
    size_t accept_count;
    int at_least_x100; /* battery: percent x100, -1 none */
};

/* A source's claim about the time between two attempts. */
struct cooldown {
    int64_t cooldown_ns;
    struct source source;
};

struct retry {
    int times; /* further attempts that the source advises; 0: none or unknown */
    int64_t cooldown_ns;
    struct source source;
    struct cooldown *others; /* shorter ones from other sources, or elsewhere in the same source */
    size_t other_count;
};

struct procedure {
    const char *name; /* `network-reset`, `network-reset@gist-toymil` */
    enum procedure_kind kind;
    int line;
    const char *title;            /* a sentence for lists, or NULL */
    const char *const *preserves; /* what the source says is kept */
    size_t preserves_count;
    bool preserves_unknown;
    const char *const *clears;
    size_t clears_count;
    bool clears_unknown;
    struct source source;
    struct requirement *requires;
    size_t requires_count;
    uint32_t intends; /* hazards, bit i = hazards[i], that are this procedure's purpose; never of
                         grade `bricks` */
    struct step *steps;
    size_t step_count;
    struct expectation *expect;
    size_t expect_count;
    unsigned without_bond; /* kinds of `expect`, bit i = kind i, that suffice for a unit that does
                              not pair; 0: none do */
    struct retry retry;
    bool at_once; /* no verdict is made: watching does not continue after an event (no YAML key) */
    const char *const *advice; /* what the operator must know about it */
    size_t advice_count;
};

struct profile {
    struct arena arena;
    const char *path;
    const char *text; /* the file as it was read; stored with each run */
    size_t text_length;
    const char *model;
    const char *family;         /* over-ear, earbuds, ... */
    const char *bluetooth_name; /* NULL: unknown */
    const char *le_name;        /* the name of its Low Energy side; NULL: unknown */
    struct source *sources;
    size_t source_count;
    struct control *controls;
    size_t control_count;
    struct hazard *hazards;
    size_t hazard_count;
    struct procedure *procedures;
    size_t procedure_count;
};

/* Load and check one file. NULL after an error; all errors of the file are in `diags`. */
struct profile *profile_load(struct diags *diags, const char *path);
struct profile *profile_load_text(struct diags *diags, const char *name, const char *text,
                                  size_t length);
void profile_free(struct profile *profile);

const struct procedure *profile_procedure(const struct profile *profile, const char *name);
/* The least destructive reset that is not soft: the first network reset in the file, else the first
 * factory reset. NULL when there is none. */
const struct procedure *profile_default(const struct profile *profile);
/* Longest duration of the last hold or tap step, 0 when nothing is pressed. */
int64_t profile_last_press_ns(const struct procedure *procedure);
/* The precondition with that question name; NULL: there is none. */
const struct requirement *profile_requirement(const struct procedure *procedure, const char *name);
/* Index of the control of that name or alias, -1 if none. */
int profile_control(const struct profile *profile, const char *name);
/* "power + nc_ambient". `out` takes `size` bytes. Returns `out`. */
char *profile_controls_text(const struct profile *profile, control_mask controls, char *out,
                            size_t size);

const char *profile_procedure_kind_name(enum procedure_kind kind);
const char *profile_hazard_grade_name(enum hazard_grade grade);
const char *profile_anchor_name(enum anchor anchor);

#endif
