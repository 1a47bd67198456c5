/*
 * Whether an event lasted. A unit that did what was expected may hide again, restart, die, or undo
 * it. So watching continues for a while after the last event, and then the unit must show that
 * nothing changed: by being found in a search, by its link, or by answering one more trial of the
 * key.
 */
#ifndef LONGPRESS_RIG_EVIDENCE_SETTLE_H
#define LONGPRESS_RIG_EVIDENCE_SETTLE_H

#include "rig/timeline/evidence_radio.h"

/* How long an event that can be undone is watched after the last expected event, given the
 * operator's `--steady-for` in `said_ns` (0: not given). 0: it cannot be undone, something else
 * shows that it was not, or no verdict is made. */
int64_t evidence_settling_ns(const struct procedure *procedure,
                             const struct expectation *expectation, int64_t said_ns);
/* The same for a run. */
int64_t evidence_settle_for_ns(const struct procedure *procedure,
                               const struct expectation *expectation,
                               const struct timeline *timeline);
/* Does a last trial of the key show whether it was? */
bool evidence_tried_last(const struct procedure *procedure, const struct expectation *expectation);
/* Until when an event that came is watched, as far as is known at `now_ns`; events still to come
 * may postpone it. INT64_MIN: not, or no longer, needed, since the opposite of something was
 * seen. */
int64_t evidence_settled_ns(const struct procedure *procedure,
                            const struct expectation *expectation, const struct anchors *anchors,
                            const struct timeline *timeline, int64_t now_ns);

/* What happened to an event after `met`. */
struct undoing {
    const struct entry *by;     /* the entry that undid it; NULL: none */
    bool certain;               /* ... if not, it may have another reason */
    bool lasts;                 /* it was confirmed at `until_ns` or later */
    const struct entry *failed; /* the last trial had no result */
};
/* A discoverable unit is searched for again at `until_ns`: that search must find it too, and two
 * full searches that do not find it undo the event. The key is tried at `until_ns` or later. */
struct undoing evidence_undoing(const struct procedure *procedure,
                                const struct expectation *expectation, const struct entry *met,
                                int64_t until_ns, const struct timeline *timeline);

/* Is this something a unit does in response to a press, not a state it may have been in before? (A
 * unit that was already discoverable pairs as well.) */
bool evidence_is_doing(const struct expectation *expectation);

/* Does the procedure depend on `discoverable` alone, with nothing else needed that is a response to
 * the press?
 */
bool evidence_rests_on_showing(const struct procedure *procedure);

#endif
