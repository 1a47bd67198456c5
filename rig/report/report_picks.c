#include "rig/report/report_picks.h"

#include <stdbool.h>

struct report_picks report_picks_of(enum report_draw draw, size_t runs)
{
    return (struct report_picks){.draw = draw, .runs = runs};
}

static bool has_failed(const struct report_run *run)
{
    return report_has_verdict(run) && run->verdict == VERDICT_FAIL;
}

/* How near a run that passed was to failing; false: there is no telling. */
static bool least_margin(const struct report_run *run, int64_t *margin_ns)
{
    bool found = false;

    if (!report_has_verdict(run) || run->verdict != VERDICT_PASS) {
        return false;
    }
    for (size_t i = 0; i < run->finding_count; i++) {
        const struct report_finding *finding = &run->findings[i];
        if (finding->needed && finding->has_margin && finding->result == RESULT_PASS &&
            (!found || finding->margin_ns < *margin_ns)) {
            *margin_ns = finding->margin_ns;
            found = true;
        }
    }
    return found;
}

static bool in_sample(const struct report_picks *picks, size_t index)
{
    return index == 0 ||
           index * REPORT_SAMPLE / picks->runs != (index - 1) * REPORT_SAMPLE / picks->runs;
}

/* Is it among the nearest so far? Of equals the first stays. */
static bool is_near(struct report_picks *picks, size_t index, int64_t margin_ns, size_t *dropped)
{
    size_t place = picks->nearest_count;

    if (place == REPORT_NEAREST) {
        place = 0;
        for (size_t i = 1; i < REPORT_NEAREST; i++) {
            place = picks->nearest[i].margin_ns >= picks->nearest[place].margin_ns ? i : place;
        }
        if (margin_ns >= picks->nearest[place].margin_ns) {
            return false;
        }
        *dropped = picks->nearest[place].index;
        /* The last that came stays the last. */
        for (; place + 1 < REPORT_NEAREST; place++) {
            picks->nearest[place] = picks->nearest[place + 1];
        }
    } else {
        picks->nearest_count++;
    }
    picks->nearest[place].index = index;
    picks->nearest[place].margin_ns = margin_ns;
    return true;
}

enum report_pick report_pick(struct report_picks *picks, size_t index, const struct report_run *run,
                             size_t *dropped)
{
    int64_t margin_ns = 0;

    *dropped = SIZE_MAX;
    if (picks->draw == REPORT_DRAW_ALL ||
        (picks->draw == REPORT_DRAW_USUAL && picks->runs <= REPORT_EACH_MAX)) {
        return PICK_EACH;
    }
    if (picks->draw != REPORT_DRAW_NONE && has_failed(run)) {
        return PICK_FAILED;
    }
    if (picks->draw != REPORT_DRAW_USUAL) {
        return PICK_LEFT_OUT;
    }
    if (in_sample(picks, index)) {
        return PICK_SAMPLE;
    }
    return least_margin(run, &margin_ns) && is_near(picks, index, margin_ns, dropped)
               ? PICK_NEAREST
               : PICK_LEFT_OUT;
}
