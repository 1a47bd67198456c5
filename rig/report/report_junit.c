/*
 * JUnit XML for Jenkins and GitLab, valid under all published schemas at once (Ant's JUnit.xsd, and
 * the junit-4.xsd and junit-10.xsd of Jenkins' xunit plugin).
 *
 * Results map to:
 *     pass                         a passed test case
 *     fail                         <failure>
 *     inconclusive, needed         <error type="inconclusive">: it was not observed, and a pipeline
 *                                  must not go on as if it had been; <skipped> would leave it green
 *     inconclusive, not needed     <skipped>: the verdict does not rest on it
 *     recorded                     <skipped>: nothing was claimed
 * and a run's verdict, a test case of its own, to:
 *     pass                         a passed test case
 *     fail                         <failure>
 *     any other, interrupted, or still running     <error> of that type
 * If a run did not complete (aborted, error, interrupted), its observations prove nothing: its
 * expectations are <skipped>, its verdict is the <error>.
 */
#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/format/svg.h"
#include "rig/report/report_internal.h"

#include <inttypes.h>
#include <string.h>

enum outcome { PASSED, FAILED, ERRED, SKIPPED };

struct tally {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
    int64_t duration_ns;
    int64_t wall_ns; /* the earliest run */
};

static bool unfinished(const struct report_run *run)
{
    return !report_has_verdict(run) ||
           (run->verdict != VERDICT_PASS && run->verdict != VERDICT_FAIL &&
            run->verdict != VERDICT_INCONCLUSIVE);
}

static enum outcome verdict_outcome(const struct report_run *run)
{
    if (!report_has_verdict(run)) {
        return ERRED;
    }
    return run->verdict == VERDICT_PASS ? PASSED : run->verdict == VERDICT_FAIL ? FAILED : ERRED;
}

static enum outcome finding_outcome(const struct report_run *run,
                                    const struct report_finding *finding)
{
    if (unfinished(run)) {
        return SKIPPED;
    }
    switch (finding->result) {
    case RESULT_PASS:
        return PASSED;
    case RESULT_FAIL:
        return FAILED;
    case RESULT_INCONCLUSIVE:
        return finding->needed ? ERRED : SKIPPED;
    case RESULT_RECORDED:
        return SKIPPED;
    case RESULT_PENDING:
        break;
    }
    return ERRED;
}

static void count(struct tally *tally, enum outcome outcome)
{
    tally->tests++;
    tally->failures += outcome == FAILED;
    tally->errors += outcome == ERRED;
    tally->skipped += outcome == SKIPPED;
}

static void add_run(struct tally *tally, const struct report_run *run)
{
    if (tally->tests == 0 || run->wall_ns < tally->wall_ns) {
        tally->wall_ns = run->wall_ns;
    }
    tally->duration_ns += run->duration_ns;
    for (size_t i = 0; i < run->finding_count; i++) {
        count(tally, finding_outcome(run, &run->findings[i]));
    }
    count(tally, verdict_outcome(run));
}

