/*
 * Captures: the dialects that tools write, what is wrong with bad ones, and our own read back.
 */
#include "rig/base/units.h"
#include "rig/format/vcd.h"
#include "tests/unit/parts.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char wanted[] = "name it led_r";

/* What was read, as "LETTER TIME LEVEL;": R G B L by signal. */
struct heard {
    FILE *out;
    size_t changes;
    int64_t last_ns;
};

static int select_led(void *context, const char *name)
{
    static const char *const names[] = {"led_r", "led_g", "led_b", "led", "Channel 0"};
    (void)context;
    for (int i = 0; i < 5; i++) {
        if (strcmp(name, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static void hear(void *context, int index, int64_t time_ns, bool level)
{
    struct heard *heard = context;
    assert_true(time_ns >= heard->last_ns);
    heard->last_ns = time_ns;
    heard->changes++;
    if (heard->out) {
        fprintf(heard->out, "%c %" PRId64 " %d;", "RGBLC"[index], time_ns, level);
    }
}

/* What was heard, or the errors. To be freed. */
static char *read_bytes(const char *bytes, size_t length)
{
    char *text = NULL;
    size_t size = 0;
    struct diags diags = DIAGS_INIT;
    struct heard heard = {.out = open_memstream(&text, &size)};
    struct vcd_reader reader = {&heard, wanted, select_led, hear, NULL};
    int64_t start_ns = 0;
    int64_t end_ns = 0;
    FILE *in = fmemopen((void *)bytes, length, "r");

    assert_non_null(in);
    assert_non_null(heard.out);
    int failed = vcd_read_stream(&diags, "c.vcd", in, &reader, &start_ns, &end_ns);
    fclose(in);
    fprintf(heard.out, " %" PRId64 "..%" PRId64, start_ns, end_ns);
    assert_int_equal(fclose(heard.out), 0);
    assert_int_equal(failed != 0, diags.errors > 0);
    if (failed) {
        free(text);
        text = diags_text(&diags);
        text[strcspn(text, "\n")] = '\0';
    }
    diags_clear(&diags);
    return text;
}

static void check(const char *capture, const char *expected)
{
    char *got = read_bytes(capture, strlen(capture));
    assert_string_equal(got, expected);
    free(got);
}

#define HEAD "$timescale 1 ns $end $var wire 1 ! led_r $end $enddefinitions $end\n"

static void test_pulseview(void **state)
{
    (void)state;
    check("$date Tue Nov 24 15:00:00 2026 $end\n"
          "$version libsigrok 0.5.2 $end\n"
          "$comment\n  Acquisition with 3/8 channels at 1 MHz\n$end\n"
          "$timescale 1 ns $end\n"
          "$scope module libsigrok $end\n"
          "$var wire 1 ! led_r $end\n"
          "$var wire 1 \" led_g $end\n"
          "$var wire 1 # D2 $end\n"
          "$upscope $end\n"
          "$enddefinitions $end\n"
          "#0 1! 0\" 1#\n"
          "#1000 0! 1\"\n"
          "#2000 0#\n"
          "#3000\n",
          "R 0 1;G 0 0;R 1000 0;G 1000 1; 0..3000");
}

static void test_sigrok_cli(void **state)
{
    (void)state;
    check("META samplerate: 1000000\n" HEAD "#0 1!\n#7 0!\n", "R 0 1;R 7 0; 0..7");
}

static void test_gtkwave(void **state)
{
    (void)state;
    check("$date\n\tToday\n$end\n$timescale\n\t10us\n$end\n"
          "$scope module top $end\n"
          "$attrbegin misc 07 x 2 $end\n"
          "$var reg 8 bus! bus [7:0] $end\n"
          "$var real 64 r led_g $end\n"
          "$var wire 1 ab led_b [0] $end\n"
          "$scope module sub $end\n"
          "$var wire 1 ab led_b $end\n"
          "$var wire 1 cd \\led_r[0] $end\n"
          "$upscope $end $upscope $end\n"
          "$enddefinitions $end\n"
          "$dumpvars\nbxxxxxxxx bus!\nr1.5 r\nxab\nzcd\n$end\n"
          "#3\n1ab\nb1 cd\n"
          "#4\n$comment 0ab $end\nb0000 bus!\nr2 r\nxab\nsTEXT r\n"
          "#5\nb00 cd\n$dumpoff\nxab\nxcd\n$end\n"
          "#6\n",
          "R 30000 1;B 30000 1;B 40000 0;R 50000 0; 30000..60000");
}

static void test_saleae(void **state)
{
    (void)state;
    check("$timescale 100 ps $end\r\n$scope module logic $end\r\n"
          "$var wire 1 0 Channel 0 $end\r\n$upscope $end\r\n$enddefinitions $end\r\n"
          "#0\r\n$dumpvars\r\n10\r\n$end\r\n#25\r\n00\r\n#39\r\n10\r\n",
          "C 0 1;C 2 0;C 3 1; 0..3");
}

static void test_scales(void **state)
{
    static const struct {
        const char *scale;
        int64_t ns;
    } cases[] = {
        {"1 fs", 0},
        {"100fs", 7},
        {"1 ps", 70},
        {"10 ps", 700},
        {"100 ps", 7000},
        {"1 ns", 70000},
        {"0.1 ps", 7},
        {"0.5ns", 35000},
        {"244 ns", 17080000},
        {"1000 ns", 70000000},
        {"2.5 us", 175000000},
        {"10 ns", 700000},
        {"1us", 70000000},
        {"100 us", 7000000000},
        {"1ms", 70000000000},
        {"10 ms", 700000000000},
        {"1 s", 70000000000000},
        {"100 s", 7000000000000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char capture[256];
        char expected[128];
        snprintf(capture, sizeof(capture),
                 "$timescale %s $end $var wire 1 ! led $end $enddefinitions $end\n#70000 1!\n",
                 cases[i].scale);
        snprintf(expected, sizeof(expected), "L %" PRId64 " 1; %" PRId64 "..%" PRId64, cases[i].ns,
                 cases[i].ns, cases[i].ns);
        check(capture, expected);
    }
}

static void test_first_values(void **state)
{
    (void)state;
    /* The last value at the first instant counts, told before it or at it; silence is dark. */
    check(HEAD "1!\n#5 0! 1!\n#5\n#6 1!\n#7 0!\n", "R 5 1;R 7 0; 5..7");
    check(HEAD "#5\n#9 1!\n", "R 5 0;R 9 1; 5..9");
    check(HEAD "#5\n", "R 5 0; 5..5");
}

static void test_bad(void **state)
{
    static const struct {
        const char *capture;
        const char *expected;
    } cases[] = {
        {"\n", "c.vcd:2:1: error: the capture ends before its $enddefinitions; use a value change "
               "dump (VCD), as PulseView and GTKWave write it"},
        {"model: x\n", "c.vcd:1:1: error: `model:` before $enddefinitions is not a definition; use "
                       "a value change dump (VCD), as PulseView and GTKWave write it"},
        {"$date x\n", "c.vcd:1:1: error: the section that begins here has no $end; save the "
                      "capture again"},
        {"$timescale 1 ns $end $enddefinitions $end\n#0\n",
         "c.vcd: error: has no signals; name it led_r"},
        {"$timescale 1 ns $end\n$var wire 1 ! D0 $end\n$var wire 8 \" led_r $end\n"
         "$enddefinitions $end\n#0 1!\n",
         "c.vcd: error: has none of the expected signals; it has D0, led_r (not one bit); name "
         "it led_r"},
        {"$var wire 1 ! led_r $end $enddefinitions $end\n#0 1!\n",
         "c.vcd: error: has no $timescale; add one, such as `$timescale 1 ns $end`"},
        {"$timescale 3 weeks $end\n", "c.vcd:1:1: error: $timescale `3weeks` is not a unit of "
                                      "time; write it as a number and one of s ms us ns ps fs"},
        {"$timescale 99999999999999999999 ns $end\n",
         "c.vcd:1:1: error: $timescale `99999999999999999999ns` is not a unit of time; write it as "
         "a "
         "number and one of s ms us ns ps fs"},
        {"$var wire one ! led_r $end\n",
         "c.vcd:1:11: error: `one` is not a number of bits; save the capture again"},
        {"$var wire 1 ! $end\n", "c.vcd:1:1: error: a signal has no name; save the capture again"},
        {"$var wire 1 !\n", "c.vcd:2:1: error: ends within $var; save the capture again"},
        {"$var wire 1 ! led_r $end\n$var wire 1 \" led_r $end\n",
         "c.vcd:2:1: error: the capture has two signals named `led_r`; "
         "leave one of them, or rename the other"},
        {HEAD, "c.vcd:2:1: error: the capture ends before its first time stamp; save the capture "
               "again"},
        {HEAD "1!\n", "c.vcd:3:1: error: the capture ends before its first time stamp; save the "
                      "capture again"},
        {HEAD "#10 1!\n#9 0!\n",
         "c.vcd:3:1: error: time goes backwards by 1 ns; save the capture again"},
        {HEAD "#-1\n", "c.vcd:2:1: error: `#-1` is not a time stamp; save the capture again"},
        {HEAD "#\n", "c.vcd:2:1: error: `#` is not a time stamp; save the capture again"},
        {HEAD "#99999999999999999999\n", "c.vcd:2:1: error: time stamp `#99999999999999999999` is "
                                         "too large; check the capture's $timescale"},
        {HEAD "#8640000000000001\n", "c.vcd:2:1: error: time stamp `#8640000000000001` is too "
                                     "large; check the capture's $timescale"},
        {HEAD "#0 1\n", "c.vcd:2:4: error: a value has no signal; save the capture again"},
        {HEAD "#0 b1\n", "c.vcd:3:1: error: ends within a value; save the capture again"},
        {HEAD "#0 on!\n", "c.vcd:2:4: error: `on!` is not a value change; save the capture again"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(cases[i].capture, cases[i].expected);
    }
}

static void test_nul(void **state)
{
    static const char capture[] = HEAD "#0 1!\n\0#1 0!\n";
    static const char within[] = HEAD "#0 1!\n#1\0 0!\n";
    (void)state;
    char *got = read_bytes(capture, sizeof(capture) - 1);
    assert_string_equal(
        got,
        "c.vcd:3:1: error: is not text: it contains a NUL byte; use a value change dump (VCD)");
    free(got);
    got = read_bytes(within, sizeof(within) - 1);
    assert_string_equal(
        got,
        "c.vcd:3:3: error: is not text: it contains a NUL byte; use a value change dump (VCD)");
    free(got);
}

static void test_missing_file(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct heard heard = {0};
    struct vcd_reader reader = {&heard, wanted, select_led, hear, NULL};
    int64_t start_ns;
    int64_t end_ns;
    (void)state;
    assert_int_equal(vcd_read(&diags, "no such.vcd", &reader, &start_ns, &end_ns), -1);
    char *text = diags_text(&diags);
    assert_string_equal(
        text,
        "no such.vcd: error: cannot be read: No such file or directory; name a readable capture\n");
    free(text);
    assert_int_equal(vcd_read(&diags, "rig", &reader, &start_ns, &end_ns), -1);
    text = diags_text(&diags);
    assert_string_equal(text, "rig: error: cannot be read: Is a directory\n");
    free(text);
}

/* Every cut of a good capture gives an error, or what came before it and no more. */
static void test_every_cut(void **state)
{
    static const char capture[] = "$timescale 1 ns $end\n$var wire 1 ! led_r $end\n"
                                  "$enddefinitions $end\n#0 1!\n#1000 0!\n#2000 1!\n";
    static const char changes[] = "R 0 1;R 1000 0;R 2000 1;";
    size_t good = 0;
    (void)state;
    for (size_t length = 1; length < sizeof(capture) - 1; length++) {
        char *got = read_bytes(capture, length);
        if (!strstr(got, "error: ")) {
            *strrchr(got, ' ') = '\0'; /* the first time stamp and the last */
            /* Silence is dark. */
            if (strncmp(changes, got, strlen(got)) != 0 && strcmp(got, "R 0 0;") != 0) {
                fail_msg("cut at %zu: %s", length, got);
            }
            good++;
        }
        free(got);
    }
    assert_int_equal(good, 14);
}

static void test_no_newline_at_the_end(void **state)
{
    (void)state;
    check(HEAD "#0 1!\n#10 0!", "R 0 1;R 10 0; 0..10");
    check(HEAD "#0 1!\n#10 0!\n#3000000000", "R 0 1;R 10 0; 0..3000000000");
    check(HEAD "#0 1!\n#10 0", "c.vcd:3:5: error: a value has no signal; save the capture again");
}

/* A long stretch of `text`, `size` bytes in all, behind `head`. To be freed. */
static char *repeat(const char *head, const char *text, size_t size)
{
    size_t head_length = strlen(head);
    size_t length = strlen(text);
    char *all = malloc(size + 1);
    assert_non_null(all);
    memcpy(all, head, head_length);
    for (size_t at = head_length; at < size; at++) {
        all[at] = text[(at - head_length) % length];
    }
    all[size] = '\0';
    return all;
}

static void test_absurd(void **state)
{
    enum { TEN_MB = 10 * 1000 * 1000 };
    static const struct {
        const char *head;
        const char *text;
    } cases[] = {
        {"", "a"},
        {"", "$"},
        {"", " "},
        {"", "\n"},
        {"$date ", "x "},
        {"$var wire 1 ! ", "led_r "},
        {"$var wire 1 ! ", "["},
        {"$var wire 1 ", "!"},
        {"$timescale ", "1"},
        {"$timescale ", "1 "},
        {"", "$var wire 1 ! led_r $end "},
        {"", "$var wire 1 ! D $end\n"},
        {"", "$scope module a $end "},
        {HEAD "#0 ", "1"},
        {HEAD "#0 ", "b"},
        {HEAD "#", "0"},
        {HEAD "#", "9"},
        {HEAD "#0\n", "0! 1! "},
        {HEAD "#0\n", "b1 "},
        {HEAD "#0\n", "#"},
        {HEAD "#0\n", "$dumpvars "},
        {HEAD "#0\n", "\xff\xfe"},
    };
    /* A run with fewer cases is a slow one, under valgrind. */
    size_t size = getenv("LONGPRESS_CASES") ? TEN_MB / 100 : TEN_MB;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *capture = repeat(cases[i].head, cases[i].text, size);
        clock_t before = clock();
        char *got = read_bytes(capture, size);
        assert_true(clock() - before < CLOCKS_PER_SEC);
        assert_true(strlen(got) < 1000);
        free(got);
        free(capture);
    }
}

/* Wherever a block ends, a token that crosses it is read as one that does not. */
static void test_block_ends(void **state)
{
    (void)state;
    for (size_t pad = 65536 - 120; pad < 65536 + 10; pad++) {
        char *capture = repeat("$comment ", "x", pad + 200);
        size_t used = pad;
        used += (size_t)sprintf(capture + used, " $end\n" HEAD "#1 1!\n#22 0!\n#333 1!\n");
        char *got = read_bytes(capture, used);
        assert_string_equal(got, "R 1 1;R 22 0;R 333 1; 1..333");
        free(got);
        free(capture);
    }
}

/* ---- writing ------------------------------------------------------------------------------ */

static void test_write(void **state)
{
    static const char *const names[] = {"press_power", "led r", "\xc3\xa4"};
    struct vcd_writer writer;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    assert_non_null(out);
    vcd_write_begin(&writer, out, names, 3, INT64_C(1795532400) * NS_PER_S, 1);
    vcd_write_change(&writer, 0, 0, false);
    vcd_write_change(&writer, 0, 1, true);
    vcd_write_change(&writer, 10, 0, true);
    vcd_write_change(&writer, 10, 1, true);
    vcd_write_change(&writer, 10, 2, true);
    vcd_write_change(&writer, 25, 0, false);
    assert_int_equal(vcd_write_end(&writer, 30), 0);
    fclose(out);
    assert_string_equal(text, "$date 2026-11-24T15:00:00Z $end\n"
                              "$version longpress $end\n"
                              "$comment levels are logical: 1 is lit, pressed, active $end\n"
                              "$timescale 1 ns $end\n"
                              "$scope module longpress $end\n"
                              "$var wire 1 ! press_power $end\n"
                              "$var wire 1 \" led_r $end\n"
                              "$var wire 1 # __ $end\n"
                              "$upscope $end\n"
                              "$enddefinitions $end\n"
                              "#0\n0!\n1\"\n#10\n1!\n1#\n#25\n0!\n#30\n");
    check(text, "R 0 1; 0..30");
    free(text);
}

static int select_numbered(void *context, const char *name)
{
    (void)context;
    return (int)strtol(name + 1, NULL, 10);
}

static void count_change(void *context, int index, int64_t time_ns, bool level)
{
    size_t *counts = context;
    counts[index]++;
    assert_true(time_ns == 0 ? !level : time_ns == index + 1 && level);
}

/* As many signals as there can be: each has an identifier of its own. */
static void test_write_many(void **state)
{
    static char names[VCD_SIGNALS_MAX][8];
    const char *list[VCD_SIGNALS_MAX];
    size_t counts[VCD_SIGNALS_MAX] = {0};
    struct vcd_writer writer;
    struct diags diags = DIAGS_INIT;
    struct vcd_reader reader = {counts, wanted, select_numbered, count_change, NULL};
    int64_t start_ns;
    int64_t end_ns;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    assert_non_null(out);
    for (int i = 0; i < VCD_SIGNALS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "s%d", i);
        list[i] = names[i];
    }
    vcd_write_begin(&writer, out, list, VCD_SIGNALS_MAX, 0, 1);
    for (size_t i = 0; i < VCD_SIGNALS_MAX; i++) {
        vcd_write_change(&writer, 0, i, false);
    }
    for (size_t i = 0; i < VCD_SIGNALS_MAX; i++) {
        vcd_write_change(&writer, (int64_t)i + 1, i, true);
    }
    assert_int_equal(vcd_write_end(&writer, VCD_SIGNALS_MAX), 0);
    fclose(out);
    FILE *in = fmemopen(text, size, "r");
    assert_non_null(in);
    assert_int_equal(vcd_read_stream(&diags, "c.vcd", in, &reader, &start_ns, &end_ns), 0);
    fclose(in);
    for (size_t i = 0; i < VCD_SIGNALS_MAX; i++) {
        assert_int_equal(counts[i], 2);
    }
    free(text);
}

static void test_write_fails(void **state)
{
    static const char *const names[] = {"led"};
    struct vcd_writer writer;
    FILE *out = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(out);
    vcd_write_begin(&writer, out, names, 1, 0, 1);
    vcd_write_change(&writer, 0, 0, false);
    assert_int_equal(vcd_write_end(&writer, 1), -1);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pulseview),    cmocka_unit_test(test_sigrok_cli),
        cmocka_unit_test(test_gtkwave),      cmocka_unit_test(test_saleae),
        cmocka_unit_test(test_scales),       cmocka_unit_test(test_first_values),
        cmocka_unit_test(test_bad),          cmocka_unit_test(test_nul),
        cmocka_unit_test(test_missing_file), cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_absurd),       cmocka_unit_test(test_no_newline_at_the_end),
        cmocka_unit_test(test_block_ends),   cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_many),   cmocka_unit_test(test_write_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
