/*
 * The journal: what was handed over is what is read; files that cannot be written to; several who
 * write.
 */
#include "rig/base/units.h"
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "rig/journal/journal_pack.h"
#include "rig/journal/journal_read.h"
#include "rig/signal/blink.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void kept_and_seen(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct journal_run run = {.record = &at->run.record, .operator_name = "ada", .attempt = 1};
    enum verdict verdict;
    int64_t wall_ns;

    assert_false(journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", false,
                                   &verdict, &wall_ns));
    int64_t handle = journal_begin(journal, &run);
    assert_true(handle > 0);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    assert_int_equal(journal_number(journal, handle), 1);
    assert_int_equal(journal_finished(journal, handle), 0);
    assert_false(journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", false,
                                   &verdict, &wall_ns));
    journal_append(journal, handle, &at->run.timeline);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
    assert_string_equal(journal_trouble(journal), "");
    assert_true(journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", false,
                                  &verdict, &wall_ns));
    assert_int_equal(verdict, at->run.judgement.verdict);
    assert_int_equal(wall_ns, at->run.timeline.wall_origin_ns);
    assert_false(journal_unit_seen(journal, at->run.profile->model, "reset", "5012346", false,
                                   &verdict, &wall_ns));
    assert_false(journal_unit_seen(journal, at->run.profile->model, "other", "5012345", false,
                                   &verdict, &wall_ns));
    journal_close(journal);
}

/* One serial, and the address it was last seen with. */
static void an_address_is_remembered(void **state)
{
    static const char *const told[] = {"AA:BB:CC:DD:EE:01 HP-1", "no address", NULL};
    struct journal_place *at = *state;
    const char *model = at->run.profile->model;
    struct journal *journal = journal_must_open(at->path);
    struct journal_run run = {.record = &at->run.record, .operator_name = "ada", .attempt = 1};
    char address[TEXT_BLUETOOTH_MAX];
    int64_t number = 0;

    assert_false(journal_unit_address(journal, model, "5012345", INT64_MAX, address, &number));
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        for (size_t e = 0; e < at->run.timeline.count; e++) {
            struct entry *entry = &at->run.timeline.entries[e];
            if (entry->kind == ENTRY_RADIO && entry->code == RADIO_READY) {
                entry->text = told[i];
            }
        }
        int64_t handle = journal_begin(journal, &run);
        assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
        journal_finish(journal, handle, &at->run.record);
        assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
        assert_true(journal_unit_address(journal, model, "5012345", INT64_MAX, address, &number));
        assert_string_equal(address, "AA:BB:CC:DD:EE:01");
        assert_int_equal(number, 1);
    }
    assert_false(journal_unit_address(journal, model, "5012345", 1, address, &number));
    assert_false(journal_unit_address(journal, model, "5012346", INT64_MAX, address, &number));
    assert_false(journal_unit_address(journal, "other", "5012345", INT64_MAX, address, &number));
    journal_close(journal);
}

/* What is written into a file that nobody will find is not kept there: the next one at that place
 * has both runs, of the first also what was in the file. */
static void a_file_that_was_removed(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);

    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    assert_int_equal(unlink(at->path), 0);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_non_null(strstr(journal_trouble(journal), "it was moved or removed"));
    struct later_run later;
    later_run_make(&later, at, 1);
    handle = journal_begin(journal, &later.kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    journal_finish(journal, handle, &later.record);
    assert_true(journal_close(journal));
    journal_close(journal_must_open(at->path));
    assert_int_equal(journal_check(at, NULL, 0), 2);
}

/* The file was moved away under a program that runs: then nothing is known of any unit. */
static void nothing_is_seen_where_nothing_is(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    enum verdict verdict;
    int64_t wall_ns;

    assert_int_equal(unlink(at->path), 0);
    assert_false(journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", false,
                                   &verdict, &wall_ns));
    assert_true(journal_close(journal));
}

/* ---- read again --------------------------------------------------------------------------- */

