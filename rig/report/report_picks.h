/*
 * Which runs of a page are drawn. A drawing takes about 10 kB, so of many runs only the most
 * informative are drawn. Each run is offered once, when it is read, so that it is never read again
 * just to be drawn.
 */
#ifndef LONGPRESS_RIG_REPORT_PICKS_H
#define LONGPRESS_RIG_REPORT_PICKS_H

#include "rig/report/reports.h"

#include <stddef.h>
#include <stdint.h>

enum report_draw {
    REPORT_DRAW_USUAL, /* each, up to REPORT_EACH_MAX; else those that failed, and others */
    REPORT_DRAW_ALL,
    REPORT_DRAW_FAILS,
    REPORT_DRAW_NONE,
};

enum {
    REPORT_EACH_MAX = 200,
    REPORT_NEAREST = 50, /* that passed with the least margin */
    REPORT_SAMPLE = 50,  /* spread evenly over all, whatever came of them */
};

struct report_picks {
    enum report_draw draw;
    size_t runs; /* of the page */
    size_t nearest_count;
    struct {
        size_t index;
        int64_t margin_ns;
    } nearest[REPORT_NEAREST];
};

struct report_picks report_picks_of(enum report_draw draw, size_t runs);

/* Why run `index` of the page is drawn, as far as is known before the last has been offered:
 * *dropped is one that was PICK_NEAREST until now and is not any more; SIZE_MAX: none. */
enum report_pick report_pick(struct report_picks *picks, size_t index, const struct report_run *run,
                             size_t *dropped);

#endif
