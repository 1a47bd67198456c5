#include "rig/report/report_compare.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/compare/compare_internal.h"
#include "rig/format/json.h"
#include "rig/format/svg.h"
#include "rig/report/report_internal.h"
#include "rig/report/reports.h"
#include "rig/report/svg_dots.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char report_compare_caveat[] =
    "Each interval stands alone: at 95 %, one of twenty equal measures looks different by chance. "
    "A comparison on the same units holds for those units and says little about others.";

void report_compare_all(struct compare_page *page)
{
    for (size_t i = 1; i < page->group_count; i++) {
        for (int m = 0; m < MEASURE_COUNT; m++) {
            page->comparisons[i][m] =
                compare(&page->groups[0], &page->groups[i], (enum measure)m, page->limit_ns);
        }
    }
}

void report_compare_page_free(struct compare_page *page)
{
    for (size_t i = 0; i < page->group_count; i++) {
        compare_group_free(&page->groups[i]);
    }
    page->group_count = 0;
}

static void append(char *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char *out, const char *fmt, ...)
{
    size_t used = strlen(out);
    va_list args;
    va_start(args, fmt);
    vsnprintf(out + used, COMPARE_RUNS_TEXT_MAX - used, fmt, args);
    va_end(args);
}

bool report_compare_shown(const struct compare_page *page, enum measure measure)
{
    bool shown = measure != MEASURE_BEYOND;
    for (size_t i = 0; i < page->group_count; i++) {
        shown = shown || page->groups[i].end.unit_count > 0;
    }
    return shown;
}

char *report_compare_runs_text(char *out, const struct compare_group *group)
{
    size_t left_out = 0;
    const char *before = ": ";

    out[0] = '\0';
    append(out, "%zu run%s", group->runs, group->runs == 1 ? "" : "s");
    size_t named = compare_units_named(group);
    if (named > 0) {
        append(out, " of %zu unit%s", named, named == 1 ? "" : "s");
    }
    const struct compare_threshold *start = &group->start;
    if (start->unit_count > 0) {
        append(out, "; %zu press%s of %zu unit%s for the threshold", start->presses,
               start->presses == 1 ? "" : "es", start->unit_count,
               start->unit_count == 1 ? "" : "s");
    }
    for (int why = 0; why < LEFT_COUNT; why++) {
        left_out += group->left_out[why];
    }
    if (left_out > 0) {
        append(out, "; %zu more without a value", left_out);
    }
    for (int why = 0; why < LEFT_COUNT; why++) {
        if (group->left_out[why] > 0) {
            append(out, "%s%zu %s", before, group->left_out[why],
                   compare_left_out_name((enum left_out)why));
            before = ", ";
        }
    }
    return out;
}

/* ---- HTML --------------------------------------------------------------------------------- */

static void values_picture(FILE *out, const struct compare_page *page, enum measure measure)
{
    struct svg_dots_row rows[COMPARE_GROUPS_MAX];
    char never[COMPARE_GROUPS_MAX][96];
    char id[48];
    bool any = false;

    for (size_t i = 0; i < page->group_count; i++) {
        const struct compare_sample *sample = &page->groups[i].samples[measure];
        rows[i] = (struct svg_dots_row){.label = page->groups[i].firmware,
                                        .values_ns = sample->values_ns,
                                        .count = sample->count};
        any = any || sample->count > 0;
        if (compare_never(&page->groups[i], measure)) {
            snprintf(never[i], sizeof(never[i]), "%.60s: never in %zu", page->groups[i].firmware,
                     sample->missing);
            rows[i].label = never[i];
        }
    }
    if (!any) {
        return;
    }
    snprintf(id, sizeof(id), "values%d", (int)measure);
    fputs("<div class=\"wide\">", out);
    svg_dots(&(struct svg_dots){.id = id,
                                .title = compare_measure_title(measure),
                                .rows = rows,
                                .row_count = page->group_count},
             out);
    fputs("</div>\n", out);
}

