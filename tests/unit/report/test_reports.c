/*
 * Reports: what becomes of results, that hostile texts stay texts, where things are drawn, and a
 * few whole documents. `UPDATE=1 build/tests/unit/test_reports` rewrites those.
 */
#include "rig/base/units.h"
#include "rig/format/svg.h"
#include "rig/report/report_picks.h"
#include "rig/report/reports.h"
#include "rig/report/svg_dots.h"
#include "rig/report/svg_run.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/parts.h"
#include "tests/unit/run_by_hand.h"

#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Texts that mean something to somebody: markup, formulas, terminals, bad UTF-8. */
static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    "\" onload=\"alert(1)",
    "' onclick='x",
    "]]><!-- & --> &lt; &#x0; &nosuch;",
    "=HYPERLINK(\"http://x\";\"y\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "x;=1+1",
    "x; =1+1",
    "\"=1+1",
    "x;\"=1+1",
    "＝1+1",
    "a,b\"c\"\r\nd",
    "\x1b[31mred\x07\x9b",
    "\xff\xfe\xc0\x80",
    "\xe2\x80\xaertl\xef\xbf\xbe\xef\xbf\xbf",
    "ünïcode 日本語 \xf0\x9f\x8e\xa7",
    "",
};

typedef int report_writer(const struct report *report, FILE *out);

