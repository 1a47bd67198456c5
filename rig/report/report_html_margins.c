/* The margins of each firmware, and the thresholds, in the report for people. */
#include "rig/base/arena.h"
#include "rig/format/svg.h"
#include "rig/report/report_internal.h"
#include "rig/report/svg_dots.h"

#include <stdlib.h>
#include <string.h>

/* The margins of one expectation of one model and procedure, a row for each firmware. */
struct margins {
    struct svg_dots_row *rows; /* by kind of run */
    int64_t *values_ns;
    bool *good;
};

/* Those of `what` among the kinds that are like `like` but for the firmware. How many rows. */
static size_t gather(const struct report *report, const struct report_kinds *kinds, size_t like,
                     const char *what, struct margins *margins)
{
    const struct report_run *model = &report->runs[kinds->first_of[like]];
    size_t used = 0;
    size_t rows = 0;

    for (size_t kind = 0; kind < kinds->count; kind++) {
        const struct report_run *first = &report->runs[kinds->first_of[kind]];
        size_t begin = used;
        if (first->simulated != model->simulated || strcmp(first->model, model->model) != 0 ||
            strcmp(first->procedure, model->procedure) != 0) {
            continue;
        }
        for (size_t i = kinds->first_of[kind]; i < report->journal_run_count; i++) {
            const struct report_run *run = &report->runs[i];
            for (size_t j = 0; kinds->kind_of[i] == kind && j < run->finding_count; j++) {
                const struct report_finding *finding = &run->findings[j];
                if (finding->has_margin && strcmp(finding->what, what) == 0 &&
                    (finding->result == RESULT_PASS || finding->result == RESULT_FAIL)) {
                    margins->values_ns[used] = finding->margin_ns;
                    margins->good[used++] = finding->result == RESULT_PASS;
                    break;
                }
            }
        }
        if (used > begin) {
            margins->rows[rows++] = (struct svg_dots_row){.label = report_firmware(first),
                                                          .values_ns = margins->values_ns + begin,
                                                          .good = margins->good + begin,
                                                          .count = used - begin};
        }
    }
    return rows;
}

/* Is this the first kind of its model and procedure? */
static bool leads(const struct report *report, const struct report_kinds *kinds, size_t kind)
{
    const struct report_run *run = &report->runs[kinds->first_of[kind]];
    for (size_t i = 0; i < kind; i++) {
        const struct report_run *other = &report->runs[kinds->first_of[i]];
        if (other->simulated == run->simulated && strcmp(other->model, run->model) == 0 &&
            strcmp(other->procedure, run->procedure) == 0) {
            return false;
        }
    }
    return true;
}

/* One value of one firmware is no distribution: it stands with its run. */
static bool worth_drawing(const struct svg_dots_row *rows, size_t count)
{
    return count > 1 || (count == 1 && rows[0].count > 1);
}

void report_html_margins(FILE *out, const struct report *report, const struct report_kinds *kinds)
{
    struct margins margins = {
        .rows = xrealloc_array(NULL, kinds->count + 1, sizeof(*margins.rows)),
        .values_ns =
            xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*margins.values_ns)),
        .good = xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*margins.good)),
    };
    size_t drawn = 0;

    fputs("<h2>Margins</h2>\n<p class=\"soft\">How far inside its window each observation was: "
          "right of 0 it was in time, left of 0 it was not (a cross). The line is the median, the "
          "box holds the middle half.</p>\n",
          out);
    for (size_t kind = 0; kind < kinds->count; kind++) {
        const struct report_run *run = &report->runs[kinds->first_of[kind]];
        bool headed = false;
        if (!leads(report, kinds, kind)) {
            continue;
        }
        for (int what = 0; what < EXPECT_KINDS; what++) {
            const char *name = expect_kind_name((enum expect_kind)what);
            char id[32];
            char title[512];
            size_t rows = gather(report, kinds, kind, name, &margins);
            if (!worth_drawing(margins.rows, rows)) {
                continue;
            }
            if (!headed) {
                fputs("<h3>", out);
                svg_escape(out, run->model);
                fputc(' ', out);
                svg_escape(out, run->procedure);
                report_html_simulated(out, run->simulated);
                fputs("</h3>\n", out);
                headed = true;
            }
            snprintf(id, sizeof(id), "margin%zu", drawn++);
            snprintf(title, sizeof(title), "%.200s %.200s: margins of %s", run->model,
                     run->procedure, name);
            fprintf(out, "<h4>%s</h4>\n", name);
            fputs("<div class=\"wide\">", out);
            svg_dots(&(struct svg_dots){.id = id,
                                        .title = title,
                                        .rows = margins.rows,
                                        .row_count = rows,
                                        .from_zero = true,
                                        .signs = true},
                     out);
            fputs("</div>\n", out);
        }
    }
    if (drawn == 0) {
        fputs("<p>Too few for a distribution; each is shown with its run.</p>\n", out);
    }
    free(margins.rows);
    free(margins.values_ns);
    free(margins.good);
}

/* ---- thresholds --------------------------------------------------------------------------- */

static bool same_question(const struct report_threshold *a, const struct report_threshold *b)
{
    return a->simulated == b->simulated && strcmp(a->model, b->model) == 0 &&
           strcmp(a->procedure, b->procedure) == 0 && !a->beyond == !b->beyond &&
           (!a->beyond || strcmp(a->beyond, b->beyond) == 0);
}

/* All firmware versions and units of the model, procedure and end of one, unless an earlier one had
 * them. */
static void thresholds_like(FILE *out, const struct report *report, size_t like)
{
    const struct report_threshold *one = &report->thresholds[like];
    size_t count = 0;
    char id[32];
    char title[256] = "hold that triggers the reset";

    for (size_t i = 0; i < like; i++) {
        if (same_question(&report->thresholds[i], one)) {
            return;
        }
    }
    struct threshold_row *rows = xrealloc_array(NULL, report->threshold_count, sizeof(*rows));
    for (size_t i = like; i < report->threshold_count; i++) {
        if (same_question(&report->thresholds[i], one)) {
            rows[count++] = report->thresholds[i].row;
        }
    }
    fputs("<h3>", out);
    svg_escape(out, one->model);
    fputc(' ', out);
    svg_escape(out, one->procedure);
    if (one->beyond) {
        fputs(" becomes ", out);
        svg_escape(out, one->beyond);
        snprintf(title, sizeof(title), "hold that becomes %.200s", one->beyond);
    }
    report_html_simulated(out, one->simulated);
    fputs("</h3>\n<div class=\"wide\">", out);
    snprintf(id, sizeof(id), "threshold%zu", like);
    svg_threshold(
        &(struct svg_threshold){.id = id, .title = title, .rows = rows, .row_count = count}, out);
    fputs("</div>\n", out);
    free(rows);
}

void report_html_thresholds(FILE *out, const struct report *report)
{
    if (report->threshold_count == 0) {
        return;
    }
    fputs(
        "<h2>Thresholds</h2>\n<p class=\"soft\">The hold that triggers half of the time, and where "
        "it was measured, the longer one that becomes something else: presses that triggered "
        "(dots) and that did not (crosses), the probability of each threshold, its median and "
        "95 % interval. Each belongs to one unit: units differ.</p>\n",
        out);
    for (size_t i = 0; i < report->threshold_count; i++) {
        thresholds_like(out, report, i);
    }
}
