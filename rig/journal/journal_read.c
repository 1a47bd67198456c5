#include "rig/journal/journal_read.h"

#include "rig/base/text.h"
#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_spool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LONGEST = 4096, ESCAPE_LONGEST = 4 };

int journal_verdict_from_name(const char *name)
{
    for (int i = 0; i <= VERDICT_ERROR; i++) {
        if (strcmp(judge_verdict_name((enum verdict)i), name) == 0) {
            return i;
        }
    }
    return -1;
}

static const char *const state_names[] = {
    [KEPT_RUNNING] = "running", [KEPT_DONE] = "done", [KEPT_INTERRUPTED] = "interrupted"};

const char *journal_kept_state_name(enum kept_state state)
{
    return state_names[state];
}

/* ---- the reader --------------------------------------------------------------------------- */

struct journal_reader *journal_reader_open(struct diags *diags, const char *path)
{
    journal_spool_take(diags, path);
    sqlite3 *db = journal_db_open(diags, path, true);

    if (!db) {
        return NULL;
    }
    struct journal_reader *reader = xcalloc(sizeof(*reader));
    reader->db = db;
    journal_bound_set(db, &reader->bound);
    reader->path = strdup(path);
    if (!reader->path) {
        out_of_memory();
    }
    return reader;
}

void journal_reader_close(struct journal_reader *reader)
{
    if (reader) {
        journal_texts_free(&reader->texts);
        journal_db_close(reader->db);
        free(reader->path);
        free(reader);
    }
}

int journal_read_failed(const struct journal_reader *reader, struct diags *diags)
{
    int code = journal_code(reader->db, sqlite3_extended_errcode(reader->db));
    return diag_error(diags, place_of(reader->path), journal_code_todo(code),
                      "the journal cannot be read: %s", journal_code_what(code));
}

/* ---- rows --------------------------------------------------------------------------------- */

enum column {
    COLUMN_NUMBER,
    COLUMN_STATE,
    COLUMN_BEGAN,
    COLUMN_DURATION,
    COLUMN_VERDICT,
    COLUMN_REASON,
    COLUMN_NEXT,
    COLUMN_MODEL,
    COLUMN_PROCEDURE,
    COLUMN_KIND,
    COLUMN_SOURCE,
    COLUMN_UNIT,
    COLUMN_BENCH,
    COLUMN_STATION,
    COLUMN_SIMULATED,
    COLUMN_OPERATOR,
    COLUMN_BATCH,
    COLUMN_ATTEMPT,
    COLUMN_LED_SEEN,
    COLUMN_PROGRAM,
    COLUMN_KERNEL,
    COLUMN_LIBGPIOD,
    COLUMN_BLUEZ,
    COLUMN_PROFILE_HASH,
    COLUMN_BENCH_HASH,
    COLUMN_PULSES_UNKEPT,
    COLUMN_UUID,
    COLUMN_CLOCK_SET,
    COLUMN_FACTS, /* and the others behind the first */
};

/* A run's facts (rig/record/run_facts.h), behind the rest of its row. */
#define NAME(name) ", runs." #name
#define FACT_NAMES RUN_FACTS(NAME)

/* In the order of enum column. */
const char journal_select_runs[] =
    "SELECT runs.number, " JOURNAL_STATE
    ", runs.began_ns, runs.duration_ns, runs.verdict, runs.reason,"
    " runs.next, runs.model, runs.procedure, runs.kind, runs.source, units.serial,"
    " runs.bench, runs.station, runs.simulated, runs.operator, runs.batch, runs.attempt, "
    "runs.led_seen, versions.program, versions.kernel,"
    " versions.libgpiod, versions.bluez, profiles.hash, benches.hash,"
    " runs.pulses_unkept, runs.uuid, runs.clock_set" FACT_NAMES
    " FROM runs LEFT JOIN units ON units.id = runs.unit_id"
    " LEFT JOIN versions ON versions.id = runs.version_id"
    " LEFT JOIN contents AS profiles ON profiles.id = runs.profile_id"
    " LEFT JOIN contents AS benches ON benches.id = runs.bench_id";

const char *journal_column_text(sqlite3_stmt *statement, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);

    if (!text) {
        return NULL;
    }
    size_t size = strnlen(text, TEXT_LONGEST) * ESCAPE_LONGEST + 1;
    char *printable = arena_alloc(arena, size);
    return text_printable(printable, size, text);
}

