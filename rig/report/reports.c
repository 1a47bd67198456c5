#include "rig/report/reports.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/report/report_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct report_run report_run_of(const struct record *record, struct report_finding *findings)
{
    const struct timeline *timeline = record->timeline;
    const struct judgement *judgement = record->judgement;
    int64_t end_ns = timeline->origin_ns;
    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].time_ns > end_ns) {
            end_ns = timeline->entries[i].time_ns;
        }
    }
    for (size_t i = 0; i < judgement->finding_count; i++) {
        const struct finding *finding = &judgement->findings[i];
        findings[i] = (struct report_finding){
            .what = expect_kind_name(finding->expectation->kind),
            .result = finding->result,
            .needed = finding->expectation->needed,
            .expected = finding->expected,
            .observed = finding->observed,
            .reason = finding->reason,
            .has_margin = finding->has_margin,
            .margin_ns = finding->margin_ns,
            .has_at = finding->has_at,
            .at_ns = finding->at_ns,
        };
    }
    return (struct report_run){
        .wall_ns = timeline->wall_origin_ns,
        .duration_ns = end_ns - timeline->origin_ns,
        .model = record->profile->model,
        .procedure = record->procedure->name,
        .unit = record->unit,
        .unit_firmware = record->unit_firmware,
        .sim_firmware = record->sim_firmware,
        .station = record->station,
        .version = record->version,
        .simulated = record->simulated,
        .verdict = judgement->verdict,
        .reason = judgement->reason,
        .next = judgement->next,
        .findings = findings,
        .finding_count = judgement->finding_count,
        .drawing = {.procedure = record->procedure, .timeline = timeline},
    };
}

bool report_has_verdict(const struct report_run *run)
{
    return !run->interrupted && !run->running;
}

const char *report_no_verdict(const struct report_run *run)
{
    return run->interrupted ? "the run was interrupted, it has no verdict"
           : run->running   ? "the run is in progress and has no verdict yet"
                            : NULL;
}

const char *report_record_state(const struct report_run *run)
{
    return report_has_verdict(run) ? record_state_name(run->state) : NULL;
}

const char *report_verdict(const struct report_run *run)
{
    return run->interrupted ? "interrupted"
           : run->running   ? "running"
                            : judge_verdict_name(run->verdict);
}

const char *report_firmware(const struct report_run *run)
{
    return run->unit_firmware  ? run->unit_firmware
           : run->sim_firmware ? run->sim_firmware
                               : "not given";
}

bool report_same_kind(const struct report_run *a, const struct report_run *b)
{
    return a->simulated == b->simulated && strcmp(a->model, b->model) == 0 &&
           strcmp(a->procedure, b->procedure) == 0 &&
           strcmp(report_firmware(a), report_firmware(b)) == 0;
}

char *report_when(char out[REPORT_WHEN_MAX], int64_t wall_ns, bool iso)
{
    time_t seconds = wall_ns / NS_PER_S - (wall_ns % NS_PER_S < 0);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm)) {
        memset(&tm, 0, sizeof(tm));
    }
    strftime(out, REPORT_WHEN_MAX, iso ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%d %H:%M:%S UTC", &tm);
    return out;
}

char *report_ms(char out[REPORT_MARGIN_MAX], int64_t duration_ns)
{
    const char *sign = duration_ns < 0 ? "-" : "";
    uint64_t ns = duration_ns < 0 ? -(uint64_t)duration_ns : (uint64_t)duration_ns;
    uint64_t part = ns % (uint64_t)NS_PER_MS;
    int length = snprintf(out, REPORT_MARGIN_MAX, "%s%" PRIu64, sign, ns / (uint64_t)NS_PER_MS);
    if (part) {
        snprintf(out + length, REPORT_MARGIN_MAX - (size_t)length, ".%06" PRIu64, part);
        for (size_t end = strlen(out); out[end - 1] == '0'; end--) {
            out[end - 1] = '\0';
        }
    }
    return out;
}

struct report_kinds report_kinds_of(const struct report *report)
{
    struct report_kinds kinds = {
        .kind_of = xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*kinds.kind_of)),
        .first_of = xrealloc_array(NULL, report->journal_run_count + 1, sizeof(*kinds.first_of)),
    };
    for (size_t i = 0; i < report->journal_run_count; i++) {
        size_t kind = 0;
        while (kind < kinds.count &&
               !report_same_kind(&report->runs[kinds.first_of[kind]], &report->runs[i])) {
            kind++;
        }
        if (kind == kinds.count) {
            kinds.first_of[kinds.count++] = i;
        }
        kinds.kind_of[i] = kind;
    }
    return kinds;
}

void report_kinds_free(struct report_kinds *kinds)
{
    free(kinds->kind_of);
    free(kinds->first_of);
}
