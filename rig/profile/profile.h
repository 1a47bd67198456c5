/*
 * A profile: what is claimed of one model. One YAML file each; every key is described in
 * profiles/SCHEMA.md. Loading checks all that can be checked without a bench; the plan
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

typedef uint32_t control_mask;

/* Who says so. `id` is a key of the profile's `sources`; in that table, `note` says what it is. */
struct source {
    const char *id;
    const char *note; /* or NULL */
};

struct control {
    const char *name;
    const char *const *aliases; /* other names of it, e.g. the maker's */
    size_t alias_count;
    enum control_kind { CONTROL_BUTTON, CONTROL_TOUCH } kind;
    int64_t max_hold_ns; /* never held longer, whatever the procedure */
    const char *note;    /* where it is on the unit; or NULL */
};

/* How bad a hazard is; what it takes to go past it (see rig/plan/plan.h). */
enum hazard_grade {
    HAZARD_MODE,   /* starts something else than was meant */
    HAZARD_ERASES, /* loses the owner's data */
    HAZARD_BRICKS, /* may end the unit */
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
    int line;              /* in the profile, for messages */
    control_mask controls; /* HOLD, TAP: pressed together */
    int64_t for_ns;        /* HOLD: at the latest this long; WAIT: this long */
    bool has_release_on;   /* HOLD: let go as soon as the LED has shown this */
    struct pattern release_on;
    int64_t not_before_ns; /* HOLD: light that began sooner is none of it, from the press on */
    int times;             /* TAP */
    int64_t on_ns;         /* TAP */
    int64_t off_ns;        /* TAP: between two, and none after the last */
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
 * One thing that is to be seen: between `anchor` + `after_ns` and that + `within_ns`.
 * Anchors: the first press of the last hold or tap step; the last release; the LED expectation's
 * last pulse; the last answer; the end of the last wait. In a procedure that presses nothing,
 * `press` and `release` are both the end of its last step.
 */
struct expectation {
    enum expect_kind kind;
    int line;
    bool unknown; /* the source does not say: nothing is claimed; recorded, never judged */
    bool needed;  /* false (`needed: no`): not observable is no reason for `inconclusive` */
    enum anchor anchor;
    int64_t after_ns; /* may be negative */
    int64_t within_ns;
    struct pattern pattern; /* LED */
    unsigned extra;         /* LED: set of enum extra_pulses */
    int64_t dark_ns;        /* LED: behind the window no other flash begins for so long */
    const char *prompt;     /* SOUND: the words, which the rig cannot check */
    int64_t min_ns;         /* SOUND: shortest that counts */
    const char *name;       /* DISCOVERABLE: expected name, NULL: the profile's */
    unsigned services;      /* SERVICES: a set, see rig/signal/services.h */
    int64_t steady_ns;      /* so long after the last expected event is enough; 0: a state is
                               watched to its window's end, an event as rig/profile/expect.h says */
    struct source steady_source;
};

/* What must be so before anything moves. */
struct requirement {
    int line;
    struct question question;  /* its name, prompt and the answers that are possible */
    const char *const *accept; /* the answers that will do; accept_count 0: any, it is recorded */
    size_t accept_count;
    int at_least_x100; /* battery: percent x100, -1 none */
};

/* What somebody says of the time between two attempts. */
struct cooldown {
    int64_t cooldown_ns;
    struct source source;
};

struct retry {
    int times; /* further attempts the source advises; 0: none or not said */
    int64_t cooldown_ns;
    struct source source;
    struct cooldown *others; /* shorter ones, that others say, or the same source elsewhere */
    size_t other_count;
};

struct procedure {
    const char *name; /* `network-reset`, `network-reset@gist-toymil` */
    enum procedure_kind kind;
    int line;
    const char *title;            /* a sentence for lists, or NULL */
    const char *const *preserves; /* what the source promises is kept */
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
                              not pair; 0: nothing does */
    struct retry retry;
    bool at_once; /* no verdict is taken of it: what was seen is not watched on (no key) */
    const char *const *advice; /* what a person must know around it */
    size_t advice_count;
};

struct profile {
    struct arena arena;
    const char *path;
    const char *text; /* the file as it was read: what a run is kept with */
    size_t text_length;
    const char *model;
    const char *family;         /* over-ear, earbuds, ... */
    const char *bluetooth_name; /* or NULL: not known */
    const char *le_name;        /* under which its Low Energy side shows, or NULL: not known */
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
/* The least destructive reset that is not soft: network, else factory; the first of its kind in
 * the file. NULL when there is none. */
const struct procedure *profile_default(const struct profile *profile);
/* How long the last hold or tap step takes at most, 0 when nothing is pressed. */
int64_t profile_last_press_ns(const struct procedure *procedure);
/* What must be so before anything moves, by its question's name; NULL: nothing is asked of that. */
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