/* Each unit, and where there are several what that says of the firmware. */
static void threshold_picture(FILE *out, const struct compare_page *page, enum measure measure)
{
    struct threshold_row *rows = NULL;
    struct arena arena = ARENA_INIT;
    size_t count = 0;
    char id[48];

    for (size_t i = 0; i < page->group_count; i++) {
        const struct compare_group *group = &page->groups[i];
        const struct compare_threshold *all =
            measure == MEASURE_BEYOND ? &group->end : &group->start;
        rows = xrealloc_array(rows, count + all->unit_count + 1, sizeof(*rows));
        for (size_t u = 0; u < all->unit_count; u++) {
            rows[count] = all->units[u];
            rows[count++].label = group->firmware;
        }
        if (all->unit_count > 1) {
            rows[count++] =
                (struct threshold_row){.label = arena_printf(&arena, "%s, all", group->firmware),
                                       .detail = arena_printf(&arena, "%zu presses of %zu units",
                                                              all->presses, all->unit_count),
                                       .posterior = &all->posterior,
                                       .median_ns = all->median_ns,
                                       .low_ns = all->low_ns,
                                       .high_ns = all->high_ns};
        }
    }
    if (count > 0) {
        fputs("<div class=\"wide\">", out);
        snprintf(id, sizeof(id), "thresholds%d", (int)measure);
        svg_threshold(&(struct svg_threshold){.id = id,
                                              .title = compare_measure_title(measure),
                                              .rows = rows,
                                              .row_count = count},
                      out);
        fputs("</div>\n", out);
    }
    arena_free(&arena);
    free(rows);
}

/* An interval of the difference for each version, around 0, with the limit on both sides. */
static void differences_picture(FILE *out, const struct compare_page *page, enum measure measure)
{
    struct svg_span_row rows[COMPARE_GROUPS_MAX];
    size_t count = 0;
    char id[48];

    for (size_t i = 1; i < page->group_count; i++) {
        const struct comparison *comparison = &page->comparisons[i][measure];
        if (comparison->has_numbers && !comparison->no_delay &&
            comparison->basis != BASIS_UNKNOWN) {
            rows[count++] = (struct svg_span_row){.label = page->groups[i].firmware,
                                                  .estimate_ns = llround(comparison->estimate),
                                                  .low_ns = llround(comparison->low),
                                                  .high_ns = llround(comparison->high)};
        }
    }
    if (count == 0) {
        return;
    }
    snprintf(id, sizeof(id), "difference%d", (int)measure);
    fputs("<h4>difference from ", out);
    svg_escape(out, page->groups[0].firmware);
    fputs(", with its 95 % interval</h4>\n<div class=\"wide\">", out);
    svg_spans(&(struct svg_spans){.id = id,
                                  .title = "differences",
                                  .rows = rows,
                                  .row_count = count,
                                  .limit_ns = page->limit_ns},
              out);
    fputs("</div>\n", out);
}

static const char *conclusion_class(const struct comparison *comparison)
{
    bool good_if_more = comparison->measure == MEASURE_PASS_RATE;
    if (comparison->measure == MEASURE_BEYOND && comparison->conclusion != COMPARE_NOTHING &&
        comparison->conclusion != COMPARE_ALIKE) {
        return "doubt"; /* a wider window is no better, and no worse */
    }
    switch (comparison->conclusion) {
    case COMPARE_MORE:
        return good_if_more ? "pass" : "fail";
    case COMPARE_LESS:
        return good_if_more ? "fail" : "pass";
    case COMPARE_ALIKE:
        return "pass";
    case COMPARE_OPEN:
    case COMPARE_TOO_FEW:
        return "doubt";
    case COMPARE_NOTHING:
        break;
    }
    return "none";
}

/* A shape beside the colour and the word. */
static const char *conclusion_shape(const struct comparison *comparison)
{
    static const char *const shapes[] = {
        [COMPARE_NOTHING] = "", [COMPARE_TOO_FEW] = "?", [COMPARE_OPEN] = "?",
        [COMPARE_MORE] = "▲",   [COMPARE_LESS] = "▼",    [COMPARE_ALIKE] = "=",
    };
    return shapes[comparison->conclusion];
}