static void read_hash(sqlite3_stmt *statement, int column, char out[SHA256_TEXT_MAX])
{
    const void *hash = sqlite3_column_blob(statement, column);

    out[0] = '\0';
    if (hash && sqlite3_column_bytes(statement, column) == SHA256_BYTES) {
        sha256_text(out, hash);
    }
}

static bool read_state(sqlite3_stmt *statement, struct kept_run *run)
{
    const char *state = (const char *)sqlite3_column_text(statement, COLUMN_STATE);
    const char *verdict = (const char *)sqlite3_column_text(statement, COLUMN_VERDICT);
    int found = verdict ? journal_verdict_from_name(verdict) : VERDICT_ERROR;

    for (int i = 0; state && i <= KEPT_INTERRUPTED; i++) {
        if (strcmp(state, state_names[i]) == 0) {
            run->state = (enum kept_state)i;
            run->verdict = (enum verdict)found;
            return found >= 0 && (verdict != NULL) == (run->state == KEPT_DONE);
        }
    }
    return false;
}

/* For older runs, only a date before longpress existed shows it. */
static enum kept_clock read_clock(sqlite3_stmt *statement)
{
    if (sqlite3_column_type(statement, COLUMN_CLOCK_SET) != SQLITE_NULL) {
        return sqlite3_column_int64(statement, COLUMN_CLOCK_SET) ? KEPT_CLOCK_SET
                                                                 : KEPT_CLOCK_NOT_SET;
    }
    return sqlite3_column_int64(statement, COLUMN_BEGAN) < JOURNAL_PLAUSIBLE_NS
               ? KEPT_CLOCK_NOT_SET
               : KEPT_CLOCK_UNKNOWN;
}

static void read_facts(sqlite3_stmt *statement, struct arena *arena, struct kept_run *run)
{
    int column = COLUMN_FACTS;
#define READ(name) run->name = journal_column_text(statement, column++, arena);
    RUN_FACTS(READ)
#undef READ
}

bool journal_read_row(sqlite3_stmt *statement, struct arena *arena, struct kept_run *run)
{
    const struct {
        enum column column;
        const char **out;
    } texts[] = {
        {COLUMN_REASON, &run->reason},     {COLUMN_NEXT, &run->next},
        {COLUMN_MODEL, &run->model},       {COLUMN_PROCEDURE, &run->procedure},
        {COLUMN_KIND, &run->kind},         {COLUMN_SOURCE, &run->source},
        {COLUMN_UNIT, &run->unit},         {COLUMN_BENCH, &run->bench},
        {COLUMN_STATION, &run->station},   {COLUMN_OPERATOR, &run->operator_name},
        {COLUMN_BATCH, &run->batch},       {COLUMN_LED_SEEN, &run->led_seen},
        {COLUMN_PROGRAM, &run->program},   {COLUMN_KERNEL, &run->kernel},
        {COLUMN_LIBGPIOD, &run->libgpiod}, {COLUMN_BLUEZ, &run->bluez},
        {COLUMN_UUID, &run->uuid},
    };
    memset(run, 0, sizeof(*run));
    if (!read_state(statement, run)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        *texts[i].out = journal_column_text(statement, texts[i].column, arena);
    }
    read_facts(statement, arena, run);
    run->number = sqlite3_column_int64(statement, COLUMN_NUMBER);
    run->began_ns = sqlite3_column_int64(statement, COLUMN_BEGAN);
    run->duration_ns = sqlite3_column_int64(statement, COLUMN_DURATION);
    run->simulated = sqlite3_column_int64(statement, COLUMN_SIMULATED) != 0;
    run->pulses_unkept = sqlite3_column_int64(statement, COLUMN_PULSES_UNKEPT);
    run->clock = read_clock(statement);
    run->attempt = sqlite3_column_int(statement, COLUMN_ATTEMPT);
    read_hash(statement, COLUMN_PROFILE_HASH, run->profile_hash);
    read_hash(statement, COLUMN_BENCH_HASH, run->bench_hash);
    if (run->state == KEPT_INTERRUPTED) {
        run->reason = "the run was interrupted: the program or the machine stopped during it";
    } else if (run->state == KEPT_RUNNING) {
        run->reason = "the run is still in progress";
    }
    if (run->began_ns < 0 || run->began_ns > RECORD_NS_MAX * 2 || run->duration_ns < 0 ||
        run->duration_ns > RECORD_NS_MAX || !run->model || !run->procedure) {
        return false;
    }
    run->reason = run->reason ? run->reason : "";
    return true;
}

bool journal_kept_run_is_of(const struct kept_run *run, const char *unit, const char *unit_firmware,
                            const char *sim_firmware)
{
    return text_same(run->unit, unit) && text_same(run->unit_firmware, unit_firmware) &&
           text_same(run->sim_firmware, sim_firmware);
}

