/*
 * The report for people: the totals, the margins of each firmware, a table, and each run with its
 * drawing. It loads nothing and runs nothing: a policy in its head tells the browser so.
 */
#include "rig/report/reports.h"

#include "rig/format/svg.h"
#include "rig/report/report_internal.h"
#include "rig/report/svg_run.h"
#include "rig/timeline/evidence.h"

#include <inttypes.h>
#include <string.h>

/* What a verdict is shown as: a word and a shape beside the colour. */
struct look {
    const char *name;
    const char *shape;
    const char *class;
};

enum { INTERRUPTED = VERDICT_ERROR + 1, RUNNING, LOOK_COUNT };

static const struct look looks[LOOK_COUNT] = {
    [VERDICT_PASS] = {"pass", "✓", "pass"},
    [VERDICT_FAIL] = {"fail", "✗", "fail"},
    [VERDICT_INCONCLUSIVE] = {"inconclusive", "?", "doubt"},
    [VERDICT_ABORTED] = {"aborted", "■", "none"},
    [VERDICT_ERROR] = {"error", "!", "fail"},
    [INTERRUPTED] = {"interrupted", "…", "none"},
    [RUNNING] = {"running", "▸", "none"},
};

static int look_of(const struct report_run *run)
{
    return run->interrupted ? INTERRUPTED : run->running ? RUNNING : (int)run->verdict;
}

static const char *result_class(enum expect_result result)
{
    return result == RESULT_PASS           ? "pass"
           : result == RESULT_FAIL         ? "fail"
           : result == RESULT_INCONCLUSIVE ? "doubt"
                                           : "none";
}

/* ---- pieces ------------------------------------------------------------------------------- */

static void style(FILE *out)
{
    svg_style(out);
    fputs("*{box-sizing:border-box}\n"
          "body{margin:0 auto;max-width:1120px;padding:24px 28px 64px;background:var(--lp-bg);"
          "color:var(--lp-ink);font:15px/1.5 system-ui,\"DejaVu Sans\",sans-serif}\n"
          "h1{font-size:26px;line-height:1.2;margin:0 0 4px}\n"
          "h2{font-size:19px;margin:40px 0 12px;padding-bottom:6px;"
          "border-bottom:1px solid var(--lp-grid)}\n"
          "h3{font-size:16px;margin:26px 0 0}\n"
          "article h3{margin:0}\n"
          "h4{font-size:13.5px;margin:14px 0 0;font-weight:600;color:var(--lp-soft)}\n"
          "p{margin:4px 0}\n"
          "a{color:inherit}\n"
          ".soft{color:var(--lp-soft)}\n"
          ".sim{margin:16px 0 0;padding:8px 14px;border:2px dashed var(--lp-doubt);"
          "border-radius:8px;font-weight:600;color:var(--lp-doubt)}\n"
          ".tag{display:inline-block;border:1px dashed currentColor;border-radius:4px;"
          "padding:0 5px;font-size:11px;font-weight:600;letter-spacing:.04em;"
          "color:var(--lp-doubt)}\n"
          ".cards{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0 0;padding:0;list-style:none}\n"
          ".cards li{min-width:104px;padding:8px 14px 10px;border-radius:8px;"
          "background:var(--lp-card);border:1px solid var(--lp-grid);"
          "border-left:5px solid var(--lp-soft)}\n"
          ".cards b{display:block;font-size:26px;line-height:1.15;font-weight:650}\n"
          ".cards .pass{border-left-color:var(--lp-pass)}\n"
          ".cards .fail{border-left-color:var(--lp-fail)}\n"
          ".cards .doubt{border-left-color:var(--lp-doubt)}\n"
          ".verdict{font-weight:650;white-space:nowrap}\n"
          ".verdict.pass{color:var(--lp-pass)}.verdict.fail{color:var(--lp-fail)}"
          ".verdict.doubt{color:var(--lp-doubt)}.verdict.none{color:var(--lp-none)}\n"
          ".wide{overflow-x:auto}\n"
          "table{border-collapse:collapse;width:100%;font-size:13.5px}\n"
          "th{text-align:left;font-weight:600;color:var(--lp-soft);font-size:12px;"
          "vertical-align:bottom}\n"
          "th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--lp-grid)}\n"
          "td{vertical-align:top;overflow-wrap:break-word;max-width:24em}\n"
          "td.id{min-width:6.5em;max-width:14em;overflow-wrap:anywhere}\n"
          "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
          "td.keep{white-space:nowrap}\n"
          "article{margin:0 0 22px;padding:16px 18px;border:1px solid var(--lp-grid);"
          "border-radius:10px;border-left:5px solid var(--lp-soft)}\n"
          "article.pass{border-left-color:var(--lp-pass)}\n"
          "article.fail{border-left-color:var(--lp-fail)}\n"
          "article.doubt{border-left-color:var(--lp-doubt)}\n"
          "article header{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline}\n"
          "article svg{margin:12px 0 4px}\n"
          "article table{margin-top:6px}\n"
          ".big{font-size:19px}\n"
          "@media print{body{max-width:none;padding:0;font-size:9.5pt}"
          "article,svg,tr,.cards{break-inside:avoid}h2,h3,h4{break-after:avoid}"
          ".wide{overflow:visible}table{font-size:8.5pt}th{font-size:8pt}article{padding:10px 12px}"
          "td,th{padding:3px 9px 3px 0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
          "a{text-decoration:none}}\n",
          out);
}

