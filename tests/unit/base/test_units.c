#include "rig/base/units.h"
#include "tests/unit/render_led.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {
        {"7 s", 7 * NS_PER_S},
        {"7s", 7 * NS_PER_S},
        {" 7 s ", 7 * NS_PER_S},
        {"250 ms", 250 * NS_PER_MS},
        {"6.4 s", 6400 * NS_PER_MS},
        {"0.1 s", 100 * NS_PER_MS},
        {"0.000000001 s", 1},
        {"1.5 us", 1500},
        {"1.5 \u00B5s", 1500},
        {"1.5 \u03BCs", 1500},
        {"3 min", 180 * NS_PER_S},
        {"1.5 min", 90 * NS_PER_S},
        {"24 h", DURATION_MAX_NS},
        {"86400 s", DURATION_MAX_NS},
        {"86400000 ms", DURATION_MAX_NS},
        {"86400000000000 ns", DURATION_MAX_NS},
        {"0 s", 0},
        {"1.0000000000 s", NS_PER_S},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t ns = -1;
        const char *wrong = units_duration_parse(good[i].text, &ns);
        if (wrong) {
            fail_msg("`%s` %s", good[i].text, wrong);
        }
        assert_int_equal(ns, good[i].ns);
    }
}

static void test_no_durations(void **state)
{
    static const struct {
        const char *text;
        const char *wrong;
    } bad[] = {
        {"7", "has no unit"},
        {"-1 s", "is negative"},
        {"1e30 s", "is not a plain decimal number"},
        {"0x10 s", "is not a plain decimal number"},
        {"1,5 s", "is not a plain decimal number"},
        {"25 h", "is too large"},
        {"86400.000000001 s", "is too large"},
        {"99999999999999999999999999 s", "is too large"},
        {"99999999999999999999999999", "is too large"},
        {"0.0000000001 s", "has too many decimal places"},
        {"0.5 ns", "has too many decimal places"},
        {"1 fortnight", "has an unknown unit (known: ns, us, ms, s, min, h)"},
        {"1 s s", "has an unknown unit (known: ns, us, ms, s, min, h)"},
        {"nan s", "is not a duration"},
        {"inf", "is not a duration"},
        {"", "is not a duration"},
        {"s", "is not a duration"},
        {"1..2 s", "is not a number"},
        {". s", "is not a number"},
        {"+7 s", "is not a number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ns = -1;
        const char *wrong = units_duration_parse(bad[i].text, &ns);
        if (!wrong) {
            fail_msg("`%s` was taken", bad[i].text);
        }
        assert_string_equal(wrong, bad[i].wrong);
        assert_int_equal(ns, -1);
    }
}

static void test_format(void **state)
{
    char out[DURATION_TEXT_MAX];
    (void)state;
    assert_string_equal(units_duration_format(out, 0), "0 s");
    assert_string_equal(units_duration_format(out, 7 * NS_PER_S), "7 s");
    assert_string_equal(units_duration_format(out, 6400 * NS_PER_MS), "6.4 s");
    assert_string_equal(units_duration_format(out, 20006 * NS_PER_MS), "20.006 s");
    assert_string_equal(units_duration_format(out, 250 * NS_PER_MS), "250 ms");
    assert_string_equal(units_duration_format(out, 180 * NS_PER_S), "3 min");
    assert_string_equal(units_duration_format(out, 90 * NS_PER_S), "90 s");
    assert_string_equal(units_duration_format(out, -1500 * NS_PER_US), "-1.5 ms");
    assert_string_equal(units_duration_format(out, 1), "1 ns");
    assert_string_equal(units_duration_format(out, INT64_MIN), "-9223372036.854775808 s");
}

/* Whatever is printed reads back as the same, to the nanosecond. */
static void test_round_trip(void **state)
{
    struct random random = {random_seed(1)};
    (void)state;
    for (int i = 0; i < 10000; i++) {
        static const int64_t grains[] = {1, NS_PER_US, NS_PER_MS, NS_PER_S, 60 * NS_PER_S};
        int64_t grain = grains[random_in(&random, 0, 4)];
        int64_t ns = random_in(&random, 0, DURATION_MAX_NS / grain) * grain;
        int64_t again = -1;
        char out[DURATION_TEXT_MAX];
        assert_null(units_duration_parse(units_duration_format(out, ns), &again));
        assert_int_equal(again, ns);
    }
}

static void test_percent(void **state)
{
    int x100 = -1;
    (void)state;
    assert_null(units_percent_parse("20 %", &x100));
    assert_int_equal(x100, 2000);
    assert_null(units_percent_parse("12.5%", &x100));
    assert_int_equal(x100, 1250);
    assert_null(units_percent_parse("100 %", &x100));
    assert_int_equal(x100, 10000);
    assert_string_equal(units_percent_parse("20", &x100), "has no percent sign");
    assert_string_equal(units_percent_parse("101 %", &x100), "is more than 100 %");
    assert_string_equal(units_percent_parse("-1 %", &x100), "is negative");
    assert_string_equal(units_percent_parse("20 % x", &x100), "is not a percentage");
    assert_string_equal(units_percent_parse("1e2 %", &x100), "is not a plain decimal number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations), cmocka_unit_test(test_no_durations),
        cmocka_unit_test(test_format),    cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
