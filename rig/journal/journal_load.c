/* Loads one complete run from the journal. */
#include "rig/journal/journal_internal.h"

#include "rig/base/units.h"
#include "rig/record/record_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run that is being loaded. */
struct loading_run {
    struct journal_reader *reader;
    struct diags *diags;
    struct whole_run *run;
};

static int is_wrong(const struct loading_run *loading, const char *what)
{
    return diag_error(loading->diags, place_of(loading->reader->path),
                      "restore a backup (`longpress backup`)", "run %" PRId64 ": %s",
                      loading->run->about.number, what);
}

static sqlite3_stmt *prepare(const struct loading_run *loading, const char *sql)
{
    sqlite3_stmt *statement = journal_prepare_kept(loading->reader->db, sql);

    if (!statement) {
        journal_read_failed(loading->reader, loading->diags);
        return NULL;
    }
    sqlite3_bind_int64(statement, 1, loading->run->about.number);
    return statement;
}

/* Is there another row? *failed: SQLite reported an error. */
static bool next_row(const struct loading_run *loading, sqlite3_stmt *statement, bool *failed)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        journal_read_failed(loading->reader, loading->diags);
        *failed = true;
    }
    return code == SQLITE_ROW;
}

/* ---- the run itself ----------------------------------------------------------------------- */

static int load_about(const struct loading_run *loading, int64_t number)
{
    struct whole_run *run = loading->run;
    char sql[2048];
    bool failed = false;

    snprintf(sql, sizeof(sql), "%s WHERE runs.number = ?", journal_select_runs);
    run->about.number = number;
    sqlite3_stmt *statement = prepare(loading, sql);
    if (!statement) {
        return -1;
    }
    int result = -1;
    if (next_row(loading, statement, &failed)) {
        result = journal_read_row(statement, &run->arena, &run->about)
                     ? 0
                     : is_wrong(loading, "its record was not written by longpress");
    } else if (!failed) {
        result =
            diag_error(loading->diags, place_of(loading->reader->path),
                       "`longpress history` lists the runs", "there is no run %" PRId64, number);
    }
    journal_done(statement);
    return result;
}

static enum run_end end_from(const char *word)
{
    int end = word ? timeline_run_end_from_name(word) : -1;
    return end < 0 ? END_FAULT : (enum run_end)end;
}

/* The columns of the run's row that lists do not need. */
static int load_rest(const struct loading_run *loading)
{
    struct whole_run *run = loading->run;
    struct stored_run *stored = &run->stored;
    sqlite3_stmt *statement =
        prepare(loading, "SELECT origin_ns, eyes, ended, led_truncated, led_lost FROM runs"
                         " WHERE number = ?");
    bool failed = false;
    int result = -1;

    if (!statement) {
        return -1;
    }
    if (next_row(loading, statement, &failed)) {
        int64_t sensors = sqlite3_column_int64(statement, 1);
        stored->timeline.origin_ns = sqlite3_column_int64(statement, 0);
        stored->timeline.wall_origin_ns = run->about.began_ns;
        stored->sensors = (struct sensors){
            .led = sensors & JOURNAL_EYES_LED,
            .colour = sensors & JOURNAL_EYES_COLOUR,
            .sound = sensors & JOURNAL_EYES_SOUND,
            .radio = sensors & JOURNAL_EYES_RADIO,
            .contacts = (uint32_t)((uint64_t)sensors >> JOURNAL_EYES_CONTACTS),
            .unit_firmware = run->about.unit_firmware,
        };
        stored->end = end_from((const char *)sqlite3_column_text(statement, 2));
        run->judgement.led_truncated = sqlite3_column_int64(statement, 3) != 0;
        run->judgement.led_lost = sqlite3_column_int64(statement, 4) != 0;
        bool sound = stored->timeline.origin_ns >= 0 && stored->timeline.origin_ns <= RECORD_NS_MAX;
        result = sound ? 0 : is_wrong(loading, "its clock is invalid");
    }
    journal_done(statement);
    return result;
}

