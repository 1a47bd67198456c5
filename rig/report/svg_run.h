/*
 * One run as a drawing: presses (as ordered, as driven, as the contacts sensed them), the LED in
 * its colours and letters, sound, radio, and the windows of the expectations, all on one time axis;
 * below it the LED's first train again, enlarged.
 */
#ifndef LONGPRESS_RIG_SVG_RUN_H
#define LONGPRESS_RIG_SVG_RUN_H

#include "rig/report/reports.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Write an <svg> element. `id` (letters and digits) is unique in the page. `whole`: a document of
 * its own, with its style; else a part of a page that has svg_style() in it. Findings are taken to
 * be in the order of the procedure's expectations, as the judge gives them. Nothing is written of a
 * drawing without a timeline. 0, or -1 with errno.
 */
int svg_run(const struct report_run *run, const struct report_drawing *drawing, const char *id,
            bool whole, FILE *out);

#endif
