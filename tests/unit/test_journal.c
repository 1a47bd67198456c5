/*
 * The journal: what was handed over is what is read; files that cannot be written to; several who
 * write.
 */
#include "rig/journal.h"
#include "rig/journal_internal.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_and_seen, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
