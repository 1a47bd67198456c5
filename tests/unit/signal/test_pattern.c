#include "rig/base/units.h"
#include "rig/signal/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_read_and_print(void **state)
{
    static const struct {
        const char *text;
        const char *canonical;
    } good[] = {
        {"blue x2, white x1", "blue x2, white x1"},
        {"Blue X2 ,white x 1", "blue x2, white x1"},
        {"blue x2 then white x1", "blue x2, white x1"},
        {"amber x3 then red solid", "amber x3 then red solid"},
        {"amber x3, red solid", "amber x3 then red solid"},
        {"orange pulsing, then red solid", "amber blinking then red solid"},
        {"red/white rapid", "red/white rapid"},
        {"red / white rapid then blue x1", "red/white rapid, blue x1"},
        {"blue flashing", "blue blinking"},
        {"off", "off"},
        {"lit x4", "lit x4"},
        {"amber x5, amber solid, off", "amber x5 then amber solid then off"},
        {"Red solid then OFF", "red solid then off"},
        {"green x2 then off", "green x2 then off"},
        {"amber x5, amber stays on", "amber x5 then amber stays on"},
        {"lit stays lit", "lit stays on"},
        {"blue x99", "blue x99"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct pattern pattern;
        struct pattern again;
        char out[PATTERN_TEXT_MAX];
        const char *wrong = pattern_parse(good[i].text, &pattern, NULL);
        if (wrong) {
            fail_msg("`%s` %s", good[i].text, wrong);
        }
        assert_string_equal(pattern_format(out, &pattern), good[i].canonical);
        assert_null(pattern_parse(out, &again, NULL));
        assert_true(pattern_equal(&pattern, &again));
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *wrong;
        size_t at;
    } bad[] = {
        {"", "needs a colour (red, green, blue, amber, magenta, cyan, white, lit)", 0},
        {"bleu x2", "needs a colour (red, green, blue, amber, magenta, cyan, white, lit)", 0},
        {"blue", "needs `x2`, `solid`, `stays on`, `blinking` or `/COLOUR rapid` after a colour",
         4},
        {"blue x0", "needs a count from 1 to 99 after `x`", 6},
        {"blue x100", "needs a count from 1 to 99 after `x`", 6},
        {"blue x2 white x1", "needs `,` or `then` here", 8},
        {"blue x2, blue x1", "has one colour twice in a row: add up the counts", 9},
        {"blue x2, blue blinking", "has one colour twice in a row: add up the counts", 9},
        {"red/red rapid", "alternates between a colour and itself", 13},
        {"red/white", "needs `rapid` after two colours", 9},
        {"red stays", "needs `on` after `stays`", 9},
        {"red stays on, off", "has something after `stays on`", 12},
        {"red solid then off, red x1", "has something after `off`", 18},
        {"lit/red rapid", "alternates with `lit`, which is any colour", 13},
        {"lit blinking, red x2", "has `blinking` beside `lit`, which is any colour", 14},
        {"off x2", "has something after `off`", 4},
        {"dark x2", "needs a colour (red, green, blue, amber, magenta, cyan, white, lit)", 0},
        {"red x1,", "needs a colour (red, green, blue, amber, magenta, cyan, white, lit)", 7},
        {"red x1, red solid, red x1, red solid, red x1, red solid, red x1, red solid, red x1, red "
         "solid, red x1, red solid, red x1, red solid, red x1, red solid, red x1",
         "has more than 16 segments", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct pattern pattern;
        size_t at = 999;
        const char *wrong = pattern_parse(bad[i].text, &pattern, &at);
        if (!wrong) {
            fail_msg("`%s` was taken", bad[i].text);
        }
        assert_string_equal(wrong, bad[i].wrong);
        if (bad[i].at) {
            assert_int_equal(at, bad[i].at);
        }
    }
}

/* Pulses from a string: a letter a pulse of 200 ms (in capitals 2 s), 200 ms dark after each;
 * `-` 2 s of dark more; `+` none at all; `~` after a letter: still lit; `!`: lit already. */
static size_t pulses_of(const char *text, struct pulse *pulses)
{
    size_t count = 0;
    int64_t at_ns = NS_PER_S;
    for (; *text; text++) {
        static const char letters[] = "rgabmcw*";
        static const colour colours[] = {COLOUR_RED,     COLOUR_GREEN, COLOUR_AMBER, COLOUR_BLUE,
                                         COLOUR_MAGENTA, COLOUR_CYAN,  COLOUR_WHITE, COLOUR_LIT};
        if (*text == '-') {
            at_ns += 2 * NS_PER_S;
        } else if (*text == '+') {
            at_ns -= 200 * NS_PER_MS;
        } else if (*text == '~') {
            pulses[count - 1].open = true;
        } else if (*text == '!') {
            pulses[count - 1].clipped = true;
        } else {
            bool solid = *text >= 'A' && *text <= 'Z';
            const char *letter = strchr(letters, solid ? *text - 'A' + 'a' : *text);
            assert_non_null(letter);
            int64_t on_ns = (solid ? 2000 : 200) * NS_PER_MS;
            pulses[count++] = (struct pulse){
                .start_ns = at_ns, .end_ns = at_ns + on_ns, .colour = colours[letter - letters]};
            at_ns += on_ns + 200 * NS_PER_MS;
        }
    }
    return count;
}

static void test_match(void **state)
{
    static const struct {
        const char *pattern;
        const char *pulses;
        unsigned extra;
        enum match_result result;
    } cases[] = {
        {"blue x2, white x1", "bbw", 0, MATCH_YES},
        {"blue x2, white x1", "bb", 0, MATCH_SO_FAR},
        {"blue x2, white x1", "", 0, MATCH_SO_FAR},
        {"blue x2, white x1", "bw", 0, MATCH_NO},
        {"blue x2, white x1", "bbbw", 0, MATCH_NO},
        {"blue x2, white x1", "bbww", 0, MATCH_NO},
        {"blue x2, white x1", "bbw~", 0, MATCH_SO_FAR},
        {"blue x2, white x1", "b!bw", 0, MATCH_NO},
        {"blue x2, white x1", "bbw-bb", 0, MATCH_NO},
        {"blue x2, white x1", "bbw-bb", EXTRA_AFTER, MATCH_YES},
        {"blue x2, white x1", "bbwwbb", EXTRA_AFTER, MATCH_NO},
        {"blue x2, white x1", "r-bbw", 0, MATCH_NO},
        {"blue x2, white x1", "r-bbw", EXTRA_BEFORE, MATCH_YES},
        {"blue x2, white x1", "b-bbw", EXTRA_BEFORE, MATCH_YES},
        {"blue x2, white x1", "bbbw", EXTRA_BEFORE, MATCH_SO_FAR},
        {"blue x2", "bbb", EXTRA_BEFORE | EXTRA_AFTER, MATCH_SO_FAR},
        {"blue x2", "bb-b", EXTRA_AFTER, MATCH_YES},
        {"blue blinking", "bb", 0, MATCH_YES},
        {"blue blinking", "bbbbbb", 0, MATCH_YES},
        {"blue blinking", "b", 0, MATCH_SO_FAR},
        {"blue blinking", "B", 0, MATCH_SO_FAR},
        {"blue blinking", "B~", 0, MATCH_NO},
        {"amber blinking then red solid", "aaaR", 0, MATCH_YES},
        {"amber blinking then red solid", "aaaR~", 0, MATCH_YES},
        {"amber blinking then red solid", "aaar~", 0, MATCH_SO_FAR},
        {"amber blinking then red solid", "aaar", 0, MATCH_NO},
        {"red solid", "R~", 0, MATCH_YES},
        {"red solid", "r", 0, MATCH_NO},
        {"red x1", "R", 0, MATCH_YES},
        {"red x1", "R~", 0, MATCH_SO_FAR},
        {"white x5", "WWWWW", 0, MATCH_YES},
        {"white x5", "WWWW", 0, MATCH_SO_FAR},
        {"white x5", "WWWWWW", 0, MATCH_NO},
        {"white x5", "WWWWWW", EXTRA_AFTER, MATCH_NO},
        {"white x5", "WWWWW-W", EXTRA_AFTER, MATCH_YES},
        {"amber x5", "aaaaaA", EXTRA_AFTER, MATCH_YES},
        {"amber x2 then amber solid", "aaA", 0, MATCH_YES},
        {"amber x2 then amber solid", "aAA", 0, MATCH_YES},
        {"white blinking", "WWW", 0, MATCH_YES},
        {"amber blinking", "aaaA", 0, MATCH_NO},
        {"amber blinking", "aaaA~", 0, MATCH_NO},
        {"amber blinking then amber solid then off", "aaaA", 0, MATCH_YES},
        {"amber blinking then amber solid then off", "aaaA~", 0, MATCH_SO_FAR},
        {"amber blinking then amber solid then off", "aaaA-a", 0, MATCH_NO},
        {"amber blinking then amber solid then off", "aaaA-a", EXTRA_AFTER, MATCH_YES},
        {"amber x3 then amber stays on", "aaaA~", 0, MATCH_YES},
        {"amber x3 then amber stays on", "aaaA", 0, MATCH_NO},
        {"amber x3 then amber stays on", "aaaa~", 0, MATCH_SO_FAR},
        {"green x2 then off", "gg", 0, MATCH_YES},
        {"green x2 then off", "gg-g", 0, MATCH_NO},
        {"red/white rapid", "rwrw", 0, MATCH_YES},
        {"red/white rapid", "wrwrwr", 0, MATCH_YES},
        {"red/white rapid", "rwr", 0, MATCH_SO_FAR},
        {"red/white rapid", "rw-rw", 0, MATCH_NO},
        {"red/white rapid", "rgrg", 0, MATCH_NO},
        {"off", "", 0, MATCH_YES},
        {"off", "b", 0, MATCH_NO},
        {"lit x2", "**", 0, MATCH_YES},
        {"lit x2", "rg", 0, MATCH_YES},
        {"lit x3", "rg", 0, MATCH_SO_FAR},
        {"lit x1", "rg", 0, MATCH_NO},
        {"lit x1", "rg", EXTRA_AFTER, MATCH_NO},
        {"lit x2, red solid", "bwR", 0, MATCH_YES},
        {"lit x1", "r+g", 0, MATCH_YES},
        {"lit x2", "r+gr+g", 0, MATCH_YES},
        {"lit x2", "r+gr+g~", 0, MATCH_SO_FAR},
        {"lit x1", "r-g+r", EXTRA_BEFORE, MATCH_YES},
        {"lit solid", "r+r+r+r+r+r+r+r", 0, MATCH_YES},
        {"blue x2", "**", 0, MATCH_NO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pattern pattern;
        struct pulse pulses[64];
        assert_null(pattern_parse(cases[i].pattern, &pattern, NULL));
        size_t count = pulses_of(cases[i].pulses, pulses);
        struct match match = pattern_match(&pattern, pulses, count, cases[i].extra);
        if (match.result != cases[i].result) {
            fail_msg("`%s` on `%s` (extra %u): %d", cases[i].pattern, cases[i].pulses,
                     cases[i].extra, match.result);
        }
    }
}

static void test_where(void **state)
{
    struct pattern pattern;
    struct pulse pulses[64];
    (void)state;
    assert_null(pattern_parse("blue x2, white x1", &pattern, NULL));
    size_t count = pulses_of("r-bbw-gg", pulses);
    struct match match = pattern_match(&pattern, pulses, count, EXTRA_BEFORE | EXTRA_AFTER);
    assert_int_equal(match.result, MATCH_YES);
    assert_int_equal(match.first, 1);
    assert_int_equal(match.last, 3);
    assert_false(match.could_grow);
    match = pattern_match(&pattern, pulses + 1, 3, 0);
    assert_int_equal(match.result, MATCH_YES);
    assert_true(match.could_grow);
}

static void test_explain(void **state)
{
    static const struct {
        const char *pattern;
        const char *pulses;
        const char *text;
    } cases[] = {
        {"blue x2, white x1", "bw",
         "expected blue x2, white x1; saw blue x1, white x1 (second blue pulse missing)"},
        {"blue x2, white x1", "bbw", "expected blue x2, white x1; saw blue x2, white x1"},
        {"blue x2, white x1", "", "expected blue x2, white x1; saw nothing (no light at all)"},
        {"blue x2, white x1", "ggw",
         "expected blue x2, white x1; saw green x2, white x1 (first blue pulse is green)"},
        {"blue x2, white x1", "bb",
         "expected blue x2, white x1; saw blue x2 (first white pulse missing)"},
        {"blue x2, white x1", "bbww",
         "expected blue x2, white x1; saw blue x2, white x2 (one white pulse too many)"},
        {"amber x3", "aar", "expected amber x3; saw amber x2, red x1 (third amber pulse is red)"},
        {"red x5", "rrr", "expected red x5; saw red x3 (fourth red pulse missing)"},
        {"amber x3 then red solid", "aaar",
         "expected amber x3 then red solid; saw amber x3, red x1 (red lit for only 200 ms)"},
        {"blue x1", "B!",
         "expected blue x1; saw blue solid (the LED was already lit when watching "
         "began)"},
        {"blue x1", "B~", "expected blue x1; saw blue solid (first blue pulse does not end)"},
        {"white x5", "WWWW", "expected white x5; saw white x4 (fifth white pulse missing)"},
        {"white x5", "WWWWWW", "expected white x5; saw white x6 (one white pulse too many)"},
        {"amber blinking then amber solid then off", "aaA~",
         "expected amber blinking then amber solid then off; saw amber x2 then amber stays on (the "
         "amber light does not end)"},
        {"amber blinking then amber solid then off", "aaA",
         "expected amber blinking then amber solid then off; saw amber x2 then amber solid then "
         "off"},
        {"amber stays on", "A",
         "expected amber stays on; saw amber solid then off (amber went off after 2000 ms)"},
        {"lit x3", "rg", "expected lit x3; saw red x1, green x1 (third lit pulse missing)"},
        {"off", "bb", "expected off; saw blue x2 (the LED should have stayed dark)"},
        {"red/white rapid", "rw-rw",
         "expected red/white rapid; saw red x1, white x1, red x1, "
         "white x1 (too few or too slow to be red/white rapid)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pattern pattern;
        struct pulse pulses[64];
        char out[1024];
        assert_null(pattern_parse(cases[i].pattern, &pattern, NULL));
        size_t count = pulses_of(cases[i].pulses, pulses);
        assert_string_equal(pattern_explain(out, sizeof(out), &pattern, pulses, count, 0),
                            cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_print), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_match),          cmocka_unit_test(test_where),
        cmocka_unit_test(test_explain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
