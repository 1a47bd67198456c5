#include "tests/unit/journal_place.h"

#include "rig/base/arena.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int journal_place_make(void **state)
{
    struct journal_place *at = xcalloc(sizeof(*at));

    /* In memory, where that is to be had: nothing here asks whether a disk keeps what it says. */
    snprintf(at->folder, sizeof(at->folder), "%s/longpress-journal-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(at->folder));
    snprintf(at->path, sizeof(at->path), "%s/journal.db", at->folder);
    run_by_hand_make(&at->run);
    at->kept = (struct journal_run){.record = &at->run.record,
                                    .operator_name = "ada",
                                    .bench_text = at->run.bench->text,
                                    .bench_length = at->run.bench->text_length,
                                    .attempt = 1};
    *state = at;
    return 0;
}

int journal_place_remove(void **state)
{
    struct journal_place *at = *state;
    char command[256];

    snprintf(command, sizeof(command), "chmod -R u+w '%s' && rm -rf '%s'", at->folder, at->folder);
    assert_int_equal(system(command), 0);
    run_by_hand_free(&at->run);
    free(at);
    return 0;
}

void later_run_make(struct later_run *run, const struct journal_place *at, int64_t later_ns)
{
    run->timeline = at->run.timeline;
    run->timeline.wall_origin_ns += later_ns;
    run->record = at->run.record;
    run->record.timeline = &run->timeline;
    run->kept = at->kept;
    run->kept.record = &run->record;
}

struct journal *journal_must_open(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open(&diags, path);

    if (!journal) {
        fail_msg("%s", diags_text(&diags));
    }
    diags_clear(&diags);
    return journal;
}

struct journal_reader *journal_must_read(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_reader_open(&diags, path);

    if (!reader) {
        fail_msg("%s", diags_text(&diags));
    }
    diags_clear(&diags);
    return reader;
}

struct whole_run *journal_must_load(struct journal_reader *reader, int64_t number)
{
    struct diags diags = DIAGS_INIT;
    struct whole_run *run = journal_load(reader, &diags, number);

    if (!run) {
        fail_msg("%s", diags_text(&diags));
    }
    diags_clear(&diags);
    return run;
}

int64_t journal_keep(struct journal *journal, const struct journal_run *run)
{
    int64_t handle = journal_begin(journal, run);

    journal_finish(journal, handle, run->record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
    return journal_number(journal, handle);
}

static void same_text(const char *a, const char *b)
{
    if (!a || !b) {
        assert_ptr_equal(a, b);
    } else {
        assert_string_equal(a, b);
    }
}

static void same_entry(const struct entry *a, const struct entry *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->input, b->input);
    assert_int_equal(a->press, b->press);
    assert_int_equal(a->mask, b->mask);
    assert_int_equal(a->time_ns, b->time_ns);
    assert_int_equal(a->at_ns, b->at_ns);
    assert_int_equal(a->until_ns, b->until_ns);
    assert_int_equal(a->value, b->value);
    same_text(a->text, b->text);
    same_text(a->text2, b->text2);
    same_text(a->object, b->object);
    same_text(a->error, b->error);
    assert_int_equal(a->pulse.start_ns, b->pulse.start_ns);
    assert_int_equal(a->pulse.end_ns, b->pulse.end_ns);
    assert_int_equal(a->pulse.colour, b->pulse.colour);
    assert_int_equal(a->pulse.open, b->pulse.open);
    assert_int_equal(a->pulse.clipped, b->pulse.clipped);
    for (int i = 0; i < LED_CHANNELS; i++) {
        assert_int_equal(a->pulse.duty_permille[i], b->pulse.duty_permille[i]);
    }
}

void same_timeline(const struct timeline *a, const struct timeline *b)
{
    assert_int_equal(a->origin_ns, b->origin_ns);
    assert_int_equal(a->wall_origin_ns, b->wall_origin_ns);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        same_entry(&a->entries[i], &b->entries[i]);
    }
}

void same_judgement(const struct judgement *a, const struct judgement *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_string_equal(a->reason, b->reason);
    assert_string_equal(a->next, b->next);
    assert_int_equal(a->led_watched, b->led_watched);
    assert_int_equal(a->led_truncated, b->led_truncated);
    assert_int_equal(a->led_lost, b->led_lost);
    assert_true(pattern_equal(&a->led_seen, &b->led_seen));
    assert_int_equal(a->finding_count, b->finding_count);
    for (size_t i = 0; i < a->finding_count; i++) {
        const struct finding *x = &a->findings[i];
        const struct finding *y = &b->findings[i];
        assert_int_equal(x->expectation->kind, y->expectation->kind);
        assert_int_equal(x->expectation->needed, y->expectation->needed);
        assert_int_equal(x->expectation->within_ns, y->expectation->within_ns);
        assert_int_equal(x->result, y->result);
        assert_int_equal(x->has_margin, y->has_margin);
        assert_int_equal(x->margin_ns, y->margin_ns);
        assert_int_equal(x->has_at, y->has_at);
        assert_int_equal(x->at_ns, y->at_ns);
        assert_string_equal(x->expected, y->expected);
        assert_string_equal(x->observed, y->observed);
        assert_string_equal(x->reason, y->reason);
        same_text(x->object, y->object);
        same_text(x->error, y->error);
    }
}

static void check_sound(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void check_run(const struct journal_place *at, const struct whole_run *run)
{
    const struct timeline *timeline = &at->run.timeline;
    struct timeline expected = *timeline;

    expected.wall_origin_ns = run->stored.timeline.wall_origin_ns; /* see later_run_make */
    assert_string_equal(run->about.model, at->run.profile->model);
    assert_string_equal(run->about.operator_name, "ada");
    assert_non_null(run->profile);
    assert_non_null(run->station);
    if (run->about.state == KEPT_DONE) {
        same_timeline(&run->stored.timeline, &expected);
        same_judgement(&run->judgement, &at->run.judgement);
        return;
    }
    assert_int_equal(run->about.verdict, VERDICT_ERROR);
    assert_int_equal(run->judgement.verdict, VERDICT_ERROR);
    assert_int_equal(run->judgement.finding_count, 0);
    assert_true(run->stored.timeline.count <= timeline->count);
    for (size_t i = 0; i < run->stored.timeline.count; i++) {
        same_entry(&run->stored.timeline.entries[i], &timeline->entries[i]);
    }
}

int64_t journal_check(const struct journal_place *at, const int64_t *numbers, size_t count)
{
    struct diags diags = DIAGS_INIT;
    int64_t done = 0;

    check_sound(at->path);
    struct journal_reader *reader = journal_must_read(at->path);
    struct run_list *list =
        journal_run_list_open(reader, &diags, &(struct run_filter){.model = NULL});
    const struct kept_run *kept;
    size_t found = 0;

    while ((kept = journal_run_list_next(list))) {
        struct whole_run *run = journal_must_load(reader, kept->number);
        check_run(at, run);
        journal_whole_run_free(run);
        if (kept->state == KEPT_DONE) {
            done++;
            for (size_t i = 0; i < count; i++) {
                found += numbers[i] == kept->number;
            }
        }
    }
    assert_int_equal(journal_run_list_close(list, &diags), 0);
    assert_int_equal(found, count);
    journal_reader_close(reader);
    return done;
}

int64_t journal_count_state(const char *path, unsigned filter)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_must_read(path);
    int64_t count = journal_run_count(reader, &diags, &(struct run_filter){.verdicts = filter});

    journal_reader_close(reader);
    return count;
}