static void verdict_words(FILE *out, const struct report_run *run, const char *more_class)
{
    const struct look *look = &looks[look_of(run)];
    fprintf(out, "<span class=\"verdict %s%s\">%s %s</span>", look->class, more_class, look->shape,
            look->name);
}

void report_html_simulated(FILE *out, bool simulated)
{
    if (simulated) {
        fputs(" <span class=\"tag\">SIMULATED</span>", out);
    }
}

/* What a reader has to know of a run before its verdict is believed. */
static void state_tags(FILE *out, const struct report_run *run)
{
    report_html_simulated(out, run->simulated);
    if (report_has_verdict(run) && run->state == RECORD_CHANGED) {
        fputs(" <span class=\"tag\">RECORD CHANGED</span>", out);
    }
    if (run->damaged) {
        fputs(" <span class=\"tag\">DAMAGED</span>", out);
    }
}

static void cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    svg_escape(out, text);
    fputs("</td>", out);
}

static void run_link(FILE *out, const struct report_run *run, size_t index)
{
    fprintf(out, "<a href=\"#run%zu\">", index);
    if (run->number > 0) {
        fprintf(out, "%" PRId64, run->number);
    } else {
        fprintf(out, "(%zu)", index + 1);
    }
    fputs("</a>", out);
}

/* ---- summary ------------------------------------------------------------------------------ */

static void counts(const struct report *report, const size_t *kind_of, size_t kind,
                   size_t count[LOOK_COUNT])
{
    memset(count, 0, LOOK_COUNT * sizeof(*count));
    for (size_t i = 0; i < report->journal_run_count; i++) {
        if (!kind_of || kind_of[i] == kind) {
            count[look_of(&report->runs[i])]++;
        }
    }
}

static void heading(FILE *out, const struct report *report)
{
    char when[REPORT_WHEN_MAX];
    size_t simulated = 0;
    size_t changed = 0;
    size_t damaged = 0;

    fprintf(out, "<header>\n<h1>longpress: %zu run%s</h1>\n<p class=\"soft\">",
            report->journal_run_count, report->journal_run_count == 1 ? "" : "s");
    if (report->asked) {
        svg_escape(out, report->asked);
        fputs(". ", out);
    }
    fprintf(out, "Made %s", report_when(when, report->made_ns, false));
    if (report->host) {
        fputs(" on ", out);
        svg_escape(out, report->host);
    }
    fputs(" by longpress ", out);
    svg_escape(out, report->version);
    fputs(".</p>\n", out);
    for (size_t i = 0; i < report->journal_run_count; i++) {
        simulated += report->runs[i].simulated;
        changed += report_has_verdict(&report->runs[i]) && report->runs[i].state == RECORD_CHANGED;
        damaged += report->runs[i].damaged != NULL;
    }
    if (changed > 0) {
        fprintf(out,
                "<p class=\"sim\">RECORD CHANGED in %zu of these runs: the digest does not match."
                "</p>\n",
                changed);
    }
    if (damaged > 0) {
        fprintf(out,
                "<p class=\"sim\">DAMAGED in %zu of these runs: the stored profile or bench "
                "file.</p>\n",
                damaged);
    }
    if (simulated > 0) {
        if (simulated == report->journal_run_count) {
            fputs("<p class=\"sim\">SIMULATED: all of these runs", out);
        } else {
            fprintf(out, "<p class=\"sim\">SIMULATED: %zu of these runs", simulated);
        }
        fputs(" were made on the simulated bench. They say nothing about real units.</p>\n", out);
    }
    fputs("</header>\n", out);
}

static void cards(FILE *out, const struct report *report)
{
    size_t count[LOOK_COUNT];
    counts(report, NULL, 0, count);
    fputs("<ul class=\"cards\">\n", out);
    for (int i = 0; i < LOOK_COUNT; i++) {
        if (count[i] > 0 || i == VERDICT_PASS || i == VERDICT_FAIL) {
            fprintf(out, "<li class=\"%s\"><b>%zu</b>%s %s</li>\n", looks[i].class, count[i],
                    looks[i].shape, looks[i].name);
        }
    }
    fputs("</ul>\n", out);
}

