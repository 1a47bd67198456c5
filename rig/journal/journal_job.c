/* Turns a run into jobs for the writer: everything it needs is copied, in the caller's thread. */
#include "rig/base/clock.h"
#include "rig/base/text.h"
#include "rig/journal/journal.h"
#include "rig/journal/journal_internal.h"
#include "rig/record/record_internal.h"

#include <string.h>

struct journal_job *journal_job_new(enum journal_job_kind kind, int64_t handle)
{
    struct arena arena = ARENA_INIT;
    struct journal_job *job = arena_alloc(&arena, sizeof(*job));

    *job = (struct journal_job){.kind = kind, .handle = handle, .arena = arena};
    return job;
}

void journal_job_free(struct journal_job *job)
{
    struct arena arena = job->arena; /* the job itself lives in it */
    arena_free(&arena);
}

/* Made printable: the journal holds nothing that a terminal would act on. */
const char *journal_printable(struct arena *arena, const char *text)
{
    enum { LONGEST_ESCAPE = 4, LONGEST = 4096 };

    if (!text) {
        return NULL;
    }
    size_t size = LONGEST_ESCAPE * strnlen(text, LONGEST) + 1;
    size = size < LONGEST ? size : LONGEST;
    char *printable = arena_alloc(arena, size);
    return text_printable(printable, size, text);
}

static void copy_facts(struct job_begin *begin, const struct record *record, struct arena *arena)
{
#define COPY(name) begin->name = journal_printable(arena, record->name);
    RUN_FACTS(COPY)
#undef COPY
}

void journal_job_begin(struct journal_job *job, const struct journal_run *run)
{
    const struct record *record = run->record;
    struct arena *arena = &job->arena;
    struct job_begin *begin = &job->begin;
    const char **hazards = arena_array(arena, record->accepted_count + 1, sizeof(*hazards));

    for (size_t i = 0; i < record->accepted_count; i++) {
        hazards[i] = journal_printable(arena, record->accepted_hazards[i]);
    }
    *begin = (struct job_begin){
        .model = journal_printable(arena, record->profile->model),
        .procedure = journal_printable(arena, record->procedure->name),
        .kind = profile_procedure_kind_name(record->procedure->kind),
        .source = journal_printable(arena, record->procedure->source.id),
        .unit = journal_printable(arena, record->unit),
        .bench = journal_printable(arena, record->bench),
        .station = journal_printable(arena, record->station),
        .operator_name = journal_printable(arena, run->operator_name),
        .batch = journal_printable(arena, run->batch),
        .attempt = run->attempt,
        .simulated = record->simulated,
        .sensors = record->sensors,
        .hazards = hazards,
        .hazard_count = record->accepted_count,
        .program = journal_printable(arena, record->version),
        .libgpiod = journal_printable(arena, run->libgpiod),
        .bluez = journal_printable(arena, run->bluez),
        .began_ns = record->timeline && record->timeline->wall_origin_ns
                        ? record->timeline->wall_origin_ns
                        : clock_wall_ns(),
    };
    copy_facts(begin, record, arena);
    begin->mark = journal_mark_run(begin->began_ns, job->handle);
    const char *profile = run->profile_text ? run->profile_text : record->profile->text;
    size_t length = run->profile_text ? run->profile_length : record->profile->text_length;
    if (profile) {
        begin->profile_text = arena_strndup(arena, profile, length);
        begin->profile_length = length;
    }
    if (run->bench_text) {
        begin->bench_text = arena_strndup(arena, run->bench_text, run->bench_length);
        begin->bench_length = run->bench_length;
    }
}

static const int64_t *copy_int(struct arena *arena, int64_t value)
{
    int64_t *kept = arena_alloc(arena, sizeof(*kept));
    *kept = value;
    return kept;
}

static struct job_finding copy_finding(struct arena *arena, const struct finding *finding)
{
    return (struct job_finding){
        .what = expect_kind_name(finding->expectation->kind),
        .result = judge_result_name(finding->result),
        .expected = journal_printable(arena, finding->expected),
        .observed = journal_printable(arena, finding->observed),
        .reason = journal_printable(arena, finding->reason),
        .object = journal_printable(arena, finding->object),
        .error = journal_printable(arena, finding->error),
        .margin_ns = finding->has_margin ? copy_int(arena, finding->margin_ns) : NULL,
        .at_ns = finding->has_at ? copy_int(arena, finding->at_ns) : NULL,
        .needed = finding->expectation->needed,
    };
}

/* From the run's begin to the last that is known of it. */
static int64_t duration_of(const struct timeline *timeline)
{
    int64_t last_ns = timeline->origin_ns;

    for (size_t i = 0; i < timeline->count; i++) {
        if (timeline->entries[i].time_ns > last_ns) {
            last_ns = timeline->entries[i].time_ns;
        }
    }
    return last_ns - timeline->origin_ns;
}

void journal_job_finish(struct journal_job *job, const struct record *record, int64_t pulses_unkept)
{
    const struct judgement *judgement = record->judgement;
    struct arena *arena = &job->arena;
    struct job_finding *findings =
        arena_array(arena, judgement->finding_count + 1, sizeof(*findings));
    char pattern[PATTERN_TEXT_MAX];

    for (size_t i = 0; i < judgement->finding_count; i++) {
        findings[i] = copy_finding(arena, &judgement->findings[i]);
    }
    job->finish = (struct job_finish){
        .verdict = judge_verdict_name(judgement->verdict),
        .reason = journal_printable(arena, judgement->reason),
        .next = journal_printable(arena, judgement->next),
        .end = timeline_run_end_name(record->end),
        .led_seen = judgement->led_watched
                        ? journal_printable(arena, pattern_format(pattern, &judgement->led_seen))
                        : NULL,
        .led_truncated = judgement->led_truncated,
        .led_lost = judgement->led_lost,
        .duration_ns = duration_of(record->timeline),
        .pulses_unkept = pulses_unkept,
        .findings = findings,
        .finding_count = judgement->finding_count,
    };
}
