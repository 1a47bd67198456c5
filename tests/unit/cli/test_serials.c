/* Serial numbers from a file, and lines to an output that does not take them. */
#include "tests/unit/parts.h"
#include "tui/cli/serials.h"
#include "tui/term/line_queue.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct serials_rules plain = {.model = NULL};

/* Read `text` as standard input, which is a file here. The numbers joined by spaces, with their
 * addresses, or the errors.
 * To be freed. */
static char *read_text(const char *text, size_t length)
{
    struct serials serials;
    struct diags diags = DIAGS_INIT;
    bool signalled;
    char *joined = NULL;
    size_t size;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    rewind(file);
    assert_int_equal(dup2(fileno(file), STDIN_FILENO), STDIN_FILENO);
    int result = serials_read(&serials, &diags, "-", &plain, -1, &signalled);
    fclose(file);
    assert_false(signalled);
    if (result != 0) {
        serials_free(&serials);
        return diags_text(&diags);
    }
    FILE *out = open_memstream(&joined, &size);
    for (size_t i = 0; i < serials.count; i++) {
        const char *address = serials_address(&serials, serials.items[i]);
        fprintf(out, "%s%s%s%s", i ? " " : "", serials.items[i], address ? "@" : "",
                address ? address : "");
    }
    fclose(out);
    for (size_t i = 0; i < diags.count; i++) {
        assert_int_equal(diags.items[i].level, DIAG_WARNING);
    }
    diags_clear(&diags);
    serials_free(&serials);
    return joined;
}

#define expect_read(text, expected)                                                                \
    do {                                                                                           \
        char *got = read_text(text, sizeof(text) - 1);                                             \
        assert_string_equal(got, expected);                                                        \
        free(got);                                                                                 \
    } while (0)

#define NO_SERIAL(place, why)                                                                      \
    "standard input:" place ": error: " why "; one serial number a line, UTF-8, at most 63 "       \
    "bytes\n"

static void test_files(void **state)
{
    (void)state;
    expect_read("A\nB\n", "A B");
    expect_read("A\r\n\tB b \r\n\r\n   \n# no\n  # no\nC", "A B b C");
    expect_read("\xEF\xBB\xBF"
                "A\nB\n",
                "A B");
    expect_read("B\nA\nB\nA\nB", "B A");
    expect_read("A\rB\r\nC\n\rD\r\r", "A B C D");
    expect_read("A\x1b[2J\n", NO_SERIAL("1:2", "contains a control character, U+001B"));
    expect_read("A\nB\xff\nC\n", NO_SERIAL("2:2", "contains byte FF, which is not UTF-8"));
    expect_read("]C1A\t\n]d2\035B\035\n", "A B");
    expect_read("serial\tmodel\nA\t\n\tX\n",
                "standard input:3:1: error: is not a serial number; one "
                "serial number a line, UTF-8, at most 63 bytes\n");
    expect_read("A\nB\0C\n", "standard input:2:1: error: contains a NUL byte; write one serial "
                             "number per line, UTF-8, at most 63 bytes\n");
    expect_read(
        "", "standard input: error: contains no serial number; write one serial number per line\n");
    expect_read(
        "#\n\n",
        "standard input: error: contains no serial number; write one serial number per line\n");
}

static void test_many(void **state)
{
    (void)state;
    char *text = malloc((size_t)(BATCH_UNITS_MAX + 1) * 8);
    size_t length = 0;
    for (int i = 0; i < BATCH_UNITS_MAX; i++) {
        length += (size_t)sprintf(text + length, "U%05d\n", i);
    }
    char *got = read_text(text, length);
    assert_int_equal(strlen(got), length - 1);
    free(got);
    length += (size_t)sprintf(text + length, "more\n");
    got = read_text(text, length);
    assert_non_null(strstr(got, "10001:1: error: one batch takes at most 10000 serial numbers"));
    free(got);
    free(text);
}