static char *written(report_writer *writer, const struct report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(writer(report, out), 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static char *drawn(const struct report_run *run, bool whole)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(svg_run(run, &run->drawing, "run", whole, out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static struct report report_of(const struct report_run *runs, size_t count)
{
    return (struct report){.runs = runs,
                           .journal_run_count = count,
                           .version = "0.1.0",
                           .host = "bench-3",
                           .made_ns = INT64_C(1795532400) * NS_PER_S};
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) {
        count++;
    }
    return count;
}

static void check_markup(const char *text, bool html)
{
    size_t at = 0;
    const char *wrong = markup_wrong(text, html, &at);
    if (wrong) {
        fail_msg("%s at %zu: ...%.80s", wrong, at, text + (at > 40 ? at - 40 : 0));
    }
}

/* A run of one finding. */
struct simple {
    struct report_finding finding;
    struct report_run run;
};

static void simple_make(struct simple *simple, enum verdict verdict, enum expect_result result,
                        bool needed)
{
    simple->finding = (struct report_finding){.what = "led",
                                              .result = result,
                                              .needed = needed,
                                              .expected = "blue x2",
                                              .observed = "blue x1",
                                              .reason = "expected blue x2; saw blue x1",
                                              .has_margin = true,
                                              .margin_ns = -31500000};
    simple->run = (struct report_run){.number = 7,
                                      .wall_ns = INT64_C(1795532400) * NS_PER_S,
                                      .duration_ns = 11163743939,
                                      .model = "HP-1",
                                      .procedure = "reset",
                                      .unit = "5012345",
                                      .unit_firmware = "2.3.1",
                                      .station = "A",
                                      .operator_name = "Owens",
                                      .version = "0.1.0",
                                      .verdict = verdict,
                                      .reason = "because",
                                      .next = "",
                                      .findings = &simple->finding,
                                      .finding_count = 1};
}

/* ---- JUnit -------------------------------------------------------------------------------- */

/* Of the test case named `what`: "passed", "failure", "error" or "skipped". */
static const char *outcome_of(const char *junit, const char *what)
{
    char end[64];
    snprintf(end, sizeof(end), " name=\"%s\" time=", what);
    const char *at = strstr(junit, end);
    assert_non_null(at);
    at = strchr(at, '>') + 1;
    at += strspn(at, " \n");
    return strncmp(at, "</testcase>", 11) == 0 ? "passed"
           : strncmp(at, "<failure ", 9) == 0  ? "failure"
           : strncmp(at, "<error ", 7) == 0    ? "error"
           : strncmp(at, "<skipped>", 9) == 0  ? "skipped"
                                               : "?";
}

static void test_junit_outcomes(void **state)
{
    static const char *const verdicts[] = {[VERDICT_PASS] = "passed",
                                           [VERDICT_FAIL] = "failure",
                                           [VERDICT_INCONCLUSIVE] = "error",
                                           [VERDICT_ABORTED] = "error",
                                           [VERDICT_ERROR] = "error"};
    static const char *const results[] = {[RESULT_PASS] = "passed",
                                          [RESULT_FAIL] = "failure",
                                          [RESULT_INCONCLUSIVE] = "error",
                                          [RESULT_RECORDED] = "skipped",
                                          [RESULT_PENDING] = "error"};
    (void)state;
    for (int verdict = VERDICT_PASS; verdict <= VERDICT_ERROR; verdict++) {
        for (int result = RESULT_PASS; result <= RESULT_PENDING; result++) {
            for (int variant = 0; variant < 6; variant++) {
                struct simple simple;
                bool needed = variant & 1;
                simple_make(&simple, (enum verdict)verdict, (enum expect_result)result, needed);
                simple.run.interrupted = variant & 2;
                simple.run.running = variant & 4;
                struct report report = report_of(&simple.run, 1);
                char *text = written(report_junit, &report);
                bool judged = !simple.run.interrupted && !simple.run.running;
                bool finished = judged && verdict <= VERDICT_INCONCLUSIVE;
                const char *expected = !finished                                  ? "skipped"
                                       : result == RESULT_INCONCLUSIVE && !needed ? "skipped"
                                                                                  : results[result];
                assert_string_equal(outcome_of(text, "led"), expected);
                assert_string_equal(outcome_of(text, "verdict"),
                                    judged ? verdicts[verdict] : "error");
                check_markup(text, false);
                char counts[128];
                snprintf(counts, sizeof(counts),
                         "tests=\"2\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
                         "time=\"11.163\"",
                         count_of(text, "</failure>"), count_of(text, "</error>"),
                         count_of(text, "</skipped>"));
                assert_non_null(strstr(text, counts));
                free(text);
            }
        }
    }
}

static void test_junit_suites(void **state)
{
    enum { RUNS = 6 };
    struct simple simples[RUNS];
    struct report_run runs[RUNS];
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        simple_make(&simples[i], VERDICT_PASS, RESULT_PASS, true);
        runs[i] = simples[i].run;
        runs[i].number = (int64_t)i + 1;
        runs[i].wall_ns -= (int64_t)i * NS_PER_S;
    }
    runs[1].unit_firmware = "2.4.0";
    runs[2].model = "HP-2";
    runs[3].procedure = "pairing";
    runs[4].simulated = true;
    struct report report = report_of(runs, RUNS);
    report.names = REPORT_NAMES_UNIT;
    char *text = written(report_junit, &report);
    check_markup(text, false);
    assert_int_equal(count_of(text, "<testsuite "), 5); /* runs 1 and 6 are of one kind */
    assert_int_equal(count_of(text, "<testcase "), 2 * RUNS);
    assert_non_null(strstr(text, "id=\"0\" name=\"HP-1 reset, firmware 2.3.1\" package=\"HP-1\" "
                                 "timestamp=\"2026-11-24T14:59:55\" hostname=\"bench-3\" "
                                 "tests=\"4\" failures=\"0\" errors=\"0\" skipped=\"0\""));
    assert_non_null(strstr(text, "name=\"HP-1 reset, firmware 2.3.1 (simulated)\""));
    assert_non_null(strstr(text, "name=\"unit 5012345, run 5 (simulated): led\""));
    free(text);
    /* The same names whatever serial and run: those are properties. */
    report.names = REPORT_NAMES_STABLE;
    text = written(report_junit, &report);
    check_markup(text, false);
    assert_int_equal(count_of(text, "<testsuite "), RUNS);
    assert_int_equal(count_of(text, " classname=\"HP-1.reset\" name=\"led\" "), 3);
    assert_int_equal(count_of(text, " classname=\"HP-1.reset\" name=\"led (simulated)\" "), 1);
    assert_int_equal(count_of(text, "<property name=\"unit\" value=\"5012345\"/>"), RUNS);
    assert_int_equal(count_of(text, "<property name=\"run\" value=\"6\"/>"), 1);
    free(text);
    report.journal_run_count = 0;
    text = written(report_junit, &report);
    assert_string_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                              "</testsuites>\n");
    free(text);
}

/* ---- CSV ---------------------------------------------------------------------------------- */

enum { CSV_COLUMNS = 20, CSV_MARGIN = 18, CSV_CELL_MAX = 512 };

/* One line as RFC 4180 has it. *at is moved behind it. How many cells. */
static size_t csv_line(const char **at, char cells[CSV_COLUMNS][CSV_CELL_MAX])
{
    const char *c = *at;
    size_t count = 0;
    for (;;) {
        size_t length = 0;
        assert_true(count < CSV_COLUMNS);
        if (*c == '"') {
            for (c++; *c != '"' || c[1] == '"'; c++) {
                assert_true(*c != '\0');
                c += *c == '"';
                cells[count][length++] = *c;
            }
            c++;
        } else {
            while (*c != ',' && *c != '\r') {
                assert_true(*c != '\0' && *c != '"' && *c != '\n');
                cells[count][length++] = *c++;
            }
        }
        cells[count++][length] = '\0';
        if (*c == '\r') {
            assert_int_equal(c[1], '\n');
            *at = c + 2;
            return count;
        }
        assert_int_equal(*c++, ',');
    }
}

/* As a spreadsheet whose separator is `;` would cut a line: does any of its cells begin a formula?
 * Quotes count only where they begin a cell. */
static bool splits_into_formula(const char *line)
{
    const char *c = line;
    while (*c && *c != '\r') {
        const char *cell = c;
        if (*c == '"') {
            for (c++; *c && *c != '\r' && (*c != '"' || c[1] == '"'); c++) {
                c += *c == '"';
            }
            cell++;
        }
        cell += strspn(cell, " \"");
        if (*cell && strchr("=+-@\t", *cell)) {
            return true;
        }
        c += strcspn(c, ";\r");
        c += *c == ';';
    }
    return false;
}

static void test_csv_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct simple simple;
        char cells[CSV_COLUMNS][CSV_CELL_MAX];
        simple_make(&simple, VERDICT_FAIL, RESULT_FAIL, true);
        simple.run.unit = simple.run.operator_name = simple.run.model = hostile[i];
        simple.run.number = 0;
        simple.finding.reason = hostile[i];
        struct report report = report_of(&simple.run, 1);
        char *text = written(report_csv, &report);
        const char *at = text;
        assert_int_equal(csv_line(&at, cells), CSV_COLUMNS);
        assert_string_equal(cells[0], "run");
        assert_string_equal(cells[CSV_MARGIN], "margin_ms");
        assert_false(splits_into_formula(at));
        assert_int_equal(csv_line(&at, cells), CSV_COLUMNS);
        assert_int_equal(*at, '\0');
        for (size_t j = 0; j < CSV_COLUMNS; j++) {
            assert_null(strpbrk(cells[j], "\r\n\t"));
            const char *cell = cells[j] + strspn(cells[j], " \"");
            assert_true(j == CSV_MARGIN || *cell == '\0' || !strchr("=+-@", *cell));
            assert_int_not_equal(strncmp(cell, "＝", 3), 0);
        }
        assert_string_equal(cells[CSV_MARGIN], "-31.500"); /* a number, and stays one */
        free(text);
    }
}

