/* Shared by the report writers; only for rig/report/report*.c. */
#ifndef LONGPRESS_RIG_REPORT_INTERNAL_H
#define LONGPRESS_RIG_REPORT_INTERNAL_H

#include "rig/report/reports.h"

/* Runs that belong together: of one model, procedure and firmware. In order of their first run. */
struct report_kinds {
    size_t count;
    size_t *kind_of;  /* of each run */
    size_t *first_of; /* of each kind: its first run */
};

struct report_kinds report_kinds_of(const struct report *report);
void report_kinds_free(struct report_kinds *kinds);

/* Pieces of the HTML. Up to <body>, with the style of all pages; `title` is the program's own. */
void report_html_begin(FILE *out, const char *title);
void report_html_margins(FILE *out, const struct report *report, const struct report_kinds *kinds);
void report_html_thresholds(FILE *out, const struct report *report);
/* The tag of a simulated run; nothing for a real one. */
void report_html_simulated(FILE *out, bool simulated);

#endif