static void measure_section(FILE *out, const struct compare_page *page, enum measure measure)
{
    fprintf(out, "<h2>%s</h2>\n", compare_measure_title(measure));
    for (size_t i = 1; i < page->group_count; i++) {
        const struct comparison *comparison = &page->comparisons[i][measure];
        fprintf(out, "<p><span class=\"verdict %s\">%s %s</span> ", conclusion_class(comparison),
                conclusion_shape(comparison), compare_conclusion_word(comparison));
        svg_escape(out, comparison->sentence);
        fputs("</p>\n", out);
    }
    if (measure == MEASURE_PASS_RATE) {
        fputs("<div class=\"wide\"><table><thead><tr><th>firmware</th><th class=\"n\">judged</th>"
              "<th class=\"n\">passed</th></tr></thead><tbody>\n",
              out);
        for (size_t i = 0; i < page->group_count; i++) {
            fputs("<tr><td>", out);
            svg_escape(out, page->groups[i].firmware);
            fprintf(out, "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td></tr>\n",
                    page->groups[i].runs, page->groups[i].passed);
        }
        fputs("</tbody></table></div>\n", out);
        return;
    }
    if (measure == MEASURE_THRESHOLD || measure == MEASURE_BEYOND) {
        threshold_picture(out, page, measure);
    } else {
        values_picture(out, page, measure);
    }
    differences_picture(out, page, measure);
}

int report_compare_html(const struct compare_page *page, FILE *out)
{
    char when[REPORT_WHEN_MAX];
    char runs[COMPARE_RUNS_TEXT_MAX];

    report_html_begin(out, "longpress comparison");
    fputs("<header>\n<h1>", out);
    svg_escape(out, page->model);
    fputc(' ', out);
    svg_escape(out, page->procedure);
    fputs(": firmware against firmware</h1>\n<p>", out);
    for (size_t i = 0; i < page->group_count; i++) {
        fputs(i == 0 ? "" : i == 1 ? " against " : ", ", out);
        fputs("<b>", out);
        svg_escape(out, page->groups[i].firmware);
        fprintf(out, "</b> (%s)", report_compare_runs_text(runs, &page->groups[i]));
    }
    fputs("</p>\n<p class=\"soft\">", out);
    if (page->asked) {
        svg_escape(out, page->asked);
        fputs(". ", out);
    }
    fprintf(out, "Made %s by longpress ", report_when(when, page->made_ns, false));
    svg_escape(out, page->version);
    if (page->limit_ns > 0) {
        char limit[DURATION_TEXT_MAX];
        fprintf(out, ". A difference counts beyond %s",
                units_duration_format(limit, page->limit_ns));
    }
    fputs(".</p>\n", out);
    if (page->simulated) {
        fputs("<p class=\"sim\">SIMULATED: these runs were made on the simulated bench. They say "
              "nothing about real units.</p>\n",
              out);
    }
    fprintf(out, "</header>\n<p class=\"soft\">%s</p>\n", report_compare_caveat);
    for (int m = 0; m < MEASURE_COUNT; m++) {
        if (report_compare_shown(page, (enum measure)m)) {
            measure_section(out, page, (enum measure)m);
        }
    }
    fputs("</body>\n</html>\n", out);
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}

/* ---- JSON --------------------------------------------------------------------------------- */

/* To a millionth: further digits are the machine's. */
static json_t *share_json(double share)
{
    return json_real(round(share * 1e6) / 1e6);
}

/* In ms; of the pass rate a share. */
static json_t *number_json(enum measure measure, double value)
{
    return measure == MEASURE_PASS_RATE ? share_json(value) : json_put_ms((int64_t)llround(value));
}

