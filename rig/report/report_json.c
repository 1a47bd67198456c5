#include "rig/report/reports.h"

#include "rig/format/json.h"

static json_t *finding_json(const struct report_finding *finding)
{
    json_t *object = tojson_object();
    tojson_put(object, "what", tojson_text(finding->what));
    tojson_put(object, "needed", json_boolean(finding->needed));
    tojson_put(object, "result", tojson_text(expect_result_name(finding->result)));
    tojson_put(object, "expected", tojson_text(finding->expected));
    tojson_put(object, "observed", tojson_text(finding->observed));
    tojson_put(object, "reason", tojson_text(finding->reason));
    tojson_put(object, "margin_ms",
               finding->has_margin ? tojson_ms(finding->margin_ns) : json_null());
    tojson_put(object, "at_ns", finding->has_at ? tojson_int(finding->at_ns) : json_null());
    return object;
}

static json_t *run_json(const struct report_run *run)
{
    char when[REPORT_WHEN_MAX];
    json_t *object = tojson_object();
    json_t *findings = tojson_array();
    for (size_t i = 0; i < run->finding_count; i++) {
        tojson_add(findings, finding_json(&run->findings[i]));
    }
    tojson_put(object, "run", run->number > 0 ? tojson_int(run->number) : json_null());
    tojson_put(object, "started", tojson_text(report_when(when, run->wall_ns, true)));
    tojson_put(object, "duration_ms", tojson_ms(run->duration_ns));
    tojson_put(object, "model", tojson_text(run->model));
    tojson_put(object, "procedure", tojson_text(run->procedure));
    tojson_put(object, "unit", tojson_text(run->unit));
    tojson_put(object, "unit_firmware", tojson_text(run->unit_firmware));
    tojson_put(object, "sim_firmware", tojson_text(run->sim_firmware));
    tojson_put(object, "station", tojson_text(run->station));
    tojson_put(object, "operator", tojson_text(run->operator_name));
    tojson_put(object, "simulated", json_boolean(run->simulated));
    tojson_put(object, "verdict", tojson_text(report_verdict(run)));
    tojson_put(object, "reason", tojson_text(run->reason));
    tojson_put(object, "next", tojson_text(run->next));
    tojson_put(object, "version", tojson_text(run->version));
    tojson_put(object, "record", tojson_text(report_record_state(run)));
    tojson_put(object, "damaged", tojson_text(run->damaged));
    tojson_put(object, "clock_not_set", json_boolean(run->clock_not_set));
    tojson_put(object, "expectations", findings);
    return object;
}

int report_json(const struct report *report, FILE *out)
{
    char when[REPORT_WHEN_MAX];
    json_t *object = tojson_object();
    json_t *runs = tojson_array();
    for (size_t i = 0; i < report->run_count; i++) {
        tojson_add(runs, run_json(&report->runs[i]));
    }
    tojson_put(object, "format", tojson_int(1));
    tojson_put(object, "version", tojson_text(report->version));
    tojson_put(object, "made", tojson_text(report_when(when, report->made_ns, true)));
    tojson_put(object, "asked", tojson_text(report->asked));
    tojson_put(object, "runs", runs);
    return tojson_write(object, out);
}