/* ---- texts -------------------------------------------------------------------------------- */

/* What each text is called, and the query for it. */
static const struct {
    const char *what;
    const char *sql;
} kinds[] = {
    [TEXT_PROFILE] = {"the profile", "SELECT content, hash FROM contents JOIN runs"
                                     " ON profile_id = id WHERE number = ?"},
    [TEXT_BENCH] = {"the bench file", "SELECT content, hash FROM contents JOIN runs"
                                      " ON bench_id = id WHERE number = ?"},
};

static void tell_damaged(const struct loading_run *loading, const char *what)
{
    loading->run->damaged = what;
    diag_warning(loading->diags, place_of(loading->reader->path),
                 "restore a backup (`longpress backup`)",
                 "run %" PRId64 ": %s stored with it is damaged (its hash does not match) "
                 "and is ignored",
                 loading->run->about.number, what);
}

/* One that was kept, and still has the hash that it was kept by. */
static int read_text(const struct loading_run *loading, enum text_kind kind)
{
    struct whole_run *run = loading->run;
    sqlite3_stmt *statement = prepare(loading, kinds[kind].sql);
    uint8_t hash[SHA256_BYTES];
    char name[SHA256_TEXT_MAX];
    bool failed = false;

    if (!statement) {
        return -1;
    }
    if (next_row(loading, statement, &failed)) {
        const void *blob = sqlite3_column_blob(statement, 0);
        size_t bytes = (size_t)sqlite3_column_bytes(statement, 0);
        const void *kept = sqlite3_column_blob(statement, 1);
        sha256(blob ? blob : "", bytes, hash);
        if (kept && sqlite3_column_bytes(statement, 1) == SHA256_BYTES &&
            memcmp(kept, hash, sizeof(hash)) == 0) {
            run->kept[kind] = journal_text_keep(&loading->reader->texts, kind,
                                                sha256_text(name, hash), blob, bytes);
        } else {
            tell_damaged(loading, kinds[kind].what);
        }
    }
    journal_done(statement);
    return failed ? -1 : 0;
}

static int load_text(const struct loading_run *loading, enum text_kind kind, const char *hash)
{
    struct whole_run *run = loading->run;

    run->kept[kind] = journal_text_find(&loading->reader->texts, kind, hash);
    int result = run->kept[kind] ? 0 : read_text(loading, kind);
    journal_text_give(run->kept[kind], run);
    return result;
}

static int load_hazards(const struct loading_run *loading)
{
    enum { HAZARDS_MAX = PROFILE_HAZARDS_MAX };
    struct whole_run *run = loading->run;
    const char **hazards = arena_array(&run->arena, HAZARDS_MAX, sizeof(*hazards));
    sqlite3_stmt *statement =
        prepare(loading, "SELECT hazard FROM hazards WHERE run = ? ORDER BY seq");
    bool failed = false;

    if (!statement) {
        return -1;
    }
    run->hazards = hazards;
    while (run->hazard_count < HAZARDS_MAX && next_row(loading, statement, &failed)) {
        const char *hazard = journal_column_text(statement, 0, &run->arena);
        if (hazard) {
            hazards[run->hazard_count++] = hazard;
        }
    }
    journal_done(statement);
    return failed ? -1 : 0;
}

/* ---- what it was run with ----------------------------------------------------------------- */

/* A profile that knows the names only. */
static void stand_in(struct whole_run *run)
{
    struct profile *profile = arena_alloc(&run->arena, sizeof(*profile));
    struct procedure *procedure = arena_alloc(&run->arena, sizeof(*procedure));

    procedure->name = run->about.procedure;
    procedure->kind = KIND_OTHER;
    for (int kind = KIND_SOFT; kind <= KIND_OTHER && run->about.kind; kind++) {
        if (strcmp(profile_procedure_kind_name((enum procedure_kind)kind), run->about.kind) == 0) {
            procedure->kind = (enum procedure_kind)kind;
        }
    }
    procedure->source.id = run->about.source ? run->about.source : "?";
    profile->path = "?";
    profile->model = run->about.model;
    profile->procedures = procedure;
    profile->procedure_count = 1;
    run->record.profile = profile;
    run->record.procedure = procedure;
}

