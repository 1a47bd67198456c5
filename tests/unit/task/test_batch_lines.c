/*
 * The lines of a batch and its journal: the line of a verdict is told once the journal has it, or
 * says that it cannot, or was waited for long enough; the order stays.
 */
#include "rig/base/units.h"
#include "tests/unit/journal_place.h"
#include "tui/task/batch_task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The clock is played: no test waits. */
static int64_t now_ns;

int64_t batch_task_now_ns(void)
{
    return now_ns;
}

/* ---- what is told --------------------------------------------------------------------------- */

static struct headless headless;
static struct line_queue out;
static int told_fd;

static void set_up(const char *journal)
{
    char path[] = "/tmp/longpress-lines-XXXXXX";
    struct diags diags = DIAGS_INIT;
    told_fd = mkstemp(path);
    assert_true(told_fd >= 0);
    unlink(path);
    line_queue_open(&out, told_fd);
    now_ns = 100 * NS_PER_S;
    headless = (struct headless){.out = &out, .err = &out};
    headless.setup.journal = journal ? journal_open_or_spool(&diags, journal) : NULL;
    diags_clear(&diags);
}

static int64_t begin_run(const struct journal_place *at)
{
    int64_t handle = journal_begin(headless.setup.journal, &at->kept);
    journal_wait_begun(headless.setup.journal, handle, JOURNAL_WAIT_MS);
    return handle;
}

static void expect_told(const char *expected)
{
    char told[1024] = "";
    line_queue_pump(&out);
    ssize_t length = pread(told_fd, told, sizeof(told) - 1, 0);
    assert_true(length >= 0);
    assert_string_equal(told, expected);
}

static void tear_down(void)
{
    batch_lines_end(&headless);
    if (headless.setup.journal) {
        journal_close(headless.setup.journal);
    }
    line_queue_close(&out, -1);
    close(told_fd);
}

static void waits_for_the_commit(void **state)
{
    const struct journal_place *at = *state;
    set_up(at->path);
    int64_t run = begin_run(at);
    batch_lines_put(&headless, false, "first");
    batch_lines_put_run(&headless, run, 1, "A  U1  PASS", "");
    batch_lines_put(&headless, false, "take it out");
    expect_told("first\n");
    assert_int_equal(batch_lines_due_ns(&headless), 105 * NS_PER_S);
    batch_lines_flush(&headless);
    expect_told("first\n");
    journal_finish(headless.setup.journal, run, at->kept.record);
    assert_int_equal(journal_wait_finished(headless.setup.journal, run, JOURNAL_WAIT_MS), 1);
    batch_lines_flush(&headless);
    expect_told("first\nA  U1  PASS, run 1\ntake it out\n");
    assert_int_equal(batch_lines_due_ns(&headless), INT64_MAX);
    tear_down();
}

static void does_not_wait_for_ever(void **state)
{
    const struct journal_place *at = *state;
    set_up(at->path);
    batch_lines_put_run(&headless, begin_run(at), 1, "PASS", ": why");
    now_ns += 5 * NS_PER_S - 1;
    batch_lines_flush(&headless);
    expect_told("");
    now_ns++;
    batch_lines_flush(&headless);
    expect_told("PASS, run 1 (its verdict is not in the journal): why\n");
    tear_down();
}

static void tells_what_cannot_be_kept(void **state)
{
    const struct journal_place *at = *state;
    set_up(at->folder); /* no file */
    int64_t run = begin_run(at);
    journal_finish(headless.setup.journal, run, at->kept.record);
    journal_wait_finished(headless.setup.journal, run, JOURNAL_WAIT_MS);
    batch_lines_put_run(&headless, run, 0, "PASS", "");
    expect_told("PASS, not in the journal\n");
    tear_down();
}

/* Without a journal there is nothing to wait for. */
static void needs_no_journal(void **state)
{
    (void)state;
    set_up(NULL);
    batch_lines_put_run(&headless, 0, 0, "PASS", "");
    expect_told("PASS\n");
    tear_down();
}

/* At the end the journal is waited for once more. */
static void ends(void **state)
{
    const struct journal_place *at = *state;
    set_up(at->path);
    int64_t first = begin_run(at);
    int64_t second = begin_run(at);
    batch_lines_put_run(&headless, first, 1, "FAIL", ": why");
    batch_lines_put_run(&headless, second, 2, "PASS", "");
    journal_finish(headless.setup.journal, first, at->kept.record);
    journal_finish(headless.setup.journal, second, at->kept.record);
    batch_lines_end(&headless);
    expect_told("FAIL, run 1: why\nPASS, run 2\n");
    tear_down();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waits_for_the_commit),
        TEST(does_not_wait_for_ever),
        TEST(tells_what_cannot_be_kept),
        TEST(needs_no_journal),
        TEST(ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