static json_t *comparison_json(const struct compare_page *page, size_t group, enum measure measure)
{
    const struct comparison *comparison = &page->comparisons[group][measure];
    json_t *object = json_put_object();
    json_put(object, "measure", json_put_text(compare_measure_name(measure)));
    json_put(object, "unit", json_put_text(measure == MEASURE_PASS_RATE ? "share" : "ms"));
    json_put(object, "reference", json_put_text(page->groups[0].firmware));
    json_put(object, "other", json_put_text(page->groups[group].firmware));
    json_put(object, "conclusion", json_put_text(compare_conclusion_name(comparison->conclusion)));
    json_put(object, "reference_count", json_put_int((int64_t)comparison->count_a));
    json_put(object, "other_count", json_put_int((int64_t)comparison->count_b));
    json_put(object, "reference_missing", json_put_int((int64_t)comparison->missing_a));
    json_put(object, "other_missing", json_put_int((int64_t)comparison->missing_b));
    json_put(object, "reference_unobserved",
             json_put_int((int64_t)page->groups[0].samples[measure].unobserved));
    json_put(object, "other_unobserved",
             json_put_int((int64_t)page->groups[group].samples[measure].unobserved));
    json_put(object, "until",
             comparison->until_ns > 0 ? json_put_ms(comparison->until_ns) : json_null());
    json_put(object, "difference_shown",
             comparison->has_shown ? number_json(measure, comparison->shown) : json_null());
    bool numbers = comparison->has_numbers;
    bool delay = numbers && !comparison->no_delay;
    bool known = numbers && comparison->basis != BASIS_UNKNOWN;
    json_put(object, "basis",
             json_put_text(numbers ? compare_basis_name(comparison->basis) : NULL));
    json_put(object, "reference_units", json_put_int((int64_t)comparison->units_a));
    json_put(object, "other_units", json_put_int((int64_t)comparison->units_b));
    json_put(object, "difference",
             delay ? number_json(measure, comparison->estimate) : json_null());
    json_put(object, "low", delay && known ? number_json(measure, comparison->low) : json_null());
    json_put(object, "high", delay && known ? number_json(measure, comparison->high) : json_null());
    json_put(object, "probability_more", known ? share_json(comparison->p_more) : json_null());
    json_put(object, "more_of_reference", json_put_int((int64_t)comparison->more_a));
    json_put(object, "more_of_other", json_put_int((int64_t)comparison->more_b));
    json_put(object, "more_is", json_put_text(comparison->more_units ? "units" : "runs"));
    json_put(object, "sentence", json_put_text(comparison->sentence));
    return object;
}

int report_compare_json(const struct compare_page *page, FILE *out)
{
    json_t *object = json_put_object();
    json_t *groups = json_put_array();
    json_t *comparisons = json_put_array();
    for (size_t i = 0; i < page->group_count; i++) {
        json_t *group = json_put_object();
        json_put(group, "firmware", json_put_text(page->groups[i].firmware));
        json_put(group, "runs", json_put_int((int64_t)page->groups[i].runs));
        json_put(group, "passed", json_put_int((int64_t)page->groups[i].passed));
        json_put(group, "units", json_put_int((int64_t)compare_units_named(&page->groups[i])));
        json_put(group, "threshold_units", json_put_int((int64_t)page->groups[i].start.unit_count));
        json_put(group, "threshold_presses", json_put_int((int64_t)page->groups[i].start.presses));
        json_t *left_out = json_put_object();
        for (int why = 0; why < LEFT_COUNT; why++) {
            json_put(left_out, compare_left_out_name((enum left_out)why),
                     json_put_int((int64_t)page->groups[i].left_out[why]));
        }
        json_put(group, "left_out", left_out);
        json_put_new(groups, group);
        for (int m = 0; i > 0 && m < MEASURE_COUNT; m++) {
            json_put_new(comparisons, comparison_json(page, i, (enum measure)m));
        }
    }
    json_put(object, "format", json_put_int(1));
    json_put(object, "model", json_put_text(page->model));
    json_put(object, "procedure", json_put_text(page->procedure));
    json_put(object, "simulated", json_boolean(page->simulated));
    json_put(object, "limit_ms", page->limit_ns > 0 ? json_put_ms(page->limit_ns) : json_null());
    json_put(object, "firmware", groups);
    json_put(object, "comparisons", comparisons);
    return json_write(object, out);
}
