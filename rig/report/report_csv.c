#include "rig/format/csv.h"
#include "rig/report/reports.h"

static void run_cells(struct csv *csv, const struct report_run *run)
{
    char when[REPORT_WHEN_MAX];

    if (run->number > 0) {
        csv_int(csv, run->number);
    } else {
        csv_text(csv, NULL);
    }
    csv_text(csv, report_when(when, run->wall_ns, true));
    csv_ms(csv, run->duration_ns);
    csv_text(csv, run->model);
    csv_text(csv, run->procedure);
    csv_serial(csv, run->unit);
    csv_text(csv, report_firmware(run));
    csv_text(csv, run->station);
    csv_text(csv, run->operator_name);
    csv_text(csv, run->simulated ? "simulated" : "no");
    csv_text(csv, report_verdict(run));
    csv_text(csv, run->reason);
}

static void finding_cells(struct csv *csv, const struct report_finding *finding)
{
    csv_text(csv, finding->what);
    csv_text(csv, finding->needed ? "yes" : "no");
    csv_text(csv, judge_result_name(finding->result));
    csv_text(csv, finding->expected);
    csv_text(csv, finding->observed);
    csv_text(csv, finding->reason);
    if (finding->has_margin) {
        csv_ms(csv, finding->margin_ns);
    } else {
        csv_text(csv, NULL);
    }
}

int report_csv(const struct report *report, FILE *out)
{
    static const char *const heads[] = {
        "run",     "began",    "duration_ms", "model",   "procedure", "unit",        "firmware",
        "station", "operator", "simulated",   "verdict", "reason",    "expectation", "needed",
        "result",  "expected", "observed",    "why",     "margin_ms", "record"};
    enum { HEADS = sizeof(heads) / sizeof(heads[0]), FINDING_HEADS = 7 };
    struct csv csv = {.out = out, .excel = report->excel};

    csv_begin(&csv);
    for (size_t i = 0; i < HEADS; i++) {
        csv_text(&csv, heads[i]);
    }
    csv_line_end(&csv);
    for (size_t i = 0; i < report->journal_run_count; i++) {
        const struct report_run *run = &report->runs[i];
        for (size_t j = 0; j < run->finding_count; j++) {
            run_cells(&csv, run);
            finding_cells(&csv, &run->findings[j]);
            csv_text(&csv, report_record_state(run));
            csv_line_end(&csv);
        }
        if (run->finding_count == 0) {
            run_cells(&csv, run);
            for (int j = 0; j < FINDING_HEADS; j++) {
                csv_text(&csv, NULL);
            }
            csv_text(&csv, report_record_state(run));
            csv_line_end(&csv);
        }
    }
    return ferror(out) || fflush(out) != 0 ? -1 : 0;
}
