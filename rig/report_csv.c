/*
 * CSV after RFC 4180: commas, CR LF, every text quoted.
 *
 * A spreadsheet takes a cell that begins with = + - or @ (or their full-width forms, or after
 * blanks) for a formula, quoted or not: such a text gets an apostrophe before it, which says "this
 * is text". Where a spreadsheet's list separator is `;`, it splits at those too, inside quotes that
 * do not begin its cell: so the same is done behind each `;`. Control characters cannot begin a
 * cell, since texts are made printable. Numbers of our own making stay numbers, negative ones too.
 */
#include "rig/reports.h"

#include "rig/arena.h"
#include "rig/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Would a cell that begins here be a formula? */
static bool begins_formula(const char *text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    text += strspn(text, " \"'");
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(text, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void cell_text(FILE *out, const char *text)
{
    enum { LONGEST_ESCAPE = 4 }; /* bytes that text_printable makes of one */

    if (!text) {
        return;
    }
    size_t size = strlen(text) * LONGEST_ESCAPE + 1;
    char *printable = xrealloc_array(NULL, size, 1);
    text_printable(printable, size, text);
    fputc('"', out);
    if (begins_formula(printable)) {
        fputc('\'', out);
    }
    for (const char *c = printable; *c; c++) {
        fputc(*c, out);
        if (*c == '"') {
            fputc('"', out);
        } else if (*c == ';' && begins_formula(c + 1)) {
            fputc('\'', out);
        }
    }
    fputc('"', out);
    free(printable);
}

static void next_text(FILE *out, const char *text)
{
    fputc(',', out);
    cell_text(out, text);
}

static void line(FILE *out, const struct report_run *run, const struct report_finding *finding)
{
    char number[REPORT_MARGIN_MAX];
    char when[REPORT_WHEN_MAX];

    if (run->number > 0) {
        fprintf(out, "%" PRId64, run->number);
    }
    next_text(out, report_when(when, run->wall_ns, true));
    fprintf(out, ",%s", report_ms(number, run->duration_ns));
    next_text(out, run->model);
    next_text(out, run->procedure);
    next_text(out, run->unit);
    next_text(out, report_firmware(run));
    next_text(out, run->station);
    next_text(out, run->operator_name);
    next_text(out, run->simulated ? "yes" : "no");
    next_text(out, report_verdict(run));
    next_text(out, run->reason);
    next_text(out, finding ? finding->what : NULL);
    next_text(out, finding ? (finding->needed ? "yes" : "no") : NULL);
    next_text(out, finding ? expect_result_name(finding->result) : NULL);
    next_text(out, finding ? finding->expected : NULL);
    next_text(out, finding ? finding->observed : NULL);
    next_text(out, finding ? finding->reason : NULL);
    fputc(',', out);
    if (finding && finding->has_margin) {
        fputs(report_ms(number, finding->margin_ns), out);
    }
    fputs("\r\n", out);
}

int report_csv(const struct report *report, FILE *out)
{
    fputs("run,started,duration_ms,model,procedure,unit,firmware,station,operator,simulated,"
          "verdict,verdict_reason,expectation,needed,result,expected,observed,reason,margin_ms\r\n",
          out);
    for (size_t i = 0; i < report->run_count; i++) {
        const struct report_run *run = &report->runs[i];
        if (run->finding_count == 0) {
            line(out, run, NULL);
        }
        for (size_t j = 0; j < run->finding_count; j++) {
            line(out, run, &run->findings[j]);
        }
    }
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
