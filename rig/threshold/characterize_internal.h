/* A series and the procedure that it runs; only for rig/threshold/characterize*.c. */
#ifndef LONGPRESS_RIG_CHARACTERIZE_INTERNAL_H
#define LONGPRESS_RIG_CHARACTERIZE_INTERNAL_H

#include "rig/threshold/characterize.h"

struct characterize {
    struct arena arena;
    struct characterize_setup setup;
    struct procedure variant;
    struct step *steps;              /* the variant's */
    size_t varied;                   /* index of the hold */
    const struct procedure *longer;  /* the factory reset by the same hold; NULL */
    struct procedure longer_variant; /* its LED expectation alone */
    const struct procedure *pairing;
    int64_t correction_ns; /* lines are active for the hold and this */
    struct hold_range sought;
    struct hold_range allowed;
    const char *closed_above;
    const char *closed_below;
    struct threshold_window *window;
    int sweep; /* presses of the whole linear sweep; 0: adaptive */
    struct characterize_press *presses;
    size_t count;
    size_t capacity;
    int counted;
};

/* Does it show whether the reset started? */
bool characterize_is_evidence(const struct expectation *expectation);
/* Evidence of the radio needs a bond and a link to begin with. */
bool characterize_needs_bond(const struct procedure *procedure);
/* Index of the last hold, -1 when the last that is pressed is none. */
int characterize_last_hold(const struct procedure *procedure);
/* The factory reset that is the same press, only longer; NULL: the profile has none. */
const struct procedure *characterize_longer_of(const struct characterize_setup *setup,
                                               size_t varied);
/* Which holds are looked at, and which of them the proof allows; the longer reset is none when it
 * is out of reach. -1 after an error: none. */
int characterize_find_ranges(struct characterize *series, struct diags *diags, struct place place);
/* Variant and longer_variant, for what is known of the series' ranges. */
void characterize_make_variant(struct characterize *series);

#endif