static void test_signal_while_it_waits(void **state)
{
    (void)state;
    struct serials serials;
    struct diags diags = DIAGS_INIT;
    bool signalled = false;
    int input[2];
    int signals[2];
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(signals), 0);
    assert_int_equal(dup2(input[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(write(signals[1], "x", 1), 1);
    assert_int_equal(serials_read(&serials, &diags, "-", &plain, signals[0], &signalled), -1);
    assert_true(signalled);
    assert_int_equal(diags.count, 0);
    for (int i = 0; i < 2; i++) {
        close(input[i]);
        close(signals[i]);
    }
}

static void test_not_there(void **state)
{
    (void)state;
    struct serials serials;
    struct diags diags = DIAGS_INIT;
    bool signalled;
    assert_int_equal(serials_read(&serials, &diags, "/nowhere", &plain, -1, &signalled), -1);
    char *text = diags_text(&diags);
    assert_string_equal(text, "/nowhere: error: cannot be read: No such file or directory; give "
                              "--serials a file, or `-`\n");
    free(text);
    assert_int_equal(serials_read(&serials, &diags, "/tmp", &plain, -1, &signalled), -1);
    text = diags_text(&diags);
    assert_non_null(strstr(text, "/tmp: error: cannot be read: Is a directory"));
    free(text);
}

/* Nobody reads: lines are kept; then somebody does, and gets all of them. */
static void test_full_pipe(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    struct line_queue line_queue;
    int ends[2];
    size_t got = 0;
    static char text[LINES * 16];
    assert_int_equal(pipe(ends), 0);
    line_queue_open(&line_queue, ends[1]);
    assert_false(line_queue.terminal);
    line_queue_foot(&line_queue, "no foot in a pipe");
    for (int i = 0; i < LINES; i++) {
        line_queue_line(&line_queue, "line %05d", i);
    }
    assert_true(line_queue_waits(&line_queue));
    /* The description that others share is left as it was. */
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    while (line_queue_waits(&line_queue)) {
        ssize_t count = read(ends[0], text + got, sizeof(text) - got);
        assert_true(count > 0);
        got += (size_t)count;
        line_queue_pump(&line_queue);
    }
    line_queue_close(&line_queue, -1);
    close(ends[1]);
    for (ssize_t count; (count = read(ends[0], text + got, sizeof(text) - got)) > 0;) {
        got += (size_t)count;
    }
    close(ends[0]);
    assert_int_equal(got, LINES * 11);
    for (int i = 0; i < LINES; i++) {
        char line[16];
        snprintf(line, sizeof(line), "line %05d\n", i);
        assert_memory_equal(text + (size_t)i * 11, line, 11);
    }
}

static void test_reader_gone(void **state)
{
    (void)state;
    struct line_queue line_queue;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    line_queue_open(&line_queue, ends[1]);
    close(ends[0]);
    line_queue_line(&line_queue, "for nobody");
    assert_false(line_queue_waits(&line_queue));
    line_queue_line(&line_queue, "nor this");
    line_queue_close(&line_queue, -1);
    close(ends[1]);
}

static void test_full_for_good(void **state)
{
    (void)state;
    struct line_queue line_queue;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    line_queue_open(&line_queue, ends[1]);
    for (int i = 0; i < 20000; i++) {
        line_queue_line(&line_queue, "line");
    }
    line_queue_close(&line_queue, 20); /* gives up */
    assert_false(line_queue_waits(&line_queue));
    close(ends[0]);
    close(ends[1]);
}

/* Addresses of units that their owners have renamed. */
static void test_addresses(void **state)
{
    (void)state;
    expect_read("serial,address\nA,14:3f:a6:01:02:03\nB,\nC\n\"D\",14:3F:A6:01:02:04\n",
                "A@14:3F:A6:01:02:03 B C D@14:3F:A6:01:02:04");
    expect_read("Bluetooth address;SN\n14:3F:A6:01:02:03;a\n;A\n", "a@14:3F:A6:01:02:03");
    expect_read("serial,address\nA,\na,14:3F:A6:01:02:03\n", "A@14:3F:A6:01:02:03");
    expect_read(
        "serial,address\nA,14:3F:A6:01:02\n",
        "standard input:2:3: error: `14:3F:A6:01:02` is not a Bluetooth address; write it like "
        "14:3F:A6:01:02:03, or leave it empty\n");
    expect_read("serial,address\nA,14:3F:A6:01:02:03\nA,14:3F:A6:01:02:04\n",
                "standard input:3:1: error: `A` has address 14:3F:A6:01:02:04 here and "
                "14:3F:A6:01:02:03 in line 2; write the right one\n");
    expect_read("serial,address\nA,14:3F:A6:01:02:03\nB,14:3F:A6:01:02:04\nC,14:3f:a6:01:02:03\n",
                "standard input:4:1: error: `C` has address 14:3F:A6:01:02:03, but so has `A` in "
                "line 2; write the right one\n");
}

/* Which of two columns is meant is nobody's guess. */
static void test_columns_twice(void **state)
{
    (void)state;
    expect_read("serial,SN\n1,2\n", "standard input:1:1: error: has more than one column named "
                                    "`serial`; keep only the right one\n");
    expect_read("serial,address,bd_addr\n1,,\n",
                "standard input:1:1: error: has more than one column named `address`; keep only "
                "the right one\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),     cmocka_unit_test(test_columns_twice),
        cmocka_unit_test(test_files),         cmocka_unit_test(test_many),
        cmocka_unit_test(test_not_there),     cmocka_unit_test(test_signal_while_it_waits),
        cmocka_unit_test(test_full_pipe),     cmocka_unit_test(test_reader_gone),
        cmocka_unit_test(test_full_for_good),
    };
    signal(SIGPIPE, SIG_IGN); /* as main does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
