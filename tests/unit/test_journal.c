/*
 * The journal: what was handed over is what is read; files that cannot be written to; several who
 * write.
 */
#include "rig/journal.h"
#include "rig/journal_internal.h"
#include "rig/journal_read.h"
#include "rig/units.h"
#include "tests/unit/parts.h"
#include "tests/unit/run_by_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 20000 };

struct place_at {
    char folder[64];
    char path[128];
    struct run_by_hand run;
};

static int set_up(void **state)
{
    struct place_at *at = xcalloc(sizeof(*at));
    snprintf(at->folder, sizeof(at->folder), "/tmp/longpress-journal-XXXXXX");
    assert_non_null(mkdtemp(at->folder));
    snprintf(at->path, sizeof(at->path), "%s/state/journal.db", at->folder);
    run_by_hand_make(&at->run);
    *state = at;
    return 0;
}

static int tear_down(void **state)
{
    struct place_at *at = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", at->folder);
    assert_int_equal(system(command), 0);
    run_by_hand_free(&at->run);
    free(at);
    return 0;
}

static struct journal *open_journal(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open(&diags, path);
    if (!journal) {
        fail_msg("%s", diags_text(&diags));
    }
    return journal;
}

static void kept_and_seen(void **state)
{
    struct place_at *at = *state;
    struct journal *journal = open_journal(at->path);
    struct journal_run run = {.record = &at->run.record, .operator_name = "ada", .attempt = 1};
    enum verdict verdict;
    int64_t wall_ns;

    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", &verdict, &wall_ns));
    int64_t handle = journal_begin(journal, &run);
    assert_true(handle > 0);
    assert_int_equal(journal_wait_begun(journal, handle, WAIT_MS), 1);
    assert_int_equal(journal_number(journal, handle), 1);
    assert_int_equal(journal_finished(journal, handle), 0);
    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", &verdict, &wall_ns));
    journal_append(journal, handle, &at->run.timeline);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, WAIT_MS), 1);
    assert_string_equal(journal_trouble(journal), "");
    assert_true(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", &verdict, &wall_ns));
    assert_int_equal(verdict, at->run.judgement.verdict);
    assert_int_equal(wall_ns, at->run.timeline.wall_origin_ns);
    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012346", &verdict, &wall_ns));
    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "other", "5012345", &verdict, &wall_ns));
    journal_close(journal);
}

/* ---- read again --------------------------------------------------------------------------- */

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

static void same_timeline(const struct timeline *a, const struct timeline *b)
{
    assert_int_equal(a->origin_ns, b->origin_ns);
    assert_int_equal(a->wall_origin_ns, b->wall_origin_ns);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        same_entry(&a->entries[i], &b->entries[i]);
    }
}

static void same_judgement(const struct judgement *a, const struct judgement *b)
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

static struct journal_reader *open_reader(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal_reader *reader = journal_reader_open(&diags, path);
    if (!reader) {
        fail_msg("%s", diags_text(&diags));
    }
    return reader;
}

static struct whole_run *load_run(struct journal_reader *reader, int64_t number)
{
    struct diags diags = DIAGS_INIT;
    struct whole_run *run = journal_load(reader, &diags, number);
    if (!run) {
        fail_msg("%s", diags_text(&diags));
    }
    return run;
}

/* A run is handed over whole, and waited for. Its number. */
static int64_t keep(struct journal *journal, const struct journal_run *run)
{
    int64_t handle = journal_begin(journal, run);
    journal_finish(journal, handle, run->record);
    assert_int_equal(journal_wait_finished(journal, handle, WAIT_MS), 1);
    return journal_number(journal, handle);
}

/* Whatever pieces a timeline is handed over in, it is read whole. */
static void read_as_it_was(void **state)
{
    struct place_at *at = *state;
    struct journal *journal = open_journal(at->path);
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
        assert_int_equal(journal_wait_finished(journal, handle, WAIT_MS), 1);

        struct journal_reader *reader = open_reader(at->path);
        struct whole_run *read = load_run(reader, journal_number(journal, handle));
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
        assert_memory_equal(&read->stored.eyes.led, &record.eyes.led, sizeof(bool));
        whole_run_free(read);
        journal_reader_close(reader);
    }
    journal_close(journal);
}

/* ---- lists -------------------------------------------------------------------------------- */

/* The numbers that a filter lets through, as text: "1 3 4". */
static const char *numbers(struct journal_reader *reader, const struct run_filter *filter,
                           char out[256])
{
    struct diags diags = DIAGS_INIT;
    struct run_list *list = run_list_open(reader, &diags, filter);
    const struct kept_run *run;
    size_t used = 0;
    int64_t count = 0;

    assert_non_null(list);
    out[0] = '\0';
    while ((run = run_list_next(list))) {
        used += (size_t)snprintf(out + used, 256 - used, "%s%d", used ? " " : "", (int)run->number);
        count++;
    }
    assert_int_equal(run_list_close(list, &diags), 0);
    assert_int_equal(run_count(reader, &diags, filter), count);
    return out;
}

static void lists(void **state)
{
    struct place_at *at = *state;
    struct journal *journal = open_journal(at->path);
    struct record record = at->run.record;
    struct judgement judgement = at->run.judgement;
    struct journal_run run = {.record = &record, .operator_name = "ada", .attempt = 1};
    int64_t began_ns = at->run.timeline.wall_origin_ns;
    char out[256];

    record.judgement = &judgement;
    judgement.verdict = VERDICT_PASS;
    keep(journal, &run); /* 1 */
    judgement.verdict = VERDICT_FAIL;
    record.unit = "other";
    record.station = "B";
    at->run.timeline.wall_origin_ns = began_ns + 10;
    keep(journal, &run); /* 2 */
    judgement.verdict = VERDICT_ERROR;
    record.unit = NULL;
    record.simulated = true;
    record.unit_firmware = "1.0";
    at->run.timeline.wall_origin_ns = began_ns + 20;
    run.batch = "b1";
    run.operator_name = NULL;
    keep(journal, &run); /* 3 */
    int64_t handle = journal_begin(journal, &run);
    assert_int_equal(journal_wait_begun(journal, handle, WAIT_MS), 1);

    struct journal_reader *reader = open_reader(at->path);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_and_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
