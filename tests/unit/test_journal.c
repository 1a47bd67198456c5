/*
 * The journal: what was handed over is what is read; files that cannot be written to; several who
 * write.
 */
#include "rig/journal.h"
#include "rig/journal_internal.h"
#include "rig/journal_read.h"
#include "rig/units.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void kept_and_seen(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct journal_run run = {.record = &at->run.record, .operator_name = "ada", .attempt = 1};
    enum verdict verdict;
    int64_t wall_ns;

    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", &verdict, &wall_ns));
    int64_t handle = journal_begin(journal, &run);
    assert_true(handle > 0);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    assert_int_equal(journal_number(journal, handle), 1);
    assert_int_equal(journal_finished(journal, handle), 0);
    assert_false(
        journal_unit_seen(journal, at->run.profile->model, "reset", "5012345", &verdict, &wall_ns));
    journal_append(journal, handle, &at->run.timeline);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
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
        cmocka_unit_test_setup_teardown(kept_and_seen, journal_place_make, journal_place_remove),
        cmocka_unit_test_setup_teardown(read_as_it_was, journal_place_make, journal_place_remove),
        cmocka_unit_test_setup_teardown(lists, journal_place_make, journal_place_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