/* Whatever pieces a timeline is handed over in, it is read whole. */
static void read_as_it_was(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    static const char *const hazards[] = {"dfu", "erase"};
    struct record record = at->run.record;
    record.accepted_hazards = hazards;
    record.accepted_count = 2;
    record.unit_firmware = "2.3.1";
    struct journal_run run = {.record = &record,
                              .operator_name = "ada",
                              .bench_text = at->run.bench->text,
                              .bench_length = at->run.bench->text_length,
                              .batch = "monday",
                              .attempt = 2,
                              .libgpiod = "1.6.3"};
    size_t whole = at->run.timeline.count;

    for (size_t piece = 1; piece <= whole; piece++) {
        int64_t handle = journal_begin(journal, &run);
        struct timeline so_far = at->run.timeline;
        for (so_far.count = piece; so_far.count < whole; so_far.count += piece) {
            journal_append(journal, handle, &so_far);
        }
        journal_finish(journal, handle, &record);
        assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);

        struct journal_reader *reader = journal_must_read(at->path);
        struct whole_run *read = journal_must_load(reader, journal_number(journal, handle));
        same_timeline(&read->stored.timeline, &at->run.timeline);
        same_judgement(&read->judgement, &at->run.judgement);
        assert_int_equal(read->about.state, KEPT_DONE);
        assert_string_equal(read->about.model, at->run.profile->model);
        assert_string_equal(read->about.operator_name, "ada");
        assert_string_equal(read->about.batch, "monday");
        assert_string_equal(read->about.unit, "5012345");
        assert_string_equal(read->about.unit_firmware, "2.3.1");
        assert_string_equal(read->about.libgpiod, "1.6.3");
        assert_null(read->about.bluez);
        assert_int_equal(read->about.attempt, 2);
        assert_int_equal(read->about.duration_ns, 40 * NS_PER_S);
        assert_int_equal(read->hazard_count, 2);
        assert_string_equal(read->hazards[1], "erase");
        assert_non_null(read->profile);
        assert_non_null(read->station);
        assert_int_equal(read->profile_length, at->run.profile->text_length);
        assert_memory_equal(read->profile_text, at->run.profile->text, read->profile_length);
        assert_memory_equal(read->bench_text, at->run.bench->text, read->bench_length);
        assert_int_equal(read->stored.end, record.end);
        assert_memory_equal(&read->stored.sensors.led, &record.sensors.led, sizeof(bool));
        journal_whole_run_free(read);
        journal_reader_close(reader);
    }
    journal_close(journal);
}

/* Whatever facts a run has (rig/record/run_facts.h): each under its own name, from the record to
 * the row, back, and into the JSON; without it NULL. */