static void kinds_table(FILE *out, const struct report *report, const struct report_kinds *kinds)
{
    fputs("<h2>By firmware</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>model</th>"
          "<th>procedure</th><th>firmware</th><th class=\"n\">runs</th><th class=\"n\">pass</th>"
          "<th class=\"n\">fail</th><th class=\"n\">no verdict</th>"
          "<th class=\"n\">pass rate</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t kind = 0; kind < kinds->count; kind++) {
        const struct report_run *run = &report->runs[kinds->first_of[kind]];
        size_t count[LOOK_COUNT];
        size_t all = 0;
        counts(report, kinds->kind_of, kind, count);
        for (int i = 0; i < LOOK_COUNT; i++) {
            all += count[i];
        }
        size_t judged = count[VERDICT_PASS] + count[VERDICT_FAIL];
        fputs("<tr>", out);
        cell(out, run->model);
        cell(out, run->procedure);
        fputs("<td>", out);
        svg_escape(out, report_firmware(run));
        report_html_simulated(out, run->simulated);
        fprintf(out,
                "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td>"
                "<td class=\"n\">%zu</td><td class=\"n\">",
                all, count[VERDICT_PASS], count[VERDICT_FAIL], all - judged);
        if (judged > 0) {
            fprintf(out, "%zu %%", (200 * count[VERDICT_PASS] + judged) / (2 * judged));
        } else {
            fputs("none judged", out);
        }
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table></div>\n"
          "<p class=\"soft\">The rate counts only the runs that were judged pass or "
          "fail.</p>\n",
          out);
}

/* ---- runs --------------------------------------------------------------------------------- */