const char *journal_kept_run_version(const struct kept_run *run)
{
    return run->unit_firmware  ? run->unit_firmware
           : run->sim_firmware ? run->sim_firmware
                               : "not given";
}

int journal_state_of(struct journal_reader *reader, struct diags *diags, int64_t number,
                     enum record_state *state)
{
    journal_bound_again(&reader->bound);
    return journal_digest_look(reader->db, number, state) == SQLITE_OK
               ? 0
               : journal_read_failed(reader, diags);
}

/* ---- lists -------------------------------------------------------------------------------- */

struct run_list {
    struct journal_reader *reader;
    sqlite3_stmt *statement;
    struct arena arena; /* texts of the run that was given last */
    struct kept_run run;
    int64_t bad; /* number of a run that cannot be; 0: none so far */
    bool failed; /* SQLite said so */
};

static sqlite3_stmt *prepare(struct journal_reader *reader, struct diags *diags, const char *before,
                             const char *after, const struct run_filter *filter)
{
    sqlite3_stmt *statement = NULL;
    struct arena arena = ARENA_INIT;

    journal_bound_again(&reader->bound);
    if (journal_find_gone(reader->db) == SQLITE_OK) {
        const char *where = journal_filter_sql(reader->db, &arena, filter);
        journal_bound_again(&reader->bound);
        statement =
            journal_prepare(reader->db, arena_printf(&arena, "%s%s%s", before, where, after));
    }
    if (statement) {
        journal_bind_filter(statement, filter);
    } else {
        journal_read_failed(reader, diags);
    }
    arena_free(&arena);
    return statement;
}

struct run_list *journal_run_list_open(struct journal_reader *reader, struct diags *diags,
                                       const struct run_filter *filter)
{
    struct arena arena = ARENA_INIT;
    /* The latest so many are found backwards, and turned round where that was asked for. */
    bool turned = !filter->latest_first && filter->limit > 0;
    const char *before = turned ? arena_printf(&arena, "SELECT * FROM (%s", journal_select_runs)
                                : journal_select_runs;
    const char *after = turned                 ? " ORDER BY runs.number DESC LIMIT ?13) ORDER BY 1"
                        : filter->limit > 0    ? " ORDER BY runs.number DESC LIMIT ?13"
                        : filter->latest_first ? " ORDER BY runs.number DESC"
                                               : " ORDER BY runs.number";
    sqlite3_stmt *statement = prepare(reader, diags, before, after, filter);

    arena_free(&arena);
    if (!statement) {
        return NULL;
    }
    if (filter->limit > 0) {
        sqlite3_bind_int64(statement, 13, filter->limit);
    }
    struct run_list *list = xcalloc(sizeof(*list));
    list->reader = reader;
    list->statement = statement;
    return list;
}

const struct kept_run *journal_run_list_next(struct run_list *list)
{
    if (list->failed || list->bad) {
        return NULL;
    }
    arena_free(&list->arena);
    list->arena = ARENA_INIT;
    int code = sqlite3_step(list->statement);
    if (code != SQLITE_ROW) {
        list->failed = code != SQLITE_DONE;
        return NULL;
    }
    if (!journal_read_row(list->statement, &list->arena, &list->run)) {
        list->bad = sqlite3_column_int64(list->statement, COLUMN_NUMBER);
        return NULL;
    }
    return &list->run;
}

int journal_run_list_close(struct run_list *list, struct diags *diags)
{
    int result = 0;

    if (!list) {
        return 0;
    }
    if (list->failed) {
        result = journal_read_failed(list->reader, diags);
    } else if (list->bad) {
        result = diag_error(diags, place_of(list->reader->path),
                            "move the file away and restore a backup (`longpress backup`)",
                            "run %lld was not written by longpress", (long long)list->bad);
    }
    sqlite3_finalize(list->statement);
    arena_free(&list->arena);
    free(list);
    return result;
}

int64_t journal_run_count(struct journal_reader *reader, struct diags *diags,
                          const struct run_filter *filter)
{
    static const char before[] = "SELECT count(*) FROM runs";
    sqlite3_stmt *statement = prepare(reader, diags, before, "", filter);
    int64_t count = -1;

    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        count = sqlite3_column_int64(statement, 0);
        count = filter->limit > 0 && count > filter->limit ? filter->limit : count;
    } else if (statement) {
        journal_read_failed(reader, diags);
    }
    sqlite3_finalize(statement);
    return count;
}