static void facts_go_round(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct record record = at->run.record;
    struct journal_run run = at->kept;

#define GIVE(name) record.name = "the " #name;
    RUN_FACTS(GIVE)
#undef GIVE
    run.record = &record;
    journal_keep(journal, &run);
#define TAKE(name) record.name = NULL;
    RUN_FACTS(TAKE)
#undef TAKE
    journal_keep(journal, &run);
    journal_close(journal);

    struct journal_reader *reader = journal_must_read(at->path);
    struct whole_run *with = journal_must_load(reader, 1);
    struct whole_run *without = journal_must_load(reader, 2);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(record_write(&with->record, out), 0);
    fclose(out);
    json_t *json = json_loads(text, 0, NULL);
#define LOOK(name)                                                                                 \
    assert_string_equal(with->about.name, "the " #name);                                           \
    assert_string_equal(json_string_value(json_object_get(json, #name)), "the " #name);            \
    assert_null(without->about.name);                                                              \
    assert_null(without->record.name);
    RUN_FACTS(LOOK)
#undef LOOK
    json_decref(json);
    free(text);
    journal_whole_run_free(without);
    journal_whole_run_free(with);
    journal_reader_close(reader);
}

/* ---- lists -------------------------------------------------------------------------------- */

/* The numbers that a filter lets through, as text: "1 3 4". */
static const char *numbers(struct journal_reader *reader, const struct run_filter *filter,
                           char out[256])
{
    struct diags diags = DIAGS_INIT;
    struct run_list *list = journal_run_list_open(reader, &diags, filter);
    const struct kept_run *run;
    size_t used = 0;
    int64_t count = 0;

    assert_non_null(list);
    out[0] = '\0';
    while ((run = journal_run_list_next(list))) {
        used += (size_t)snprintf(out + used, 256 - used, "%s%d", used ? " " : "", (int)run->number);
        count++;
    }
    assert_int_equal(journal_run_list_close(list, &diags), 0);
    assert_int_equal(journal_run_count(reader, &diags, filter), count);
    return out;
}

static void lists(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct record record = at->run.record;
    struct judgement judgement = at->run.judgement;
    struct journal_run run = {.record = &record, .operator_name = "ada", .attempt = 1};
    int64_t began_ns = at->run.timeline.wall_origin_ns;
    char out[256];

    record.judgement = &judgement;
    judgement.verdict = VERDICT_PASS;
    journal_keep(journal, &run); /* 1 */
    judgement.verdict = VERDICT_FAIL;
    record.unit = "other";
    record.station = "B";
    at->run.timeline.wall_origin_ns = began_ns + 10;
    journal_keep(journal, &run); /* 2 */
    judgement.verdict = VERDICT_ERROR;
    record.unit = NULL;
    record.simulated = true;
    record.unit_firmware = "1.0";
    at->run.timeline.wall_origin_ns = began_ns + 20;
    run.batch = "b1";
    run.operator_name = NULL;
    journal_keep(journal, &run); /* 3 */
    int64_t handle = journal_begin(journal, &run);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);

    struct journal_reader *reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){0}, out), "1 2 3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.latest_first = true}, out),
                        "4 3 2 1");
    assert_string_equal(numbers(reader, &(struct run_filter){.limit = 2}, out), "3 4");
    assert_string_equal(
        numbers(reader, &(struct run_filter){.limit = 1, .latest_first = true}, out), "4");
    assert_string_equal(numbers(reader, &(struct run_filter){.unit = "OTHER"}, out), "2");
    assert_string_equal(numbers(reader, &(struct run_filter){.unit = "othe"}, out), "");
    assert_string_equal(numbers(reader, &(struct run_filter){.station = "b"}, out), "2 3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.unit_firmware = "1.0"}, out), "3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.batch = "b1"}, out), "3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.operator_name = "ada"}, out), "1 2");
    assert_string_equal(numbers(reader, &(struct run_filter){.model = at->run.profile->model}, out),
                        "1 2 3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.model = "other"}, out), "");
    assert_string_equal(numbers(reader, &(struct run_filter){.procedure = "RESET"}, out),
                        "1 2 3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.procedure = "x"}, out), "");
    assert_string_equal(numbers(reader, &(struct run_filter){.presses = true}, out), "");
    const char *const not_given[] = {"NOT given"};
    assert_string_equal(
        numbers(reader, &(struct run_filter){.versions = not_given, .version_count = 1}, out),
        "1 2");
    const char *const versions[] = {"1.0", "not there"};
    assert_string_equal(
        numbers(reader, &(struct run_filter){.versions = versions, .version_count = 1}, out),
        "3 4");
    assert_string_equal(
        numbers(reader, &(struct run_filter){.versions = versions + 1, .version_count = 1}, out),
        "");
    assert_string_equal(numbers(reader, &(struct run_filter){.reality = FILTER_REAL}, out), "1 2");
    assert_string_equal(numbers(reader, &(struct run_filter){.reality = FILTER_SIMULATED}, out),
                        "3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.since_ns = began_ns + 10}, out),
                        "2 3 4");
    assert_string_equal(numbers(reader, &(struct run_filter){.until_ns = began_ns + 10}, out), "1");
    assert_string_equal(numbers(reader, &(struct run_filter){.verdicts = 1U << VERDICT_PASS}, out),
                        "1");
    assert_string_equal(
        numbers(reader, &(struct run_filter){.verdicts = 1U << VERDICT_FAIL | 1U << VERDICT_ERROR},
                out),
        "2 3");
    assert_string_equal(numbers(reader, &(struct run_filter){.verdicts = FILTER_RUNNING}, out),
                        "4");
    assert_string_equal(numbers(reader, &(struct run_filter){.verdicts = FILTER_INTERRUPTED}, out),
                        "");
    journal_reader_close(reader);
    journal_close(journal);
}

/* ---- other files -------------------------------------------------------------------------- */

static sqlite3 *raw(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *db = raw(path);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s", error);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int count_of(const char *path, const char *table)
{
    sqlite3 *db = raw(path);
    sqlite3_stmt *statement = NULL;
    char sql[80];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* BlueZ is heard of while a run goes on: what is written next has it, whether anything else is new
 * or not, and runs of one set of versions share a row. */
/* Those of an older version were something else: they are computed anew. */
static void margins_are_computed_anew(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    int64_t number = journal_keep(journal, &at->kept);
    assert_true(journal_close(journal));
    change(at->path, "UPDATE findings SET margin_ns = 1 WHERE margin_ns IS NOT NULL");
    struct journal_reader *reader = journal_must_read(at->path);
    struct whole_run *run = journal_must_load(reader, number);
    same_judgement(&run->judgement, &at->run.judgement);
    journal_whole_run_free(run);
    journal_reader_close(reader);
}

static void bluez_later(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct timeline half = at->run.timeline;

    half.count /= 2;
    for (size_t i = 0; i < 4; i++) {
        /* With an append that has more, with one that has not, with the end; and never. */
        static const char *const told[] = {"5.82", "5.82", "5.66", NULL};
        struct journal_run run = at->kept;
        int64_t handle = journal_begin(journal, &run);
        journal_append(journal, handle, &half);
        if (told[i]) {
            journal_bluez(journal, handle, told[i]);
        }
        if (i < 2) {
            journal_append(journal, handle, i == 0 ? &at->run.timeline : &half);
        }
        journal_finish(journal, handle, at->kept.record);
        assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);

        struct journal_reader *reader = journal_must_read(at->path);
        struct whole_run *read = journal_must_load(reader, journal_number(journal, handle));
        if (told[i]) {
            assert_string_equal(read->about.bluez, told[i]);
        } else {
            assert_null(read->about.bluez);
        }
        same_timeline(&read->stored.timeline, &at->run.timeline);
        journal_whole_run_free(read);
        journal_reader_close(reader);
    }
    journal_close(journal);
    assert_int_equal(count_of(at->path, "versions"), 3); /* not known, 5.82, 5.66 */
}

/* What SQLite knows of tables and indexes, as text, to be freed. */
static char *schema_of(const char *path)
{
    sqlite3 *db = raw(path);
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT m.name, t.name, t.type, t.\"notnull\", t.pk FROM"
                                        " sqlite_schema m, pragma_table_info(m.name) t"
                                        " ORDER BY m.name, t.cid",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < 5; i++) {
            fprintf(out, "%s ", (const char *)sqlite3_column_text(statement, i));
        }
        fputc('\n', out);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    fclose(out);
    return text;
}

static void make_version(const char *path, int version)
{
    char name[64];
    size_t length;

    snprintf(name, sizeof(name), "tests/unit/journal/version-%d.sql", version);
    char *sql = file_text(name, &length);
    unlink(path);
    change(path, sql);
    free(sql);
}

static void check_migrated(const struct journal_place *at)
{
    struct journal_reader *reader = journal_must_read(at->path);
    struct whole_run *run = journal_must_load(reader, 7);

    assert_int_equal(run->about.verdict, VERDICT_FAIL);
    assert_string_equal(run->about.reason, "led: nothing was seen");
    assert_string_equal(run->about.unit, "5012345");
    assert_int_equal(run->about.pulses_unkept, 0);
    assert_null(run->about.uuid);
    assert_int_equal(run->about.clock, KEPT_CLOCK_UNKNOWN);
    assert_int_equal(run->record.state, RECORD_WITHOUT_DIGEST);
    assert_int_equal(run->hazard_count, 1);
    assert_int_equal(run->stored.timeline.count, 1);
    assert_int_equal(run->stored.timeline.entries[0].kind, ENTRY_START);
    assert_int_equal(run->judgement.finding_count, 1);
    /* The profile is not one of today's: what is known stands in for it. */
    assert_null(run->profile);
    assert_non_null(run->profile_text);
    assert_string_equal(run->record.procedure->name, "reset");
    assert_int_equal(run->record.procedure->kind, KIND_NETWORK);
    assert_string_equal(run->record.bench_station->name, "A");
    journal_whole_run_free(run);
    journal_reader_close(reader);
}

static void migrated_from(struct journal_place *at, int version)
{
    char fresh[160];

    make_version(at->path, version);
    struct journal *journal = journal_must_open(at->path);
    check_migrated(at);
    assert_int_equal(journal_count_state(at->path, FILTER_INTERRUPTED), 1);
    /* Numbers go on behind the last. */
    assert_int_equal(journal_keep(journal, &at->kept), 9);
    journal_close(journal);
    snprintf(fresh, sizeof(fresh), "%s/fresh.db", at->folder);
    journal_close(journal_must_open(fresh));
    char *is = schema_of(at->path);
    char *should_be = schema_of(fresh);
    assert_string_equal(is, should_be);
    free(is);
    free(should_be);
}

static void migrated(void **state)
{
    for (int version = 1; version < journal_version; version++) {
        migrated_from(*state, version);
    }
}

/* Who only reads has it brought up to date as well. */
static void migrated_by_a_reader(void **state)
{
    struct journal_place *at = *state;

    make_version(at->path, 1);
    check_migrated(at);
}

/* ---- as it was written -------------------------------------------------------------------- */

static enum record_state state_of(const char *path, int64_t number)
{
    struct journal_reader *reader = journal_must_read(path);
    struct whole_run *run = journal_must_load(reader, number);
    enum record_state state = run->record.state;

    assert_int_equal(state, run->stored.state);
    journal_whole_run_free(run);
    journal_reader_close(reader);
    return state;
}

/* Whatever is changed of a run, it is seen. */
static void changes_are_seen(void **state)
{
    static const char *const changes[] = {
        "UPDATE runs SET verdict = 'error'",
        "UPDATE runs SET reason = reason || '.'",
        "UPDATE runs SET began_ns = began_ns + 1",
        "UPDATE runs SET origin_ns = origin_ns - 1",
        "UPDATE runs SET simulated = 1 - simulated",
        "UPDATE runs SET unit_id = NULL",
        "UPDATE runs SET profile_id = NULL",
        "UPDATE runs SET bench_id = NULL",
        "UPDATE runs SET operator = coalesce(operator, '') || 'x'",
        "UPDATE runs SET eyes = eyes - 1",
        "UPDATE runs SET uuid = '00000000-0000-4000-8000-000000000000'",
        "UPDATE runs SET clock_set = 1 - clock_set",
        "UPDATE runs SET boot = 'x'",
        "UPDATE runs SET boot_ns = boot_ns + 1",
        "UPDATE runs SET boot_seq = boot_seq + 1",
        "UPDATE units SET serial = serial || '0'",
        "UPDATE versions SET program = 'x'",
        "UPDATE contents SET hash = zeroblob(32) WHERE id = 1",
        "UPDATE timelines SET entries = entries + 1",
        "UPDATE findings SET margin_ns = 1 WHERE seq = 0",
        "UPDATE findings SET result = 'inconclusive' WHERE seq = 0",
        "DELETE FROM findings WHERE seq = 0",
        "INSERT INTO hazards SELECT number, 9, 'dfu' FROM runs",
        "INSERT INTO settings SELECT number, 0, 'before', 1, 'anc', 'bool', 'on', NULL FROM runs",
        "UPDATE runs SET digest = zeroblob(32)",
    };
    struct journal_place *at = *state;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        unlink(at->path);
        struct journal *journal = journal_must_open(at->path);
        journal_keep(journal, &at->kept);
        journal_close(journal);
        assert_int_equal(state_of(at->path, 1), RECORD_AS_WRITTEN);
        change(at->path, changes[i]);
        if (state_of(at->path, 1) != RECORD_CHANGED) {
            fail_msg("not seen: %s", changes[i]);
        }
    }
    change(at->path, "UPDATE runs SET digest = NULL");
    assert_int_equal(state_of(at->path, 1), RECORD_WITHOUT_DIGEST);
}