static void runs_table(FILE *out, const struct report *report)
{
    fputs("<h2>Runs</h2>\n<div class=\"wide\"><table>\n<thead><tr><th class=\"n\">run</th>"
          "<th>verdict</th><th>unit</th><th>model, procedure</th><th>firmware</th>"
          "<th>station, operator</th><th>began</th><th>why</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < report->journal_run_count; i++) {
        const struct report_run *run = &report->runs[i];
        char when[REPORT_WHEN_MAX];
        fputs("<tr><td class=\"n\">", out);
        run_link(out, run, i);
        fputs("</td><td>", out);
        verdict_words(out, run, "");
        state_tags(out, run);
        fputs("</td><td class=\"id\">", out);
        svg_escape(out, run->unit);
        fputs("</td><td class=\"keep\">", out);
        svg_escape(out, run->model);
        fputs("<br>", out);
        svg_escape(out, run->procedure);
        fputs("</td><td class=\"id\">", out);
        svg_escape(out, report_firmware(run));
        fputs("</td><td>", out);
        svg_escape(out, run->station);
        fputs(run->operator_name ? "<br>" : "", out);
        svg_escape(out, run->operator_name);
        fprintf(out, "</td><td>%s</td>", report_when(when, run->wall_ns, false));
        cell(out, report_has_verdict(run) ? run->reason : report_no_verdict(run));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void findings_table(FILE *out, const struct report_run *run)
{
    if (run->finding_count == 0) {
        return;
    }
    fputs("<div class=\"wide\"><table>\n<thead><tr><th>expectation</th><th>result</th>"
          "<th class=\"n\">margin</th><th>expected</th><th>observed</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < run->finding_count; i++) {
        const struct report_finding *finding = &run->findings[i];
        char margin[SECONDS_TEXT_MAX] = "";
        fputs("<tr><td>", out);
        svg_escape(out, finding->what);
        fputs(finding->needed ? "" : " <span class=\"soft\">(not needed)</span>", out);
        fprintf(out, "</td><td><span class=\"verdict %s\">%s</span></td><td class=\"n\">",
                result_class(finding->result), judge_result_name(finding->result));
        if (finding->has_margin) {
            fprintf(out, "%s%s", finding->margin_ns > 0 ? "+" : "",
                    evidence_seconds(margin, finding->margin_ns));
        }
        fputs("</td>", out);
        cell(out, finding->expected);
        fputs("<td>", out);
        svg_escape(out, finding->observed);
        if (finding->result != RESULT_PASS && finding->reason && *finding->reason &&
            (!finding->observed || strcmp(finding->reason, finding->observed) != 0)) {
            fputs(finding->observed && *finding->observed ? "<br>" : "", out);
            fputs("<span class=\"soft\">", out);
            svg_escape(out, finding->reason);
            fputs("</span>", out);
        }
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void fact(FILE *out, const char *name, const char *text)
{
    if (text && *text) {
        fprintf(out, " · %s ", name);
        svg_escape(out, text);
    }
}

char *report_html_id(char out[REPORT_ID_MAX], size_t index)
{
    snprintf(out, REPORT_ID_MAX, "run%zu", index);
    return out;
}

/* Which runs are drawn, where not each is. */
static void picks_note(FILE *out, const struct report *report)
{
    size_t count[PICK_LEFT_OUT + 1] = {0};

    for (size_t i = 0; i < report->journal_run_count; i++) {
        count[report->runs[i].pick]++;
    }
    if (count[PICK_LEFT_OUT] == 0) {
        return;
    }
    size_t drawn = report->journal_run_count - count[PICK_LEFT_OUT];
    fprintf(out, "<p class=\"soft\">%zu of %zu runs %s drawn", drawn, report->journal_run_count,
            drawn == 1 ? "is" : "are");
    if (report->draw_said) {
        fputs(drawn > 0 ? ", those that failed, as requested" : ", as requested", out);
    } else {
        fprintf(
            out,
            ": %zu that failed, %zu of those that passed with the smallest margin, and %zu spread "
            "evenly over the others",
            count[PICK_FAILED], count[PICK_NEAREST], count[PICK_SAMPLE]);
    }
    fputs(". <code>longpress report --draw all</code> draws each.</p>\n", out);
}

static void run_article(FILE *out, const struct report *report, size_t index)
{
    const struct report_run *run = &report->runs[index];
    char when[REPORT_WHEN_MAX];
    char length[SECONDS_TEXT_MAX];
    char id[REPORT_ID_MAX];

    report_html_id(id, index);
    fprintf(out, "<article id=\"%s\" class=\"%s\">\n<header>", id, looks[look_of(run)].class);
    verdict_words(out, run, " big");
    fputs("<h3>", out);
    if (run->number > 0) {
        fprintf(out, "Run %" PRId64 ": ", run->number);
    }
    svg_escape(out, run->model);
    fputc(' ', out);
    svg_escape(out, run->procedure);
    if (run->unit) {
        fputs(", unit ", out);
        svg_escape(out, run->unit);
    }
    state_tags(out, run);
    fputs("</h3></header>\n<p>", out);
    svg_escape(out, report_has_verdict(run) ? run->reason : report_no_verdict(run));
    if (run->next && *run->next) {
        fputs(" <span class=\"soft\">· next: ", out);
        svg_escape(out, run->next);
        fputs("</span>", out);
    }
    fprintf(out, "</p>\n<p class=\"soft\">%s · took %s", report_when(when, run->wall_ns, false),
            evidence_seconds(length, run->duration_ns));
    fact(out, "firmware", report_firmware(run));
    fact(out, "station", run->station);
    fact(out, "operator", run->operator_name);
    fact(out, "longpress", run->version);
    if (run->clock_not_set) {
        fputs(" · the clock was not set", out);
    }
    if (report_has_verdict(run) && record_state_words(run->state)) {
        fprintf(out, " · %s", record_state_words(run->state));
    }
    if (run->damaged) {
        fputs(" · ", out);
        svg_escape(out, run->damaged);
        fputs(" stored with it is damaged", out);
    }
    fputs("</p>\n", out);
    if (run->pick == PICK_LEFT_OUT) {
        fputs("<p class=\"soft\">Not drawn.</p>\n", out);
    } else if (run->drawn || run->drawing.timeline) {
        fputs("<div class=\"wide\">", out);
        if (run->drawn) {
            fputs(run->drawn, out);
        } else {
            svg_run(run, &run->drawing, id, false, out);
        }
        fputs("</div>\n", out);
    } else {
        fputs("<p class=\"soft\">No drawing: its timeline was not stored.</p>\n", out);
    }
    findings_table(out, run);
    fputs("</article>\n", out);
}

void report_html_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
          "<title>",
          out);
    fprintf(out, "%s</title>\n<style>\n", title);
    style(out);
    fputs("</style>\n</head>\n<body>\n", out);
}

int report_html(const struct report *report, FILE *out)
{
    struct report_kinds kinds = report_kinds_of(report);
    report_html_begin(out, "longpress report");
    heading(out, report);
    cards(out, report);
    if (report->journal_run_count > 0) {
        kinds_table(out, report, &kinds);
        report_html_margins(out, report, &kinds);
    }
    report_html_thresholds(out, report);
    if (report->journal_run_count > 0) {
        runs_table(out, report);
        fputs("<h2>Each run</h2>\n", out);
        picks_note(out, report);
    }
    for (size_t i = 0; i < report->journal_run_count; i++) {
        run_article(out, report, i);
    }
    fputs("</body>\n</html>\n", out);
    report_kinds_free(&kinds);
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