static void seconds(FILE *out, int64_t duration_ns)
{
    int64_t ms = duration_ns > 0 ? duration_ns / NS_PER_MS : 0;
    fprintf(out, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
}

/* "unit 5012345, run 17 (simulated)" */
static void run_name(FILE *out, const struct report_run *run)
{
    if (run->unit) {
        fputs("unit ", out);
        svg_escape(out, run->unit);
    } else {
        fputs("unit not given", out);
    }
    if (run->number > 0) {
        fprintf(out, ", run %" PRId64, run->number);
    }
    if (run->simulated) {
        fputs(" (simulated)", out);
    }
}

static void begin_case(FILE *out, enum report_names names, const struct report_run *run,
                       const char *what, int64_t duration_ns)
{
    fputs("    <testcase classname=\"", out);
    svg_escape(out, run->model);
    fputc('.', out);
    svg_escape(out, run->procedure);
    fputs("\" name=\"", out);
    if (names == REPORT_NAMES_UNIT) {
        run_name(out, run);
        fputs(": ", out);
    }
    svg_escape(out, what);
    /* A simulated run is never in one line with a real one. */
    fputs(names == REPORT_NAMES_STABLE && run->simulated ? " (simulated)" : "", out);
    fputs("\" time=\"", out);
    seconds(out, duration_ns);
    fputs("\">", out);
}

static const char *element_of(enum outcome outcome)
{
    return outcome == FAILED ? "failure" : outcome == ERRED ? "error" : "skipped";
}

/* Up to where its message stands: an attribute, but for <skipped>, which not every schema allows
 * one: there it is the first line. */
static void begin_outcome(FILE *out, enum outcome outcome, const char *type)
{
    if (outcome == SKIPPED) {
        fputs("\n      <skipped>", out);
    } else {
        fprintf(out, "\n      <%s type=\"%s\" message=\"", element_of(outcome), type);
    }
}

static void fact(FILE *out, const char *name, const char *text)
{
    if (text && *text) {
        fprintf(out, "%s: ", name);
        svg_escape(out, text);
        fputc('\n', out);
    }
}

/* Where and when, for whoever goes and looks. */
static void circumstances(FILE *out, const struct report_run *run)
{
    char when[REPORT_WHEN_MAX];
    fact(out, "began", report_when(when, run->wall_ns, true));
    fact(out, "station", run->station);
    fact(out, "operator", run->operator_name);
    fact(out, "firmware", report_firmware(run));
    fact(out, "record", report_record_state(run));
    if (run->simulated) {
        fact(out, "bench", "simulated");
    }
}

static void finding_case(FILE *out, enum report_names names, const struct report_run *run,
                         const struct report_finding *finding)
{
    enum outcome outcome = finding_outcome(run, finding);

    begin_case(out, names, run, finding->what, 0);
    if (outcome == PASSED) {
        fputs("</testcase>\n", out);
        return;
    }
    begin_outcome(out, outcome, judge_result_name(finding->result));
    if (unfinished(run)) {
        fprintf(out, "not counted, the run %s: ",
                run->interrupted                  ? "was interrupted"
                : run->running                    ? "is still in progress"
                : run->verdict == VERDICT_ABORTED ? "was aborted"
                                                  : "ended with a bench error");
        svg_escape(out, run->reason);
    } else {
        if (outcome == SKIPPED) {
            fputs(finding->result == RESULT_RECORDED ? "nothing is claimed about it: "
                                                     : "not observable, and not needed: ",
                  out);
        }
        svg_escape(out, finding->reason);
    }
    fputs(outcome == SKIPPED ? "\n" : "\">", out);
    fact(out, "expected", finding->expected);
    fact(out, "observed", finding->observed);
    if (finding->has_margin) {
        char margin[REPORT_MARGIN_MAX];
        fprintf(out, "margin: %s ms\n", report_ms(margin, finding->margin_ns));
    }
    circumstances(out, run);
    fprintf(out, "</%s>\n    </testcase>\n", element_of(outcome));
}

static void verdict_case(FILE *out, enum report_names names, const struct report_run *run)
{
    enum outcome outcome = verdict_outcome(run);

    begin_case(out, names, run, "verdict", run->duration_ns);
    if (outcome == PASSED) {
        fputs("</testcase>\n", out);
        return;
    }
    begin_outcome(out, outcome, report_verdict(run));
    svg_escape(out, report_has_verdict(run) ? run->reason : report_no_verdict(run));
    fputs("\">", out);
    fact(out, "next", run->next);
    circumstances(out, run);
    fprintf(out, "</%s>\n    </testcase>\n", element_of(outcome));
}

static void property(FILE *out, const char *name, const char *value)
{
    if (value) {
        fprintf(out, "      <property name=\"%s\" value=\"", name);
        svg_escape(out, value);
        fputs("\"/>\n", out);
    }
}

static void begin_suite(FILE *out, const struct report *report, size_t id,
                        const struct report_run *first, const struct tally *tally)
{
    char when[REPORT_WHEN_MAX];
    report_when(when, tally->wall_ns, true);
    when[strcspn(when, "Z")] = '\0'; /* Ant's schema allows no zone */
    fprintf(out, "  <testsuite id=\"%zu\" name=\"", id);
    svg_escape(out, first->model);
    fputc(' ', out);
    svg_escape(out, first->procedure);
    fputs(", firmware ", out);
    svg_escape(out, report_firmware(first));
    fprintf(out, "%s\" package=\"", first->simulated ? " (simulated)" : "");
    svg_escape(out, first->model);
    fprintf(out, "\" timestamp=\"%s\" hostname=\"", when);
    svg_escape(out, report->host && *report->host ? report->host : "localhost");
    fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"",
            tally->tests, tally->failures, tally->errors, tally->skipped);
    seconds(out, tally->duration_ns);
    fputs("\">\n    <properties>\n", out);
    property(out, "model", first->model);
    property(out, "procedure", first->procedure);
    property(out, "firmware", report_firmware(first));
    property(out, "simulated", first->simulated ? "yes" : "no");
    if (report->names == REPORT_NAMES_STABLE) {
        char number[24] = "";
        snprintf(number, sizeof(number), "%" PRId64, first->number);
        property(out, "unit", first->unit);
        property(out, "run", first->number > 0 ? number : NULL);
        property(out, "station", first->station);
        property(out, "operator", first->operator_name);
        property(out, "batch", first->batch);
        property(out, "record", report_record_state(first));
    }
    property(out, "longpress", report->version);
    property(out, "asked", report->asked);
    fputs("    </properties>\n", out);
}