/* By its number a run is called; what it is does not hang on it. */
static void another_number_is_the_same_run(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);

    journal_keep(journal, &at->kept);
    journal_close(journal);
    change(at->path, "PRAGMA foreign_keys = OFF; UPDATE runs SET number = 5;"
                     "UPDATE timelines SET run = 5; UPDATE findings SET run = 5;"
                     "UPDATE hazards SET run = 5");
    assert_int_equal(state_of(at->path, 5), RECORD_AS_WRITTEN);
}

static void has_a_mark_of_its_own(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    char first[37];

    journal_keep(journal, &at->kept);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    struct journal_reader *reader = journal_must_read(at->path);
    struct whole_run *run = journal_must_load(reader, 1);
    assert_int_equal(strlen(run->about.uuid), 36);
    assert_int_equal(run->about.uuid[14], '4');
    snprintf(first, sizeof(first), "%s", run->about.uuid);
    journal_whole_run_free(run);
    run = journal_must_load(reader, 2);
    assert_string_not_equal(run->about.uuid, first);
    assert_int_not_equal(run->about.clock, KEPT_CLOCK_UNKNOWN);
    journal_whole_run_free(run);
    journal_reader_close(reader);
}

static void presses_of_a_series(void **state)
{
    struct journal_place *at = *state;
    char out[256];
    struct journal *journal = journal_must_open(at->path);

    journal_keep(journal, &at->kept);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    change(at->path, "UPDATE runs SET procedure = 'reset:threshold' WHERE number = 2");
    struct journal_reader *reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){.presses = true}, out), "2");
    journal_reader_close(reader);
}

