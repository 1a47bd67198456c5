/*
 * What an event is worth afterwards. A unit that did what was expected of it may hide again, start
 * anew, die, or take it back. So it is watched on for a while after the last event, and then has to
 * show that it is as it was: by showing itself to a search, by its link, or by answering to one
 * more trial of the key.
 */
#ifndef LONGPRESS_RIG_EVIDENCE_SETTLE_H
#define LONGPRESS_RIG_EVIDENCE_SETTLE_H

#include "rig/timeline/evidence_radio.h"

/* So long an event that can be undone is watched on after the last one that was expected, where the
 * operator is content with `said_ns` (0: nothing was said); 0: it cannot be undone, something else
 * shows that it was not, or nobody takes a verdict. */
int64_t evidence_settling_ns(const struct procedure *procedure,
                             const struct expectation *expectation, int64_t said_ns);
/* The same of a run. */
int64_t evidence_settle_for_ns(const struct procedure *procedure,
                               const struct expectation *expectation,
                               const struct timeline *timeline);
/* Does a last trial of the key tell whether it was? */
bool evidence_tried_last(const struct procedure *procedure, const struct expectation *expectation);
/* Until when an event is watched on that came, as far as is known at `now_ns`: what may still come
 * puts it off. INT64_MIN: it need not be, or no more, since the contrary of something was seen. */
int64_t evidence_settled_ns(const struct procedure *procedure,
                            const struct expectation *expectation, const struct anchors *anchors,
                            const struct timeline *timeline, int64_t now_ns);

/* What became of an event after `met`. */
struct undoing {
    const struct entry *by;     /* undid it; NULL: nothing */
    bool certain;               /* ... else it may have another reason */
    bool lasts;                 /* it was seen to be so still, at `until_ns` or after */
    const struct entry *failed; /* the last trial came to nothing */
};
/* A unit that showed itself is looked for anew at `until_ns`: it must show itself to that search,
 * too, and two whole ones that do not show it undo it. The key is tried at `until_ns` or after. */
struct undoing evidence_undoing(const struct procedure *procedure,
                                const struct expectation *expectation, const struct entry *met,
                                int64_t until_ns, const struct timeline *timeline);

/* Is this what a unit does for a press, and not for being as it was? (Who shows itself already
 * pairs as well.) */
bool evidence_is_doing(const struct expectation *expectation);

/* Does the procedure rest on `discoverable`, and nothing that it needs besides is a unit's doing?
 */
bool evidence_rests_on_showing(const struct procedure *procedure);

#endif