/* A series' variant is in no profile: it is rebuilt from the procedure it was made from. */
static void load_variant(struct whole_run *run)
{
    size_t length = characterize_claimed_length(run->about.procedure);
    const char *claimed = arena_strndup(&run->arena, run->about.procedure, length);
    struct characterize_setup setup = {
        .profile = run->profile,
        .procedure = length ? profile_procedure(run->profile, claimed) : NULL,
        .bench = run->bench,
        .station = run->station,
        .accept_hazards = run->hazards,
        .accept_count = run->hazard_count,
    };

    run->series = setup.procedure ? characterize_again(&setup, &run->stored.timeline) : NULL;
    run->procedure = run->series ? characterize_procedure(run->series) : NULL;
}

/* A text that does not load today is not an error: the run is shown without it. */
static void load_profile(struct whole_run *run)
{
    if (run->profile) {
        run->procedure = profile_procedure(run->profile, run->about.procedure);
        if (!run->procedure) {
            load_variant(run);
        }
    }
    if (run->procedure) {
        run->record.profile = run->profile;
        run->record.procedure = run->procedure;
    } else {
        stand_in(run);
    }
}

static void load_bench(struct whole_run *run)
{
    struct diags ignored = DIAGS_INIT;
    struct station *nameless = arena_alloc(&run->arena, sizeof(*nameless));

    if (run->bench && run->about.station) {
        run->station = bench_station(run->bench, run->about.station, &ignored);
    }
    diags_clear(&ignored);
    nameless->name = run->about.station ? run->about.station : "?";
    run->record.bench_station = run->station ? run->station : nameless;
}

/* ---- timeline and findings ---------------------------------------------------------------- */

/* Who reads a timeline relies on pulses that do not overlap. */
static bool pulses_in_order(const struct timeline *timeline)
{
    int64_t dark_ns[] = {INT64_MIN, INT64_MIN}; /* the end of the last pulse, and sound */

    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (record_has_pulse(entry->kind)) {
            int64_t *last_ns = &dark_ns[entry->kind == ENTRY_SOUND];
            if (entry->pulse.start_ns < *last_ns) {
                return false;
            }
            *last_ns = entry->pulse.end_ns;
        }
    }
    return true;
}

static int load_timeline(const struct loading_run *loading)
{
    struct timeline *timeline = &loading->run->stored.timeline;
    sqlite3_stmt *statement =
        prepare(loading, "SELECT packed FROM timelines WHERE run = ? ORDER BY seq");
    const char *wrong = NULL;
    bool failed = false;

    if (!statement) {
        return -1;
    }
    while (!wrong && next_row(loading, statement, &failed)) {
        const void *data = sqlite3_column_blob(statement, 0);
        size_t length = (size_t)sqlite3_column_bytes(statement, 0);
        wrong = length > RECORD_BYTES_MAX || timeline->count > RECORD_VALUES_MAX
                    ? "its timeline is too long"
                    : journal_unpack(data, length, timeline);
    }
    journal_done(statement);
    if (!wrong && !failed && !pulses_in_order(timeline)) {
        wrong = "pulses of its timeline overlap";
    }
    return failed ? -1 : wrong ? is_wrong(loading, wrong) : 0;
}

static int kind_from(const char *name)
{
    for (int kind = 0; name && kind < EXPECT_KINDS; kind++) {
        if (strcmp(expect_kind_name((enum expect_kind)kind), name) == 0) {
            return kind;
        }
    }
    return -1;
}