/* Made when nobody had told the machine the time: younger than any time that is asked for, as far
 * as anybody knows, and never too old to be kept. */
static void a_run_without_a_clock(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    struct prune_choice choice = {.filter = {.until_ns = INT64_MAX}};
    struct prune_result result;
    char out[256];

    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    journal_keep(journal, &at->kept);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    change(at->path, "UPDATE runs SET clock_set = 1;"
                     "UPDATE runs SET clock_set = 0, began_ns = 100 WHERE number = 2;"
                     "UPDATE runs SET clock_set = NULL, began_ns = 100 WHERE number = 3");
    struct journal_reader *reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){.since_ns = INT64_MAX}, out), "2 3");
    journal_reader_close(reader);
    assert_int_equal(journal_prune(&diags, at->path, &choice, false, &result), 0);
    assert_int_equal(result.runs, 1);
    diags_clear(&diags);
    reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){.model = NULL}, out), "2 3");
    journal_reader_close(reader);
}

/* What a run number proves younger is younger: the clock of run 4 went back to January, and a run
 * with a lower number began in November. Only a clock that was known to be set is believed against
 * that, and only one like that proves it: not that of run 2, which went ahead to 2040. */
static void a_run_whose_number_dates_it(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    const int64_t june_ns = INT64_C(1780272000000000000); /* 2026-06-01 */
    struct prune_choice choice = {.filter = {.until_ns = june_ns}};
    struct prune_result result;
    char out[256];

    struct journal *journal = journal_must_open(at->path);
    for (int i = 0; i < 6; i++) {
        journal_keep(journal, &at->kept);
    }
    journal_close(journal);
    change(at->path,
           "UPDATE runs SET clock_set = 1, began_ns = 1767225600000000000;" /* 2026-01-01 */
           "UPDATE runs SET clock_set = NULL WHERE number = 1;"
           "UPDATE runs SET clock_set = NULL, began_ns = 2209032000000000000" /* 2040 */
           " WHERE number = 2;"
           "UPDATE runs SET began_ns = 1795532400000000000 WHERE number = 3;" /* 2026-11-24 */
           "UPDATE runs SET clock_set = NULL WHERE number = 4;"
           "UPDATE runs SET clock_set = 0, began_ns = 100 WHERE number = 5");
    struct journal_reader *reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){.since_ns = june_ns}, out), "2 3 4 5");
    assert_string_equal(numbers(reader, &(struct run_filter){.until_ns = june_ns}, out), "1 6");
    journal_reader_close(reader);
    assert_int_equal(journal_prune(&diags, at->path, &choice, false, &result), 0);
    assert_int_equal(result.runs, 2);
    diags_clear(&diags);
    reader = journal_must_read(at->path);
    assert_string_equal(numbers(reader, &(struct run_filter){.model = NULL}, out), "2 3 4 5");
    journal_reader_close(reader);
}

