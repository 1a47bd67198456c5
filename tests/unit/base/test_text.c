#include "rig/base/diag.h"
#include "rig/base/text.h"
#include "rig/base/width.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static void test_utf8(void **state)
{
    static const char *const good[] = {"",       "abc",        "\u00e9",
                                       "\u20ac", "\U0001F600", "\xF4\x8F\xBF\xBF"};
    static const struct {
        const char *text;
        size_t at;
    } bad[] = {
        {"a\xFF", 1},
        {"\xC0\x80", 0},
        {"\xC1\xBF", 0},
        {"\xE0\x80\x80", 0},
        {"\xED\xA0\x80", 0},
        {"\xF0\x80\x80\x80", 0},
        {"\xF4\x90\x80\x80", 0},
        {"ab\xE2\x82", 2},
        {"\x80", 0},
        {"\xF8\x88\x80\x80\x80", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(text_is_utf8(good[i], strlen(good[i]), NULL));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t at = 99;
        assert_false(text_is_utf8(bad[i].text, strlen(bad[i].text), &at));
        assert_int_equal(at, bad[i].at);
    }
}

static void test_printable(void **state)
{
    char out[256];
    (void)state;
    assert_string_equal(text_printable(out, sizeof(out), "a\x1b[31mb"), "a\\x1B[31mb");
    assert_string_equal(text_printable(out, sizeof(out), "a\nb\tc\x7f"), "a\\x0Ab\\x09c\\x7F");
    assert_string_equal(text_printable(out, sizeof(out), "\xC2\x9B"), "\\x9B");
    assert_string_equal(text_printable(out, sizeof(out), "x\u202Ey"), "x\\u{202E}y");
    assert_string_equal(text_printable(out, sizeof(out), "x\u2066y\uFEFF"), "x\\u{2066}y\\u{FEFF}");
    assert_string_equal(text_printable(out, sizeof(out), "\u200Bz"), "\\u{200B}z");
    assert_string_equal(text_printable(out, sizeof(out), "bad\xFF\xC0"), "bad\\xFF\\xC0");
    assert_string_equal(text_printable(out, sizeof(out), "\u00e9\u20ac"), "\u00e9\u20ac");
    /* Cut at a character's edge, always ended. */
    assert_string_equal(text_printable(out, 4, "ab\u20acd"), "ab");
    assert_string_equal(text_printable(out, 3, "a\x1b"), "a");
    assert_string_equal(text_printable(out, 1, "abc"), "");
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"WH-1000XM5", "WH-1000XM4", "WF-1000XM5", "LinkBuds"};
    (void)state;
    assert_string_equal(text_nearest("WH-1000MX5", words, 4), "WH-1000XM5");
    assert_string_equal(text_nearest("wh-1000xm4", words, 4), "WH-1000XM4");
    assert_string_equal(text_nearest("linkbud", words, 4), "LinkBuds");
    assert_null(text_nearest("toaster", words, 4));
    assert_null(text_nearest("", words, 4));
    static const char *const hold[] = {"hold", "for"};
    assert_string_equal(text_nearest("hodl", hold, 2), "hold");
}

static void test_diags(void **state)
{
    struct diags diags = DIAGS_INIT;
    const char *no_todo = NULL;
    char *text = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(diag_error(&diags, (struct place){"b.yaml", 9, 2}, "write `7 s`", "late"), -1);
    diag_error(&diags, (struct place){"b.yaml", 3, 7}, no_todo, "early");
    assert_int_equal(diag_warning(&diags, place_of("chip\x1b"), "do", "odd %d", 5), 0);
    diag_error(&diags, (struct place){"b.yaml", 3, 1}, no_todo, "first");
    assert_int_equal(diags.errors, 3);
    FILE *out = open_memstream(&text, &size);
    diags_print(&diags, out);
    fclose(out);
    assert_string_equal(text, "b.yaml:3:1: error: first\n"
                              "b.yaml:3:7: error: early\n"
                              "b.yaml:9:2: error: late; write `7 s`\n"
                              "chip\\x1B: warning: odd 5; do\n");
    free(text);
    diags_clear(&diags);
    for (int i = 0; i < DIAG_MAX + 7; i++) {
        diag_error(&diags, place_of("f"), NULL, "x");
    }
    assert_int_equal(diags.count, DIAG_MAX);
    assert_int_equal(diags.dropped, 7);
    assert_int_equal(diags.errors, DIAG_MAX + 7);
    diags_clear(&diags);
}

/* The same in every locale: a bench without one lays out its tables as any other. */
static void test_columns(void **state)
{
    static const struct {
        const char *text;
        int columns;
    } cases[] = {
        {"", 0},
        {"WH-1000XM5", 10},
        {"M\u00fcller", 6},
        {"Mu\u0308ller", 6},         /* a mark of its own */
        {"\u6f22\u5b57", 4},         /* wide */
        {"\uff21\uff71", 3},         /* full width, half width */
        {"\u1112\u1161\u11ab", 2},   /* one syllable of three jamo */
        {"\U0001F600", 2},           /* an emoji */
        {"\u05d0\u05b8", 1},         /* a point in the letter */
        {"\U00020000\U0003FFFD", 4}, /* where the wide ones begin and end */
        {"\u0e01\u0e34", 1},         /* a vowel above */
        {"\u0600", 1},               /* encloses the digits after it */
        {"\u2500\u2588\u00b7", 3},   /* what tables are drawn with */
        {"a\xFF\xE6\xBC", 4},        /* ill-formed: a column a byte */
        {"\U0010FFFF", 1},
    };
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "ja_JP.EUC-JP"};
    (void)state;
    for (size_t l = 0; l < sizeof(locales) / sizeof(locales[0]); l++) {
        if (!setlocale(LC_ALL, locales[l])) {
            printf("note: this machine has no locale %s\n", locales[l]);
            continue;
        }
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            if (text_columns(cases[i].text) != cases[i].columns) {
                fail_msg("case %zu, in %s: %d", i, locales[l], text_columns(cases[i].text));
            }
        }
    }
    setlocale(LC_ALL, "C");
}

/* Curses goes by the C library. Its version of Unicode need not be ours, so that they may differ
 * in a few characters (the screens show those as `?`), not in a whole script. */
static void test_widths_are_those_of_the_c_library(void **state)
{
    enum { DIFFERENT_MAX = 1000, KNOWN_MIN = 100000 };
    int different = 0;
    int known = 0;
    (void)state;
    if (!setlocale(LC_ALL, "C.UTF-8")) {
        printf("SKIP: no locale C.UTF-8: not compared with the C library's widths\n");
        return;
    }
    for (uint32_t code = 0xA0; code <= 0x10FFFF; code++) {
        int columns = wcwidth((wchar_t)code);
        known += columns >= 0;
        different += columns >= 0 && columns != width_columns(code);
    }
    setlocale(LC_ALL, "C");
    printf("note: %d of %d characters have another width in the C library\n", different, known);
    assert_true(known > KNOWN_MIN);
    assert_true(different <= DIFFERENT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_widths_are_those_of_the_c_library),
        cmocka_unit_test(test_diags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