static int result_from(const char *name)
{
    for (int result = RESULT_PASS; name && result <= RESULT_PENDING; result++) {
        if (strcmp(judge_result_name((enum expect_result)result), name) == 0) {
            return result;
        }
    }
    return -1;
}

/* The expectation: from the stored profile if it matches, else as far as the finding says. */
static const struct expectation *expectation_of(struct whole_run *run, size_t at,
                                                enum expect_kind kind, bool needed)
{
    if (run->procedure && at < run->procedure->expect_count &&
        run->procedure->expect[at].kind == kind) {
        return &run->procedure->expect[at];
    }
    struct expectation *expectation = arena_alloc(&run->arena, sizeof(*expectation));
    expectation->kind = kind;
    expectation->needed = needed;
    return expectation;
}

static void copy_text(char out[JUDGE_TEXT_MAX], const char *text)
{
    snprintf(out, JUDGE_TEXT_MAX, "%s", text ? text : "");
}

/* A time that is there, and can be. */
static bool read_ns(sqlite3_stmt *statement, int column, int64_t *out_ns)
{
    int64_t value_ns = sqlite3_column_int64(statement, column);
    bool sound = sqlite3_column_type(statement, column) == SQLITE_INTEGER &&
                 value_ns >= -RECORD_NS_MAX && value_ns <= RECORD_NS_MAX;

    *out_ns = sound ? value_ns : 0;
    return sound;
}

static int read_finding(const struct loading_run *loading, sqlite3_stmt *statement)
{
    struct whole_run *run = loading->run;
    struct judgement *judgement = &run->judgement;
    int kind = kind_from((const char *)sqlite3_column_text(statement, 0));
    int result = result_from((const char *)sqlite3_column_text(statement, 2));
    size_t at = judgement->finding_count;

    if (kind < 0 || result < 0 || at == PROFILE_EXPECT_MAX) {
        return is_wrong(loading, "its findings are invalid");
    }
    struct finding *finding = &judgement->findings[judgement->finding_count++];
    finding->expectation =
        expectation_of(run, at, (enum expect_kind)kind, sqlite3_column_int64(statement, 1) != 0);
    finding->result = (enum expect_result)result;
    copy_text(finding->expected, journal_column_text(statement, 3, &run->arena));
    copy_text(finding->observed, journal_column_text(statement, 4, &run->arena));
    copy_text(finding->reason, journal_column_text(statement, 5, &run->arena));
    finding->has_margin = read_ns(statement, 6, &finding->margin_ns);
    finding->has_at = read_ns(statement, 7, &finding->at_ns);
    finding->object = journal_column_text(statement, 8, &run->arena);
    finding->error = journal_column_text(statement, 9, &run->arena);
    return 0;
}

