#include "rig/report/journal_runs.h"

#include <stdlib.h>
#include <string.h>

struct journal_runs {
    struct arena arena; /* texts and findings */
    struct report_run *runs;
    size_t count;
    size_t room;
};

static const char *keep(struct journal_runs *runs, const char *text)
{
    return text ? arena_strdup(&runs->arena, text) : NULL;
}

static void keep_findings(struct journal_runs *runs, struct report_run *run,
                          const struct report_finding *findings, size_t count)
{
    struct report_finding *kept = arena_array(&runs->arena, count ? count : 1, sizeof(*kept));
    for (size_t i = 0; i < count; i++) {
        kept[i] = findings[i];
        kept[i].what = keep(runs, findings[i].what);
        kept[i].expected = keep(runs, findings[i].expected);
        kept[i].observed = keep(runs, findings[i].observed);
        kept[i].reason = keep(runs, findings[i].reason);
    }
    run->findings = kept;
    run->finding_count = count;
}

static void add_run(struct journal_runs *runs, const struct kept_run *kept)
{
    if (runs->count == runs->room) {
        runs->room = runs->room ? 2 * runs->room : 64;
        runs->runs = xrealloc_array(runs->runs, runs->room, sizeof(*runs->runs));
    }
    runs->runs[runs->count++] = (struct report_run){
        .number = kept->number,
        .wall_ns = kept->began_ns,
        .duration_ns = kept->duration_ns,
        .model = keep(runs, kept->model),
        .procedure = keep(runs, kept->procedure),
        .unit = keep(runs, kept->unit),
        .unit_firmware = keep(runs, kept->unit_firmware),
        .sim_firmware = keep(runs, kept->sim_firmware),
        .station = keep(runs, kept->station),
        .operator_name = keep(runs, kept->operator_name),
        .batch = keep(runs, kept->batch),
        .version = keep(runs, kept->program),
        .simulated = kept->simulated,
        .interrupted = kept->state == KEPT_INTERRUPTED,
        .running = kept->state == KEPT_RUNNING,
        .verdict = kept->verdict,
        .reason = keep(runs, kept->reason),
        .next = kept->next ? keep(runs, kept->next) : "",
        .clock_not_set = kept->clock == KEPT_CLOCK_NOT_SET,
    };
}

static void read_run(struct journal_runs *runs, struct journal_reader *reader, struct diags *diags,
                     struct report_run *run, const struct journal_runs_query *query)
{
    struct report_finding findings[PROFILE_EXPECT_MAX];
    struct whole_run *whole = journal_load(reader, diags, run->number);
    if (whole && report_has_verdict(run)) {
        struct report_run found = report_run_of(&whole->record, findings);
        keep_findings(runs, run, findings, found.finding_count);
        run->state = whole->record.state;
        run->damaged = keep(runs, whole->damaged);
    }
    if (!whole || !query->visit || !query->visit(query->visit_context, runs, run, whole)) {
        journal_whole_run_free(whole);
    }
}

static void tell(const struct journal_runs_query *query, size_t done, size_t total)
{
    if (query->progress) {
        query->progress(query->progress_context, done, total);
    }
}

struct journal_runs *journal_runs_open(const struct journal_runs_query *query, struct diags *diags)
{
    struct journal_reader *reader = journal_reader_open(diags, query->path);
    struct run_list *list = reader ? journal_run_list_open(reader, diags, &query->filter) : NULL;
    struct journal_runs *runs = xcalloc(sizeof(*runs));
    const struct kept_run *kept;

    while (list && (kept = journal_run_list_next(list))) {
        add_run(runs, kept);
    }
    if (!list || journal_run_list_close(list, diags) != 0) {
        journal_runs_close(runs);
        journal_reader_close(reader);
        return NULL;
    }
    tell(query, 0, runs->count);
    for (size_t i = 0; i < runs->count; i++) {
        read_run(runs, reader, diags, &runs->runs[i], query);
        tell(query, i + 1, runs->count);
    }
    journal_reader_close(reader);
    return runs;
}

void journal_runs_close(struct journal_runs *runs)
{
    if (runs) {
        free(runs->runs);
        arena_free(&runs->arena);
        free(runs);
    }
}

const struct report_run *journal_runs_all(const struct journal_runs *runs)
{
    return runs->runs;
}

size_t journal_runs_count(const struct journal_runs *runs)
{
    return runs->count;
}
