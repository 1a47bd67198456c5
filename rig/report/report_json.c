#include "rig/report/reports.h"

#include "rig/format/json.h"

static json_t *finding_json(const struct report_finding *finding)
{
    json_t *object = json_put_object();
    json_put(object, "what", json_put_text(finding->what));
    json_put(object, "needed", json_boolean(finding->needed));
    json_put(object, "result", json_put_text(judge_result_name(finding->result)));
    json_put(object, "expected", json_put_text(finding->expected));
    json_put(object, "observed", json_put_text(finding->observed));
    json_put(object, "reason", json_put_text(finding->reason));
    json_put(object, "margin_ms",
             finding->has_margin ? json_put_ms(finding->margin_ns) : json_null());
    json_put(object, "at_ns", finding->has_at ? json_put_int(finding->at_ns) : json_null());
    return object;
}

static json_t *run_json(const struct report_run *run)
{
    char when[REPORT_WHEN_MAX];
    json_t *object = json_put_object();
    json_t *findings = json_put_array();
    for (size_t i = 0; i < run->finding_count; i++) {
        json_put_new(findings, finding_json(&run->findings[i]));
    }
    json_put(object, "run", run->number > 0 ? json_put_int(run->number) : json_null());
    json_put(object, "started", json_put_text(report_when(when, run->wall_ns, true)));
    json_put(object, "duration_ms", json_put_ms(run->duration_ns));
    json_put(object, "model", json_put_text(run->model));
    json_put(object, "procedure", json_put_text(run->procedure));
    json_put(object, "unit", json_put_text(run->unit));
    json_put(object, "unit_firmware", json_put_text(run->unit_firmware));
    json_put(object, "sim_firmware", json_put_text(run->sim_firmware));
    json_put(object, "station", json_put_text(run->station));
    json_put(object, "operator", json_put_text(run->operator_name));
    json_put(object, "simulated", json_boolean(run->simulated));
    json_put(object, "verdict", json_put_text(report_verdict(run)));
    json_put(object, "reason", json_put_text(run->reason));
    json_put(object, "next", json_put_text(run->next));
    json_put(object, "version", json_put_text(run->version));
    json_put(object, "record", json_put_text(report_record_state(run)));
    json_put(object, "damaged", json_put_text(run->damaged));
    json_put(object, "clock_not_set", json_boolean(run->clock_not_set));
    json_put(object, "expectations", findings);
    return object;
}

int report_json(const struct report *report, FILE *out)
{
    char when[REPORT_WHEN_MAX];
    json_t *object = json_put_object();
    json_t *runs = json_put_array();
    for (size_t i = 0; i < report->journal_run_count; i++) {
        json_put_new(runs, run_json(&report->runs[i]));
    }
    json_put(object, "format", json_put_int(1));
    json_put(object, "version", json_put_text(report->version));
    json_put(object, "made", json_put_text(report_when(when, report->made_ns, true)));
    json_put(object, "asked", json_put_text(report->asked));
    json_put(object, "runs", runs);
    return json_write(object, out);
}