/* What a suite says on its standard output: a line for each run. */
static void run_line(FILE *out, const struct report_run *run)
{
    char when[REPORT_WHEN_MAX];
    fprintf(out, "%s ", report_when(when, run->wall_ns, true));
    run_name(out, run);
    if (run->station) {
        fputs(", station ", out);
        svg_escape(out, run->station);
    }
    if (run->operator_name) {
        fputs(", operator ", out);
        svg_escape(out, run->operator_name);
    }
    fprintf(out, ": %s", report_verdict(run));
    if (report_has_verdict(run) && run->state != RECORD_AS_WRITTEN) {
        fprintf(out, " (record: %s)", record_state_name(run->state));
    }
    if (run->reason && *run->reason) {
        fputs(": ", out);
        svg_escape(out, run->reason);
    }
    fputc('\n', out);
}

static void suite(FILE *out, const struct report *report, const struct report_kinds *kinds,
                  size_t id)
{
    const struct report_run *first = &report->runs[kinds->first_of[id]];
    struct tally tally = {0};

    for (size_t i = 0; i < report->journal_run_count; i++) {
        if (kinds->kind_of[i] == id) {
            add_run(&tally, &report->runs[i]);
        }
    }
    begin_suite(out, report, id, first, &tally);
    for (size_t i = 0; i < report->journal_run_count; i++) {
        const struct report_run *run = &report->runs[i];
        if (kinds->kind_of[i] != id) {
            continue;
        }
        for (size_t j = 0; j < run->finding_count; j++) {
            finding_case(out, report->names, run, &run->findings[j]);
        }
        verdict_case(out, report->names, run);
    }
    fputs("    <system-out>", out);
    for (size_t i = 0; i < report->journal_run_count; i++) {
        if (kinds->kind_of[i] == id) {
            run_line(out, &report->runs[i]);
        }
    }
    fputs("</system-out>\n    <system-err></system-err>\n  </testsuite>\n", out);
}

/* A suite has properties, a test case of these schemas has none: a suite for each run, then. */
static struct report_kinds suites_of(const struct report *report)
{
    if (report->names == REPORT_NAMES_UNIT) {
        return report_kinds_of(report);
    }
    struct report_kinds runs = {
        .count = report->journal_run_count,
        .kind_of = xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*runs.kind_of)),
        .first_of = xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*runs.first_of)),
    };
    for (size_t i = 0; i < report->journal_run_count; i++) {
        runs.kind_of[i] = runs.first_of[i] = i;
    }
    return runs;
}

int report_junit(const struct report *report, FILE *out)
{
    struct report_kinds kinds = suites_of(report);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    for (size_t id = 0; id < kinds.count; id++) {
        suite(out, report, &kinds, id);
    }
    fputs("</testsuites>\n", out);
    report_kinds_free(&kinds);
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