static int load_findings(const struct loading_run *loading)
{
    struct judgement *judgement = &loading->run->judgement;
    const struct kept_run *about = &loading->run->about;
    sqlite3_stmt *statement =
        prepare(loading, "SELECT what, needed, result, expected, observed, reason, margin_ns,"
                         " at_ns, object, error FROM findings WHERE run = ? ORDER BY seq");
    bool failed = false;

    if (!statement) {
        return -1;
    }
    judgement->verdict = about->verdict;
    copy_text(judgement->reason, about->reason);
    copy_text(judgement->next, about->next);
    if (about->led_seen && !pattern_parse(about->led_seen, &judgement->led_seen, NULL)) {
        judgement->led_watched = true;
    }
    while (!failed && next_row(loading, statement, &failed)) {
        failed = read_finding(loading, statement) != 0;
    }
    journal_done(statement);
    return failed ? -1 : 0;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void connect(struct whole_run *run)
{
    const struct kept_run *about = &run->about;
    struct stored_run *stored = &run->stored;

    stored->version = about->program ? about->program : "?";
    stored->simulated = about->simulated;
    stored->model = about->model;
    stored->procedure = about->procedure;
    stored->bench = about->bench;
    stored->station = about->station;
    stored->unit = about->unit;
    stored->unit_firmware = about->unit_firmware;
    stored->verdict = about->verdict;
    run->record.state = stored->state;
    run->record.version = stored->version;
    run->record.simulated = about->simulated;
    run->record.bench = about->bench ? about->bench : "?";
    run->record.station = about->station ? about->station : "?";
    run->record.unit = about->unit;
#define GIVE(name) run->record.name = about->name;
    RUN_FACTS(GIVE)
#undef GIVE
    run->record.accepted_hazards = run->hazards;
    run->record.accepted_count = run->hazard_count;
    run->record.sensors = stored->sensors;
    run->record.end = stored->end;
    run->record.timeline = &stored->timeline;
    run->record.judgement = &run->judgement;
}

/* The definition of a margin has changed once, so it is computed again from the stored data. */
static void load_margins(struct whole_run *run)
{
    const struct record *record = &run->record;
    if (!record->profile || !record->procedure) {
        return;
    }
    struct judgement *anew = xcalloc(sizeof(*anew));
    judge(record->profile, record->procedure, &record->sensors, record->timeline, record->end,
          anew);
    for (size_t i = 0; i < run->judgement.finding_count && i < anew->finding_count; i++) {
        struct finding *finding = &run->judgement.findings[i];
        if (finding->has_margin && anew->findings[i].has_margin &&
            finding->expectation == anew->findings[i].expectation) {
            finding->margin_ns = anew->findings[i].margin_ns;
            finding->from_start = anew->findings[i].from_start;
        }
    }
    free(anew);
}

static int load(const struct loading_run *loading, int64_t number)
{
    struct whole_run *run = loading->run;

    if (load_about(loading, number) != 0 || load_rest(loading) != 0 ||
        load_text(loading, TEXT_PROFILE, run->about.profile_hash) != 0 ||
        load_text(loading, TEXT_BENCH, run->about.bench_hash) != 0 || load_hazards(loading) != 0) {
        return -1;
    }
    if (load_timeline(loading) != 0) {
        return -1;
    }
    load_bench(run);
    if (run->station && !run->stored.sensors.contacts) {
        /* Older versions of longpress did not store what the bench file says. */
        run->stored.sensors.contacts = judge_sensors_of_station(run->station).contacts;
    }
    load_profile(run);
    if (load_findings(loading) != 0) {
        return -1;
    }
    /* Damage has already been reported, in better words than the digest has. */
    if (journal_state_of(loading->reader, loading->diags, number, &run->stored.state) != 0) {
        return -1;
    }
    connect(run);
    load_margins(run);
    return 0;
}

struct whole_run *journal_load(struct journal_reader *reader, struct diags *diags, int64_t number)
{
    struct whole_run *run = xcalloc(sizeof(*run));
    struct loading_run loading = {.reader = reader, .diags = diags, .run = run};

    timeline_init(&run->stored.timeline);
    journal_bound_again(&reader->bound);
    if (journal_find_gone(reader->db) != SQLITE_OK) {
        journal_read_failed(reader, diags);
        journal_whole_run_free(run);
        return NULL;
    }
    /* One state of the file for all of it. Within a list's it is that one already. */
    bool own = sqlite3_get_autocommit(reader->db) && journal_sql(reader->db, "BEGIN", "") == 0;
    int result = load(&loading, number);
    if (own) {
        journal_sql(reader->db, "COMMIT", "");
    }
    if (result != 0) {
        journal_whole_run_free(run);
        return NULL;
    }
    return run;
}

void journal_whole_run_free(struct whole_run *run)
{
    if (run) {
        characterize_free(run->series);
        journal_text_drop(run->kept[TEXT_PROFILE]);
        journal_text_drop(run->kept[TEXT_BENCH]);
        timeline_free(&run->stored.timeline);
        arena_free(&run->arena);
        free(run);
    }
}
