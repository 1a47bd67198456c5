/*
 * Between the runs of a series: waits of a station that is closed, which a signal ends; the name
 * under which it is kept.
 */
#include "rig/base/units.h"
#include "tui/drive/series.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t mono_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void waits_last_and_are_ended_by_signals(void **state)
{
    (void)state;
    struct console console = {.signal_fd = -1};
    struct bench_session bench_session = {.port = NULL};
    struct series series = {.bench_session = &bench_session, .console = &console};

    assert_int_equal(console_open(&console), 0);
    int64_t begin_ns = mono_ns();
    assert_true(series_wait(&series, 120 * NS_PER_MS, "cooldown"));
    assert_true(mono_ns() - begin_ns >= 120 * NS_PER_MS);
    assert_null(series.stopped);

    assert_int_equal(kill(getpid(), SIGINT), 0);
    begin_ns = mono_ns();
    assert_false(series_wait(&series, 60 * NS_PER_S, "cooldown"));
    assert_true(mono_ns() - begin_ns < 5 * NS_PER_S);
    assert_string_equal(series.stopped, "Ctrl-C");
    console_close(&console);
}

static void names_say_what_and_when(void **state)
{
    (void)state;
    static const char what[] = "settle-WH-1000XM3-2";
    static const char digits[] = "0123456789";
    char name[SERIES_NAME_MAX];

    assert_ptr_equal(series_name(name, "settle", "WH-1000XM3"), name);
    assert_memory_equal(name, what, sizeof(what) - 1);
    const char *date = name + sizeof(what) - 2;
    assert_int_equal(strspn(date, digits), 8);
    assert_int_equal(date[8], '-');
    assert_int_equal(strspn(date + 9, digits), 6);
    assert_int_equal(date[15], '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_last_and_are_ended_by_signals),
        cmocka_unit_test(names_say_what_and_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