static void a_clock_that_is_set(void **state)
{
    static const int64_t now_ns = INT64_C(1795532400000000000);
    const struct {
        struct clock_facts facts;
        bool set;
    } cases[] = {
        {{.synced = true, .keeps_time = true, .wall_ns = now_ns}, true},
        {{.synced = true, .keeps_time = false, .wall_ns = now_ns}, true},
        {{.synced = false, .keeps_time = true, .wall_ns = now_ns}, true},
        {{.synced = false, .keeps_time = false, .wall_ns = now_ns}, false},
        {{.synced = true, .keeps_time = true, .wall_ns = 100}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(journal_clock_is_set(&cases[i].facts), cases[i].set);
    }
}

/* Not opened, with this in the message, and not touched. */
static void is_refused(const char *path, const char *why)
{
    struct diags diags = DIAGS_INIT;
    size_t length_before;
    size_t length_after;
    char *before = file_text(path, &length_before);

    assert_null(journal_open(&diags, path));
    char *text = diags_text(&diags);
    if (!strstr(text, why)) {
        fail_msg("%s", text);
    }
    free(text);
    assert_null(journal_reader_open(&diags, path));
    text = diags_text(&diags);
    assert_non_null(strstr(text, why));
    free(text);
    char *after = file_text(path, &length_after);
    assert_int_equal(length_before, length_after);
    assert_memory_equal(before, after, length_before);
    free(before);
    free(after);
}

static void of_a_newer_program(void **state)
{
    struct journal_place *at = *state;

    journal_close(journal_must_open(at->path));
    change(at->path, "PRAGMA user_version = 99; PRAGMA journal_mode = DELETE");
    is_refused(at->path, "newer longpress");
}

static void of_another_program(void **state)
{
    struct journal_place *at = *state;

    change(at->path, "CREATE TABLE bookmarks (url)");
    is_refused(at->path, "is not a longpress journal");
}

/* Names that SQLite takes for more than a path are paths. */
static void odd_names(void **state)
{
    static const char *const names[] = {"file:x?mode=memory", ":memory:", "a b'c.db"};
    struct journal_place *at = *state;
    char folder[256];

    assert_non_null(getcwd(folder, sizeof(folder)));
    assert_int_equal(chdir(at->folder), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct journal *journal = journal_must_open(names[i]);
        journal_keep(journal, &at->kept);
        journal_close(journal);
        assert_int_equal(access(names[i], F_OK), 0);
        assert_int_equal(journal_count_state(names[i], 0), 1);
    }
    assert_int_equal(chdir(folder), 0);
}

/* ---- hostile ------------------------------------------------------------------------------ */

static void hostile_texts(void **state)
{
    static const char *const units[] = {
        "x'); DROP TABLE runs; --",
        "\x1b]0;title\x07",
        "\xff\xfe",
        "\u202egnp.exe",
        "日本語 ünït",
        "%s%n%s",
    };
    static const char *const shown[] = {
        "x'); DROP TABLE runs; --", "\\x1B]0;title\\x07", "\\xFF\\xFE",
        "\\u{202E}gnp.exe",         "日本語 ünït",        "%s%n%s",
    };
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct record record = at->run.record;
    struct journal_run run = at->kept;
    static const char binary[] = {'a', 0, '\xff', '\n', 0x1b};
    char *longest = xcalloc(100001);
    enum verdict verdict;
    int64_t wall_ns;

    run.record = &record;
    run.profile_text = binary;
    run.profile_length = sizeof(binary);
    run.operator_name = memset(longest, 'x', 100000);
    struct journal_reader *reader = journal_must_read(at->path);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        record.unit = units[i];
        struct whole_run *read = journal_must_load(reader, journal_keep(journal, &run));
        assert_string_equal(read->about.unit, shown[i]);
        assert_int_equal(strlen(read->about.operator_name), 4095);
        assert_int_equal(read->profile_length, sizeof(binary));
        assert_memory_equal(read->profile_text, binary, sizeof(binary));
        journal_whole_run_free(read);
        assert_true(journal_unit_seen(journal, at->run.profile->model, "reset", units[i], false,
                                      &verdict, &wall_ns));
    }
    journal_reader_close(reader);
    journal_close(journal);
    free(longest);
}

/* Load and judge whatever can be loaded. How many could. */
static size_t load_all(const struct journal_place *at, int64_t count)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_reader_open(&diags, at->path);
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    size_t loaded = 0;

    if (reader) {
        struct run_list *list =
            journal_run_list_open(reader, &diags, &(struct run_filter){.limit = 0});
        while (list && journal_run_list_next(list)) {
        }
        journal_run_list_close(list, &diags);
        for (int64_t number = 1; number <= count; number++) {
            struct whole_run *run = journal_load(reader, &diags, number);
            if (run) {
                judge(at->run.profile, at->run.record.procedure, &run->stored.sensors,
                      &run->stored.timeline, run->stored.end, judgement);
                loaded++;
            }
            journal_whole_run_free(run);
        }
    }
    journal_reader_close(reader);
    diags_clear(&diags);
    free(judgement);
    return loaded;
}

/* Bytes of the timelines are anything. */
static void damaged_timelines(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    size_t rounds = getenv("LONGPRESS_CASES") ? 20 : 400;
    size_t loaded = 0;
    struct arena arena = ARENA_INIT;
    size_t pulses = 0;
    size_t unkept = 0;
    struct packed packed = journal_pack(&arena, &at->run.timeline, 0, &pulses, &unkept);
    uint8_t *bytes = arena_alloc(&arena, packed.length);

    journal_keep(journal, &at->kept);
    journal_close(journal);
    sqlite3 *db = raw(at->path);
    assert_int_equal(journal_sql(db, "PRAGMA synchronous = OFF", ""), SQLITE_OK);
    srandom(3);
    for (size_t i = 0; i < rounds; i++) {
        memcpy(bytes, packed.data, packed.length);
        for (long n = random() % 4; n >= 0; n--) {
            bytes[(size_t)random() % packed.length] = (uint8_t)random();
        }
        assert_int_equal(
            journal_sql(db, "UPDATE timelines SET packed = ?", "b", bytes,
                        (size_t)random() % 4 ? packed.length : (size_t)random() % packed.length),
            SQLITE_OK);
        loaded += load_all(at, 1);
    }
    assert_true(loaded > 0 && loaded < rounds);
    sqlite3_close(db);
    arena_free(&arena);
}

