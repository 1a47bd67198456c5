/*
 * Learning: from several runs of one procedure on a known-good unit to its expectations. Pure:
 * timelines in, expectations out.
 *
 * Only what all runs showed is claimed; what only some showed becomes a remark. The LED decides
 * which runs agree: those with the most common pattern, which must be more than half and at least
 * LEARN_RUNS_MIN. The others are left out, and named.
 *
 * The LED claim covers the flashes from the first press up to the first dark of LEARN_DARK_NS after
 * which nothing new appears (a pairing mode that keeps blinking is a remark). A light that never
 * reaches such a dark is claimed only as far as it does not depend on when watching ended: its last
 * flashes are `blinking`.
 *
 * Windows are computed from the n observed instants: the two-sided tolerance interval of a normal
 * distribution, mean -+ k(n) standard deviations, which covers 99.9 % of such units' runs with a
 * confidence of 95 % (Howe 1969). They always extend at least a floor beyond all observations,
 * since few runs may agree by chance: see LEARN_LIGHT_FLOOR_NS and its fellows. They count from the
 * press for what happened before the release, otherwise from the release.
 */
#ifndef LONGPRESS_RIG_LEARN_H
#define LONGPRESS_RIG_LEARN_H

#include "rig/base/arena.h"
#include "rig/bench/bench.h"
#include "rig/profile/profile.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEARN_RUNS_MIN = 3,
    LEARN_RUNS_MAX = 100,
    LEARN_REMARKS_MAX = 16,
};

/* Dark that ends what belongs together: twice what makes flashes of one colour a train. */
#define LEARN_DARK_NS (2 * PATTERN_TRAIN_NS)

/* How far beyond what was seen a window reaches at least: for light and sound, on top of what their
 * decoder needs to be certain; for the link; for what an inquiry finds, which has a rhythm of its
 * own (Bluetooth Core: 1.28 s trains, 2.56 s scan intervals). */
#define LEARN_LIGHT_FLOOR_NS   INT64_C(100000000)
#define LEARN_LINK_FLOOR_NS    INT64_C(1000000000)
#define LEARN_INQUIRY_FLOOR_NS INT64_C(5000000000)

/*
 * The same procedure with nothing claimed: what a run that is learned from is kept and judged as.
 * `disconnects`, `discoverable` and the bond are always asked of the radio; `gone`, `connects`,
 * `pairs` and `services` where the procedure names them (`pairs: unknown` will do).
 */
struct procedure *learn_blank(struct arena *arena, const struct procedure *procedure);

/* ... and what drives the engine in such a run: everything is watched for `watch_ns` after the
 * procedure's end, or as long as its own windows if that is longer. To be judged by nobody. */
struct procedure *learn_probe(struct arena *arena, const struct procedure *procedure,
                              int64_t watch_ns);

struct learn_run {
    const struct timeline *timeline;
    enum run_end end;
};

struct lesson {
    struct procedure procedure;             /* the given one, with the learned expectations */
    const char *remarks[LEARN_REMARKS_MAX]; /* what was seen but not claimed, or left out: a
                                               sentence each */
    size_t remark_count;
    const char *basis[PROFILE_EXPECT_MAX]; /* of each expectation: what was seen, and its margin */
    const char *bluetooth_name;            /* the name it was seen under, if the profile has none */
    size_t agreeing;                       /* runs that it is based on ... */
    bool agrees[LEARN_RUNS_MAX];           /* ... and which */
};

/*
 * `procedure` is the profile's, `station` what the runs were made on. Texts are in `arena`. 0, or
 * -1 with an error that says why nothing can be learned: a run that did not come to its end, too
 * few that agree (and what each of them showed), nothing that all of them showed, or a run that the
 * judge would not pass by what was learned from it.
 */
int learn(struct diags *diags, struct arena *arena, const struct profile *profile,
          const struct procedure *procedure, const struct station *station,
          const struct learn_run *runs, size_t count, struct lesson *lesson);

#endif