/* For Excel: what it would take for a number stays a text; all else is as safe as without. */
static void test_csv_excel(void **state)
{
    static const struct {
        const char *unit;
        const char *cell;
    } serials[] = {
        {"0012345", "=\"0012345\""}, {"12345678901234567890", "=\"12345678901234567890\""},
        {"1E5", "=\"1E5\""},         {"=CMD|calc", "=\"=CMD|calc\""},
        {"a;=b", "a;'=b"},           {"=\"x\"", "'=\"x\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(serials); i++) {
        struct simple simple;
        char cells[CSV_COLUMNS][CSV_CELL_MAX];
        simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
        simple.run.unit = serials[i].unit;
        struct report report = report_of(&simple.run, 1);
        report.excel = true;
        char *text = written(report_csv, &report);
        const char *at = text + 3;
        assert_memory_equal(text, "\xEF\xBB\xBF", 3);
        csv_line(&at, cells);
        assert_string_equal(cells[5], "unit");
        assert_int_equal(csv_line(&at, cells), CSV_COLUMNS);
        assert_string_equal(cells[5], serials[i].cell);
        free(text);
    }
}
static void test_csv_keeps_harmless(void **state)
{
    struct simple simple;
    char cells[CSV_COLUMNS][CSV_CELL_MAX];
    (void)state;
    simple_make(&simple, VERDICT_PASS, RESULT_PASS, false);
    simple.run.unit = "a, \"b\"; c-d ünï";
    simple.run.simulated = true;
    struct report report = report_of(&simple.run, 1);
    char *text = written(report_csv, &report);
    const char *at = text;
    csv_line(&at, cells);
    csv_line(&at, cells);
    static const char *const expected[CSV_COLUMNS] = {"7",         "2026-11-24T15:00:00Z",
                                                      "11163.743", "HP-1",
                                                      "reset",     "a, \"b\"; c-d ünï",
                                                      "2.3.1",     "A",
                                                      "Owens",     "simulated",
                                                      "pass",      "because",
                                                      "led",       "no",
                                                      "pass",      "blue x2",
                                                      "blue x1",   "expected blue x2; saw blue x1",
                                                      "-31.500",   "as_written"};
    for (size_t j = 0; j < CSV_COLUMNS; j++) {
        assert_string_equal(cells[j], expected[j]);
    }
    free(text);
}

/* ---- hostile texts in markup -------------------------------------------------------------- */

static void check_no_markup_of(const char *text)
{
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<img"));
    assert_null(strstr(text, "onload=\""));
    assert_null(strstr(text, "\x1b"));
}

static void test_markup_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct run_by_hand by_hand;
        struct report_finding findings[PROFILE_EXPECT_MAX];
        run_by_hand_make(&by_hand);
        timeline_add(&by_hand.timeline, &(struct entry){.kind = ENTRY_RADIO,
                                                        .code = RADIO_SEEN,
                                                        .time_ns = BY_HAND_ORIGIN_NS + NS_PER_S,
                                                        .text = hostile[i]});
        timeline_add(&by_hand.timeline, &(struct entry){.kind = ENTRY_CONTACT,
                                                        .code = CONTACT_DOWN,
                                                        .time_ns = BY_HAND_ORIGIN_NS + NS_PER_S,
                                                        .text = hostile[i]});
        struct report_run runs[2];
        runs[0] = report_run_of(&by_hand.record, findings);
        for (size_t j = 0; j < runs[0].finding_count; j++) {
            findings[j].expected = findings[j].observed = findings[j].reason = hostile[i];
        }
        runs[0].unit = runs[0].operator_name = runs[0].station = hostile[i];
        runs[0].model = runs[0].procedure = runs[0].unit_firmware = hostile[i];
        runs[0].reason = runs[0].next = runs[0].version = hostile[i];
        runs[1] = runs[0];
        runs[1].verdict = VERDICT_FAIL;
        struct report report = report_of(runs, 2);
        report.host = report.asked = hostile[i];
        char *html = written(report_html, &report);
        char *junit = written(report_junit, &report);
        char *svg = drawn(&runs[0], true);
        check_markup(html, true);
        check_markup(junit, false);
        check_markup(svg, false);
        check_no_markup_of(html);
        check_no_markup_of(junit);
        check_no_markup_of(svg);
        assert_int_equal(count_of(html, "<svg "), 2 + 4); /* two runs, margins of four */
        free(html);
        free(junit);
        free(svg);
        run_by_hand_free(&by_hand);
    }
}