/* Values that the program never writes. */
static void damaged_rows(void **state)
{
    static const char *const changes[] = {
        "UPDATE runs SET verdict = 'passed'",
        "UPDATE runs SET state = 'running'",
        "UPDATE runs SET verdict = NULL",
        "UPDATE runs SET began_ns = -1",
        "UPDATE runs SET origin_ns = 9223372036854775807",
        "UPDATE runs SET duration_ns = -9223372036854775807",
        "UPDATE findings SET what = 'nonsense'",
        "UPDATE findings SET result = ''",
        "UPDATE timelines SET packed = zeroblob(20000000)",
    };
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);

    journal_keep(journal, &at->kept);
    journal_close(journal);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        sqlite3 *db = raw(at->path);
        assert_int_equal(load_all(at, 1), 1);
        assert_int_equal(journal_sql(db, "PRAGMA ignore_check_constraints = ON", ""), SQLITE_OK);
        assert_int_equal(journal_sql(db, changes[i], ""), SQLITE_OK);
        if (load_all(at, 1) != 0) {
            fail_msg("was read: %s", changes[i]);
        }
        sqlite3_close(db);
        unlink(at->path);
        journal = journal_must_open(at->path);
        journal_keep(journal, &at->kept);
        journal_close(journal);
    }
}

/* Any byte of the file is another. */
static void damaged_file(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    size_t rounds = getenv("LONGPRESS_CASES") ? 10 : 150;
    size_t length;

    for (int i = 0; i < 3; i++) {
        journal_keep(journal, &at->kept);
    }
    journal_close(journal);
    char *whole = file_text(at->path, &length);
    srandom(5);
    for (size_t i = 0; i < rounds; i++) {
        FILE *out = fopen(at->path, "we");
        assert_non_null(out);
        char *bytes = xcalloc(length);
        memcpy(bytes, whole, length);
        for (int n = 0; n < 20; n++) {
            bytes[(size_t)random() % length] = (char)random();
        }
        assert_int_equal(fwrite(bytes, 1, length, out), length);
        assert_int_equal(fclose(out), 0);
        free(bytes);
        load_all(at, 3);
        struct diags diags = DIAGS_INIT;
        journal_close(journal_open(&diags, at->path));
        diags_clear(&diags);
    }
    free(whole);
}

/* ---- how large ---------------------------------------------------------------------------- */

static int64_t file_size(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void small_runs(void **state)
{
    enum { RUNS = 200 };
    struct journal_place *at = *state;

    journal_close(journal_must_open(at->path));
    int64_t empty = file_size(at->path);
    struct journal *journal = journal_must_open(at->path);
    for (int i = 0; i < RUNS; i++) {
        journal_finish(journal, journal_begin(journal, &at->kept), &at->run.record);
    }
    journal_close(journal);
    int64_t each = (file_size(at->path) - empty) / RUNS;
    print_message("an empty journal: %d kB; each run: %d bytes\n", (int)(empty / 1024), (int)each);
    assert_int_equal(journal_check(at, NULL, 0), RUNS);
    assert_true(each < 6000);
}

static void keep_pulse(void *context, const struct pulse *pulse)
{
    struct timeline *timeline = context;
    timeline_add(timeline, &(struct entry){.kind = ENTRY_PULSE,
                                           .time_ns = pulse->start_ns,
                                           .at_ns = pulse->start_ns,
                                           .until_ns = pulse->end_ns,
                                           .pulse = *pulse});
}

/* An hour of an LED that is dimmed by 1 kHz PWM, and breathes: lit for 3 s, dark for 1 s. */
static void an_hour_of_light(void **state)
{
    const int64_t period_ns = NS_PER_MS;
    struct journal_place *at = *state;
    struct timeline *timeline = &at->run.timeline;
    struct blink_settings settings = blink_defaults();
    struct blink blink;
    int64_t edges = 0;
    int64_t origin_ns = timeline->origin_ns;
    int64_t hour_ns = 3600 * NS_PER_S;

    timeline->count = 1;
    blink_init(&blink, &settings, origin_ns, 0, keep_pulse, timeline);
    for (int64_t t_ns = 0; t_ns < hour_ns; t_ns += period_ns) {
        int64_t breath_ns = t_ns % (4 * NS_PER_S);
        if (breath_ns < 3 * NS_PER_S) {
            int64_t on_ns = period_ns / 4 + breath_ns % (period_ns / 2);
            for (unsigned c = 0; c < LED_CHANNELS; c++) {
                blink_edge(&blink, origin_ns + t_ns, c, true);
                timeline_add_edge(timeline, origin_ns + t_ns, c, true);
            }
            for (unsigned c = 0; c < LED_CHANNELS; c++) {
                blink_edge(&blink, origin_ns + t_ns + on_ns, c, false);
                timeline_add_edge(timeline, origin_ns + t_ns + on_ns, c, false);
            }
            edges += 2 * LED_CHANNELS;
        }
    }
    blink_finish(&blink, origin_ns + hour_ns);
    assert_true(timeline->count > 800);
    journal_close(journal_must_open(at->path));
    int64_t empty = file_size(at->path);
    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    int64_t grown = file_size(at->path) - empty;
    print_message("an hour of light: %d edges, %zu pulses, %d kB in the journal\n", (int)edges,
                  timeline->count - 1, (int)(grown / 1024));
    assert_true(grown < 100000);
    assert_int_equal(journal_check(at, NULL, 0), 1);
}

/* ---- care --------------------------------------------------------------------------------- */

static void pruned(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct record record = at->run.record;
    struct judgement judgement = at->run.judgement;
    struct journal_run run = at->kept;
    struct diags diags = DIAGS_INIT;
    struct prune_result result;

    record.judgement = &judgement;
    run.record = &record;
    for (int i = 0; i < 100; i++) {
        judgement.verdict = i % 4 ? VERDICT_PASS : VERDICT_FAIL;
        journal_finish(journal, journal_begin(journal, &run), &record);
    }
    run.profile_text = "another";
    run.profile_length = 7;
    int64_t handle = journal_begin(journal, &run);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);

    struct prune_choice choice = {.keep_fails = true};
    assert_int_equal(journal_prune(&diags, at->path, &choice, true, &result), 0);
    assert_int_equal(result.runs, 75);
    assert_int_equal(journal_count_state(at->path, 0), 101);
    assert_int_equal(journal_prune(&diags, at->path, &choice, false, &result), 0);
    assert_int_equal(result.runs, 75);
    assert_int_equal(journal_count_state(at->path, 0), 26);
    assert_int_equal(journal_count_state(at->path, 1U << VERDICT_FAIL), 25);
    choice.keep_fails = false;
    assert_int_equal(journal_prune(&diags, at->path, &choice, false, &result), 0);
    assert_int_equal(result.runs, 25);
    assert_int_equal(journal_count_state(at->path, FILTER_RUNNING), 1);

    /* What nobody refers to has gone with them; the one that goes on has all of its own. */
    sqlite3 *db = raw(at->path);
    int64_t left = 0;
    assert_int_equal(journal_sql_int(db, &left, "SELECT count(*) FROM contents", ""), SQLITE_OK);
    assert_int_equal(left, 2); /* its profile, the bench */
    assert_int_equal(journal_sql_int(db, &left, "SELECT count(*) FROM findings", ""), SQLITE_OK);
    assert_int_equal(left, 0);
    assert_int_equal(journal_sql_int(db, &left, "SELECT count(*) FROM timelines", ""), SQLITE_OK);
    assert_int_equal(left, 0);
    sqlite3_close(db);
    assert_true(result.bytes_after < 150000);
    judgement.verdict = VERDICT_PASS;
    journal_finish(journal, handle, &record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
    journal_close(journal);
}

/* A copy is whole, and of one instant, whoever writes in the meantime. */
static void copied_while_written(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    struct backup_result result;
    char copy[sizeof(at->path)];

    snprintf(copy, sizeof(copy), "%s/copy.db", at->folder);
    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    int64_t last = 0;
    for (int i = 0; i < 10; i++) {
        for (int n = 0; n < 10; n++) {
            journal_finish(journal, journal_begin(journal, &at->kept), &at->run.record);
        }
        if (journal_backup(&diags, at->path, copy, i > 0, &result) != 0) {
            fail_msg("%s", diags_text(&diags));
        }
        assert_true(result.runs >= last && result.runs >= 1);
        last = result.runs;
        struct journal_place there = *at;
        snprintf(there.path, sizeof(there.path), "%s", copy);
        int64_t done = journal_check(&there, NULL, 0);
        assert_true(done == result.runs || done == result.runs - 1);
    }
    assert_int_equal(journal_backup(&diags, at->path, copy, false, &result), -1);
    assert_int_equal(journal_backup(&diags, at->path, "/proc/copy.db", true, &result), -1);
    diags_clear(&diags);
    journal_close(journal);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)
    const struct CMUnitTest tests[] = {
        TEST(kept_and_seen),
        TEST(an_address_is_remembered),
        TEST(nothing_is_seen_where_nothing_is),
        TEST(a_file_that_was_removed),
        TEST(read_as_it_was),
        TEST(facts_go_round),
        TEST(margins_are_computed_anew),
        TEST(bluez_later),
        TEST(lists),
        TEST(migrated),
        TEST(migrated_by_a_reader),
        TEST(changes_are_seen),
        TEST(another_number_is_the_same_run),
        TEST(has_a_mark_of_its_own),
        TEST(a_clock_that_is_set),
        TEST(presses_of_a_series),
        TEST(a_run_without_a_clock),
        TEST(a_run_whose_number_dates_it),
        TEST(of_a_newer_program),
        TEST(of_another_program),
        TEST(odd_names),
        TEST(hostile_texts),
        TEST(damaged_timelines),
        TEST(damaged_rows),
        TEST(damaged_file),
        TEST(small_runs),
        TEST(an_hour_of_light),
        TEST(pruned),
        TEST(copied_while_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