static void test_escape(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
        const char *expected;
    } cases[] = {
        {"a<b>&\"c'", SIZE_MAX, "a&lt;b&gt;&amp;&quot;c&#39;"},
        {"\x01\xff\n", SIZE_MAX, "\\x01\\xFF\\x0A"},
        {"abcdef", 6, "abcdef"},
        {"abcdef", 5, "abcd…"},
        {"日本語", 2, "日…"},
        {"<<<<", 2, "&lt;…"},
        {"", 0, ""},
        {NULL, 5, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        svg_escape_cut(out, cases[i].text, cases[i].columns);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void test_json(void **state)
{
    struct simple simple;
    json_error_t error;
    (void)state;
    simple_make(&simple, VERDICT_FAIL, RESULT_FAIL, true);
    simple.run.unit = hostile[0];
    struct report report = report_of(&simple.run, 1);
    char *text = written(report_json, &report);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    json_t *run = json_array_get(json_object_get(root, "runs"), 0);
    json_t *finding = json_array_get(json_object_get(run, "expectations"), 0);
    assert_int_equal(json_array_size(json_object_get(root, "runs")), 1);
    assert_string_equal(json_string_value(json_object_get(run, "verdict")), "fail");
    assert_string_equal(json_string_value(json_object_get(run, "unit")), hostile[0]);
    assert_int_equal(json_integer_value(json_object_get(run, "run")), 7);
    assert_true(json_is_false(json_object_get(run, "simulated")));
    assert_true(json_real_value(json_object_get(finding, "margin_ms")) == -31.5);
    json_decref(root);
    free(text);
    simple.run.interrupted = true;
    text = written(report_json, &report);
    assert_non_null(strstr(text, "\"verdict\":\"interrupted\""));
    assert_null(strstr(text, "\"verdict\":\"fail\""));
    free(text);
}

/* ---- drawings ----------------------------------------------------------------------------- */

/* A number as SVG has it, whatever the locale. */
static double number_at(const char *text)
{
    char *end;
    double value = (double)strtol(text, &end, 10);
    return *end == '.' ? value + (end[1] - '0') / 10.0 : value;
}

/* The x and width of the nth rectangle of a class. */
static void rect_at(const char *svg, const char *class, int n, double *x, double *width)
{
    char begin[64];
    const char *at = svg;
    snprintf(begin, sizeof(begin), "<rect class=\"%s\" x=\"", class);
    for (int i = 0; i <= n; i++) {
        at = strstr(i ? at + 1 : at, begin);
        assert_non_null(at);
    }
    at += strlen(begin);
    *x = number_at(at);
    at = strstr(at, "width=\"");
    assert_non_null(at);
    *width = number_at(at + strlen("width=\""));
}

/* Where an instant of the run by hand is to be: it ends at 40 s, and a fiftieth and 1 ms are free
 * behind. */
static double place(double seconds)
{
    return 168 + 692 * seconds / (40 * 1.02 + 0.001);
}

static void check_rect(const char *svg, const char *class, int n, double from_s, double to_s)
{
    double x;
    double width;
    rect_at(svg, class, n, &x, &width);
    assert_true(x > place(from_s) - 0.11 && x < place(from_s) + 0.11);
    assert_true(x + width > place(to_s) - 0.21 && x + width < place(to_s) + 0.21);
}

static void test_drawing_is_where_it_belongs(void **state)
{
    struct run_by_hand by_hand;
    struct report_finding findings[PROFILE_EXPECT_MAX];
    (void)state;
    run_by_hand_make(&by_hand);
    struct report_run run = report_run_of(&by_hand.record, findings);
    char *svg = drawn(&run, false);
    check_markup(svg, false);
    check_rect(svg, "order", 0, 0.5, 7.7);
    check_rect(svg, "press", 0, 0.5, 7.621);
    check_rect(svg, "press", 1, 0.5, 7.621);
    check_rect(svg, "contact", 0, 0.512, 7.63);
    check_rect(svg, "led blue", 0, 6.6, 6.8);
    check_rect(svg, "led blue", 1, 7.0, 7.2);
    check_rect(svg, "led white", 0, 7.4, 7.6);
    check_rect(svg, "sound", 0, 8.1, 9.4);
    check_rect(svg, "window", 0, 6.5, 9.5);          /* led: press+6 s, for 3 s */
    check_rect(svg, "window", 1, 7.621, 12.621);     /* sound: within 5 s of the release */
    assert_int_equal(count_of(svg, ">d</text>"), 1); /* the link's drop; not in the closer part */
    assert_non_null(strstr(svg, "7.12 s of 7.2 s"));
    assert_non_null(strstr(svg, ">B×2</text>"));
    assert_int_equal(count_of(svg, ">PASS "), run.finding_count);
    free(svg);
    run_by_hand_free(&by_hand);
}

/* Without a procedure no windows; without a timeline nothing; a window of what never began. */
static void test_drawing_of_less(void **state)
{
    struct run_by_hand by_hand;
    struct report_finding findings[PROFILE_EXPECT_MAX];
    (void)state;
    run_by_hand_make(&by_hand);
    struct report_run run = report_run_of(&by_hand.record, findings);
    run.drawing.procedure = NULL;
    char *svg = drawn(&run, true);
    assert_null(strstr(svg, "class=\"window\""));
    assert_non_null(strstr(svg, "class=\"press\""));
    free(svg);
    run.drawing.procedure = by_hand.record.procedure;
    struct timeline nothing;
    timeline_init(&nothing);
    timeline_add(&nothing, &(struct entry){.kind = ENTRY_START});
    run.drawing.timeline = &nothing;
    svg = drawn(&run, true);
    check_markup(svg, false);
    assert_null(strstr(svg, "class=\"window\""));
    assert_non_null(strstr(svg, ">no press<"));
    assert_non_null(strstr(svg, ">no release<"));
    free(svg);
    timeline_free(&nothing);
    run.drawing.timeline = NULL;
    svg = drawn(&run, true);
    assert_string_equal(svg, "");
    free(svg);
    run_by_hand_free(&by_hand);
}

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

/* Anything may be in a timeline that was read from a file. */
static void test_drawing_of_anything(void **state)
{
    uint64_t random = 20261125;
    struct run_by_hand by_hand;
    struct report_finding findings[PROFILE_EXPECT_MAX];
    (void)state;
    run_by_hand_make(&by_hand);
    struct report_run run = report_run_of(&by_hand.record, findings);
    for (int round = 0; round < 60; round++) {
        struct timeline timeline;
        timeline_init(&timeline);
        int64_t reach_ns = round % 3 == 0   ? RECORD_NS_MAX
                           : round % 3 == 1 ? 60 * NS_PER_S
                                            : 2 * NS_PER_MS;
        size_t count = next_random(&random) % 400;
        for (size_t i = 0; i < count; i++) {
            int64_t times[3];
            for (size_t j = 0; j < 3; j++) {
                times[j] = (int64_t)(next_random(&random) % (uint64_t)reach_ns) -
                           (round % 2 ? 0 : reach_ns / 2);
            }
            struct entry entry = {.kind = (enum entry_kind)(next_random(&random) % (ENTRY_END + 1)),
                                  .code = (uint8_t)(next_random(&random) % 16),
                                  .press = (uint32_t)(next_random(&random) % 5),
                                  .time_ns = times[0],
                                  .at_ns = times[1],
                                  .until_ns = times[2],
                                  .text = next_random(&random) % 3
                                              ? "power + nc_ambient"
                                              : hostile[next_random(&random) % COUNT(hostile)],
                                  .pulse = {.start_ns = times[1],
                                            .end_ns = times[2],
                                            .colour = (colour)(next_random(&random) % 256)}};
            timeline_add(&timeline, &entry);
        }
        run.drawing.timeline = &timeline;
        char *svg = drawn(&run, true);
        check_markup(svg, false);
        assert_null(strstr(svg, "width=\"-"));
        free(svg);
        timeline_free(&timeline);
    }
    run_by_hand_free(&by_hand);
}

static void test_numbers(void **state)
{
    char text[SVG_NUMBER_MAX];
    char ms[REPORT_MARGIN_MAX];
    char when[REPORT_WHEN_MAX];
    (void)state;
    assert_string_equal(svg_number(text, 12.34), "12.3");
    assert_string_equal(svg_number(text, -0.04), "0");
    assert_string_equal(svg_number(text, -3.96), "-4");
    assert_string_equal(svg_number(text, 1e300), "1000000000");
    assert_string_equal(svg_number(text, 0.0 / 0.0), "0");
    assert_string_equal(report_ms(ms, -31500000), "-31.5");
    assert_string_equal(report_ms(ms, 1), "0.000001");
    assert_string_equal(report_ms(ms, INT64_MIN), "-9223372036854.775808");
    assert_string_equal(report_when(when, -1, true), "1969-12-31T23:59:59Z");
    assert_string_equal(report_when(when, INT64_C(1795532400) * NS_PER_S, false),
                        "2026-11-24 15:00:00 UTC");
}

static void test_quantiles(void **state)
{
    static const int64_t values[] = {10, 20, 30, 40};
    (void)state;
    assert_int_equal(svg_dots_quantile(values, 0, 0.5), 0);
    assert_int_equal(svg_dots_quantile(values, 1, 0.9), 10);
    assert_int_equal(svg_dots_quantile(values, 4, 0), 10);
    assert_int_equal(svg_dots_quantile(values, 4, 0.5), 25);
    assert_int_equal(svg_dots_quantile(values, 4, 1), 40);
    assert_int_equal(svg_dots_quantile(values, 3, 0.25), 15);
}

/* ---- HTML --------------------------------------------------------------------------------- */

/* Every verdict has its word, its count and its place; simulated runs say so. */
static void test_html_says_all(void **state)
{
    enum { RUNS = 7 };
    struct simple simples[RUNS];
    struct report_run runs[RUNS];
    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        simple_make(&simples[i], (enum verdict)(i < 5 ? i : 0), RESULT_PASS, true);
        runs[i] = simples[i].run;
        runs[i].number = (int64_t)i + 1;
    }
    runs[5].interrupted = true;
    runs[6].running = true;
    struct report report = report_of(runs, RUNS);
    char *text = written(report_html, &report);
    static const char *const words[] = {"<b>1</b>✓ pass",         "<b>1</b>✗ fail",
                                        "<b>1</b>? inconclusive", "<b>1</b>■ aborted",
                                        "<b>1</b>! error",        "<b>1</b>… interrupted",
                                        "<b>1</b>▸ running",      "<h1>longpress: 7 runs"};
    check_markup(text, true);
    for (size_t i = 0; i < COUNT(words); i++) {
        if (!strstr(text, words[i])) {
            fail_msg("not in the report: %s", words[i]);
        }
    }
    assert_null(strstr(text, "SIMULATED"));
    assert_int_equal(count_of(text, "<article "), RUNS);
    assert_int_equal(count_of(text, "No drawing"), RUNS);
    free(text);
    runs[3].simulated = true;
    text = written(report_html, &report);
    assert_non_null(strstr(text, "SIMULATED: 1 of these runs"));
    assert_true(count_of(text, ">SIMULATED</span>") >= 3); /* by firmware, in the table, its own */
    free(text);
}

/* Whether a record is as it was written stands in each report, and nothing of it where there is no
 * verdict. */
static void test_record_state(void **state)
{
    static const struct {
        enum record_state state;
        bool interrupted;
        const char *csv;
        const char *junit; /* property */
        const char *line;  /* on the suite's standard output */
        const char *html;  /* tags */
    } cases[] = {
        {RECORD_AS_WRITTEN, false, ",as_written", "as_written", ": pass: because", NULL},
        {RECORD_CHANGED, false, ",changed", "changed", ": pass (record: changed): because",
         ">RECORD CHANGED</span>"},
        {RECORD_WITHOUT_DIGEST, false, ",without_digest", "without_digest",
         ": pass (record: without_digest): because", NULL},
        {RECORD_CHANGED, true, ",", NULL, ": interrupted: because", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct simple simple;
        char property[64];
        simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
        simple.run.state = cases[i].state;
        simple.run.interrupted = cases[i].interrupted;
        struct report report = report_of(&simple.run, 1);
        char *csv = written(report_csv, &report);
        char *junit = written(report_junit, &report);
        char *html = written(report_html, &report);
        char line_end[32];
        snprintf(line_end, sizeof(line_end), "%s\r\n", cases[i].csv);
        assert_non_null(strstr(csv, line_end));
        snprintf(property, sizeof(property), "name=\"record\" value=\"%s\"",
                 cases[i].junit ? cases[i].junit : "");
        assert_int_equal(strstr(junit, property) != NULL, cases[i].junit != NULL);
        assert_non_null(strstr(junit, cases[i].line));
        assert_int_equal(count_of(html, ">RECORD CHANGED</span>"), cases[i].html ? 2 : 0);
        assert_int_equal(
            strstr(html, "RECORD CHANGED in 1 of these runs: the digest does not match") != NULL,
            cases[i].html != NULL);
        check_markup(html, true);
        check_markup(junit, false);
        free(csv);
        free(junit);
        free(html);
    }
}

/* A run of which something kept is damaged is marked in the table, in its own part and above all.
 */
static void test_html_damaged(void **state)
{
    struct simple simple;
    (void)state;
    simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
    struct report report = report_of(&simple.run, 1);
    char *html = written(report_html, &report);
    assert_null(strstr(html, "DAMAGED"));
    free(html);
    simple.run.damaged = "the <profile>";
    html = written(report_html, &report);
    check_markup(html, true);
    assert_int_equal(count_of(html, ">DAMAGED</span>"), 2);
    assert_non_null(strstr(html, "DAMAGED in 1 of these runs"));
    assert_non_null(strstr(html, "the &lt;profile&gt; stored with it is damaged"));
    free(html);
}

/* ---- which runs of a page are drawn ------------------------------------------------------- */

enum { MANY = 1000 };

/* Runs with margins all different, every tenth of which failed; picked as they come. */
struct many {
    struct report_run runs[MANY];
    struct report_finding findings[MANY];
    size_t count[PICK_LEFT_OUT + 1];
};

static struct many *many_of(const struct report_run *like, enum report_draw draw, size_t runs)
{
    struct many *many = xcalloc(sizeof(*many));
    struct report_picks picks = report_picks_of(draw, runs);

    for (size_t i = 0; i < runs; i++) {
        size_t dropped;
        many->findings[i] = (struct report_finding){
            .what = "led",
            .expected = "blue x2",
            .observed = "blue x2",
            .reason = "",
            .needed = true,
            .result = i % 10 == 3 ? RESULT_FAIL : RESULT_PASS,
            .has_margin = true,
            .margin_ns = (int64_t)(i * 7919 % MANY) * NS_PER_MS,
        };
        many->runs[i] = *like;
        many->runs[i].number = (int64_t)i + 1;
        many->runs[i].verdict = i % 10 == 3 ? VERDICT_FAIL : VERDICT_PASS;
        many->runs[i].findings = &many->findings[i];
        many->runs[i].finding_count = 1;
        many->runs[i].pick = report_pick(&picks, i, &many->runs[i], &dropped);
        if (dropped != SIZE_MAX) {
            assert_int_equal(many->runs[dropped].pick, PICK_NEAREST);
            many->runs[dropped].pick = PICK_LEFT_OUT;
        }
    }
    for (size_t i = 0; i < runs; i++) {
        many->count[many->runs[i].pick]++;
    }
    return many;
}

static void test_picks(void **state)
{
    struct simple simple;
    (void)state;
    simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
    struct many *many = many_of(&simple.run, REPORT_DRAW_USUAL, REPORT_EACH_MAX);
    assert_int_equal(many->count[PICK_EACH], REPORT_EACH_MAX);
    free(many);
    many = many_of(&simple.run, REPORT_DRAW_USUAL, REPORT_EACH_MAX + 1);
    assert_int_equal(many->count[PICK_EACH], 0);
    assert_int_equal(many->count[PICK_FAILED], 20);
    free(many);
    many = many_of(&simple.run, REPORT_DRAW_ALL, MANY);
    assert_int_equal(many->count[PICK_EACH], MANY);
    free(many);
    many = many_of(&simple.run, REPORT_DRAW_FAILS, 20);
    assert_int_equal(many->count[PICK_FAILED], 2);
    assert_int_equal(many->count[PICK_LEFT_OUT], 18);
    free(many);
    many = many_of(&simple.run, REPORT_DRAW_NONE, 20);
    assert_int_equal(many->count[PICK_LEFT_OUT], 20);
    free(many);

    many = many_of(&simple.run, REPORT_DRAW_USUAL, MANY);
    assert_int_equal(many->count[PICK_FAILED], MANY / 10);
    assert_int_equal(many->count[PICK_NEAREST], REPORT_NEAREST);
    assert_int_equal(many->count[PICK_SAMPLE], REPORT_SAMPLE);
    int64_t farthest_ns = 0;
    size_t last_of_sample = 0;
    for (size_t i = 0; i < MANY; i++) {
        const struct report_run *run = &many->runs[i];
        if (run->pick == PICK_NEAREST && run->findings->margin_ns > farthest_ns) {
            farthest_ns = run->findings->margin_ns;
        }
        if (run->pick == PICK_SAMPLE) {
            assert_true(i - last_of_sample <= MANY / REPORT_SAMPLE);
            last_of_sample = i;
        }
    }
    for (size_t i = 0; i < MANY; i++) {
        if (many->runs[i].pick == PICK_LEFT_OUT) {
            assert_true(many->findings[i].margin_ns > farthest_ns);
        }
    }
    free(many);
}

/* What a page of very many runs takes, and what it says of it. */
static void test_html_of_many(void **state)
{
    struct run_by_hand by_hand;
    struct report_finding findings[PROFILE_EXPECT_MAX];
    (void)state;
    run_by_hand_make(&by_hand);
    struct report_run run = report_run_of(&by_hand.record, findings);
    run.station = "A";
    struct many *many = many_of(&run, REPORT_DRAW_USUAL, MANY);
    struct report report = report_of(many->runs, MANY);
    char *text = written(report_html, &report);
    check_markup(text, true);
    assert_int_equal(count_of(text, "<article "), MANY);
    assert_int_equal(count_of(text, "Not drawn."), 800);
    assert_non_null(strstr(text, "200 of 1000 runs are drawn: 100 that failed, 50 of those that "
                                 "passed with the smallest margin, and 50 spread evenly"));
    assert_non_null(strstr(text, "--draw all"));
    size_t picked = strlen(text);
    free(text);
    free(many);
    many = many_of(&run, REPORT_DRAW_ALL, MANY);
    report = report_of(many->runs, MANY);
    text = written(report_html, &report);
    assert_null(strstr(text, "Not drawn."));
    assert_null(strstr(text, "--draw all"));
    size_t all = strlen(text);
    print_message("a page of 1000 runs: %zu kB, each drawn %zu kB\n", picked / 1000, all / 1000);
    assert_true(picked < 4500000 && picked * 2 < all);
    free(text);
    free(many);
    many = many_of(&run, REPORT_DRAW_NONE, 20);
    report = report_of(many->runs, 20);
    report.draw_said = true;
    text = written(report_html, &report);
    assert_non_null(strstr(text, "0 of 20 runs are drawn, as requested."));
    free(text);
    free(many);
    run_by_hand_free(&by_hand);
}

/* What was drawn before is put where it belongs. */
static void test_html_of_drawn(void **state)
{
    struct simple simple;
    (void)state;
    simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
    simple.run.drawn = "<svg id=\"mine\"></svg>";
    struct report report = report_of(&simple.run, 1);
    char *text = written(report_html, &report);
    assert_non_null(strstr(text, "<div class=\"wide\"><svg id=\"mine\"></svg></div>"));
    assert_null(strstr(text, "No drawing"));
    free(text);
}

/* Thresholds: a drawing for each model and procedure, presses where they belong. */
static void test_html_thresholds(void **state)
{
    static const int64_t holds_ns[] = {INT64_C(5550) * NS_PER_MS, INT64_C(5610) * NS_PER_MS,
                                       INT64_C(5630) * NS_PER_MS, INT64_C(9000) * NS_PER_MS};
    static const bool triggered[] = {false, true, true, true};
    struct posterior posterior;
    struct report_threshold thresholds[4];
    (void)state;
    for (size_t i = 0; i < POSTERIOR_POINTS; i++) {
        posterior.at[i] = 5.6e9 + 2e7 * ((double)i / (POSTERIOR_POINTS - 1) - 0.5);
    }
    for (size_t i = 0; i < 4; i++) {
        thresholds[i] = (struct report_threshold){.model = i == 2 ? hostile[0] : "HP-1",
                                                  .procedure = "reset",
                                                  .beyond = i == 3 ? "factory" : NULL,
                                                  .row = {.label = i == 1 ? hostile[1] : "2.3.1",
                                                          .detail = i == 1 ? hostile[1] : "unit A",
                                                          .holds_ns = holds_ns,
                                                          .triggered = triggered,
                                                          .count = COUNT(holds_ns),
                                                          .posterior = &posterior,
                                                          .median_ns = INT64_C(5600) * NS_PER_MS,
                                                          .low_ns = INT64_C(5590) * NS_PER_MS,
                                                          .high_ns = INT64_C(5610) * NS_PER_MS}};
    }
    struct report report = report_of(NULL, 0);
    report.thresholds = thresholds;
    report.threshold_count = 4;
    char *text = written(report_html, &report);
    check_markup(text, true);
    check_no_markup_of(text);
    assert_int_equal(count_of(text, "<svg "), 3); /* the end of a window has its own */
    assert_int_equal(count_of(text, "<h3>HP-1 reset becomes factory</h3>"), 1);
    assert_int_equal(count_of(text, ">unit A<"), 3);
    /* Each row: two dots and a cross in the drawing, one press out of it. */
    assert_int_equal(count_of(text, "<circle class=\"dot\""), 4 * 2);
    assert_int_equal(count_of(text, "<line class=\"miss\""), 4 * 2);
    assert_int_equal(count_of(text, "1 of them further out"), 4);
    assert_int_equal(count_of(text, "95 %: 5590 ms to 5610 ms"), 4);
    /* The axis is 5540 to 5660 ms: 50 ms to each side of the interval; 5610 is at 7/12 of it. */
    assert_non_null(strstr(text, "<circle class=\"dot\" cx=\"538.3\""));
    free(text);
}

/* ---- whole documents ---------------------------------------------------------------------- */

static void check_golden(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "tests/reports/golden/%s", name);
    if (getenv("UPDATE")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        assert_true(fputs(text, out) >= 0);
        assert_int_equal(fclose(out), 0);
        return;
    }
    size_t length;
    char *golden = file_text(path, &length);
    if (strcmp(golden, text) != 0) {
        size_t at = 0;
        while (golden[at] == text[at]) {
            at++;
        }
        at = at > 60 ? at - 60 : 0;
        fail_msg("%s differs:\nexpected ...%.160s\ngot      ...%.160s\nsee: UPDATE=1 "
                 "build/tests/unit/test_reports; git diff",
                 path, golden + at, text + at);
    }
    free(golden);
}

static void test_golden(void **state)
{
    struct run_by_hand by_hand;
    struct report_finding findings[3][PROFILE_EXPECT_MAX];
    struct report_run runs[3];
    (void)state;
    run_by_hand_make(&by_hand);
    for (size_t i = 0; i < 3; i++) {
        runs[i] = report_run_of(&by_hand.record, findings[i]);
        runs[i].number = 17 + (int64_t)i;
        runs[i].operator_name = "Owens";
        runs[i].unit_firmware = i == 2 ? "2.4.0" : "2.3.1";
    }
    findings[1][0].result = RESULT_FAIL;
    findings[1][0].margin_ns = -120 * NS_PER_MS;
    findings[1][0].reason = "expected blue x2, white x1; saw blue x1, white x1";
    runs[1].verdict = VERDICT_FAIL;
    runs[1].reason = "led: expected blue x2, white x1; saw blue x1, white x1";
    runs[1].next = "try again after 3 min";
    findings[2][2].result = RESULT_INCONCLUSIVE;
    findings[2][2].has_margin = false;
    runs[2].verdict = VERDICT_INCONCLUSIVE;
    runs[2].reason = "disconnects: the radio was lost";
    runs[2].simulated = true;
    struct report report = report_of(runs, 3);
    report.asked = "model HP-1";
    static const struct {
        const char *name;
        report_writer *writer;
    } documents[] = {{"runs.csv", report_csv},
                     {"runs.xml", report_junit},
                     {"runs.json", report_json},
                     {"runs.html", report_html}};
    for (size_t i = 0; i < COUNT(documents); i++) {
        char *text = written(documents[i].writer, &report);
        check_golden(documents[i].name, text);
        free(text);
    }
    char *svg = drawn(&runs[0], true);
    check_golden("run.svg", svg);
    free(svg);
    run_by_hand_free(&by_hand);
}

/* A full disk is told, not passed over. */
static void test_write_errors(void **state)
{
    static report_writer *const writers[] = {report_csv, report_junit, report_json, report_html};
    struct simple simple;
    (void)state;
    simple_make(&simple, VERDICT_PASS, RESULT_PASS, true);
    struct report report = report_of(&simple.run, 1);
    for (size_t i = 0; i < COUNT(writers); i++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        assert_int_equal(writers[i](&report, full), -1);
        fclose(full);
    }
}

int main(void)
{
    /* A decimal comma would break every drawing: where there is such a locale, it is tried. */
    setlocale(LC_ALL, "de_DE.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_junit_outcomes),
        cmocka_unit_test(test_junit_suites),
        cmocka_unit_test(test_csv_hostile),
        cmocka_unit_test(test_csv_excel),
        cmocka_unit_test(test_csv_keeps_harmless),
        cmocka_unit_test(test_markup_hostile),
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_drawing_is_where_it_belongs),
        cmocka_unit_test(test_drawing_of_less),
        cmocka_unit_test(test_drawing_of_anything),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_html_says_all),
        cmocka_unit_test(test_record_state),
        cmocka_unit_test(test_html_damaged),
        cmocka_unit_test(test_picks),
        cmocka_unit_test(test_html_of_many),
        cmocka_unit_test(test_html_of_drawn),
        cmocka_unit_test(test_html_thresholds),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_write_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
