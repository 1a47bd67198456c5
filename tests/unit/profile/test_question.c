#include "rig/profile/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void well_known_questions_have_answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *choices;
    } known[] = {
        {"placed", "yes or no"},   {"lid", "open or closed"},
        {"power", "on or off"},    {"battery", "a percentage, such as 80 %"},
        {"charging", "yes or no"}, {"in_case", "yes or no"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct question *question = question_known(known[i].name);
        char choices[64];
        assert_non_null(question);
        assert_string_equal(question->name, known[i].name);
        assert_true(strlen(question->prompt) > 10);
        assert_string_equal(question_choices(question, choices, sizeof(choices)), known[i].choices);
    }
    assert_null(question_known("moon"));
    assert_null(question_known(""));
}

static void choices_read_as_a_sentence(void **state)
{
    (void)state;
    const struct question one = {.answers = {"done"}, .answer_count = 1};
    const struct question three = {.answers = {"a", "b", "c"}, .answer_count = 3};
    char choices[16];
    assert_string_equal(question_choices(&one, choices, sizeof(choices)), "done");
    assert_string_equal(question_choices(&three, choices, sizeof(choices)), "a, b or c");
    assert_string_equal(question_choices(&three, choices, 6), "a, b "); /* cut, and terminated */
}

static void answers_become_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        const char *answer;
        const char *canonical; /* NULL: not allowed */
    } cases[] = {
        {"lid", "open", "open"},
        {"lid", " CLOSED\n", "closed"},
        {"lid", "ajar", NULL},
        {"lid", "", NULL},
        {"lid", "   ", NULL},
        {"lid", "open closed", NULL},
        {"power", "On", "on"},
        {"battery", "80", "80 %"},
        {"battery", "80%", "80 %"},
        {"battery", " 80 % ", "80 %"},
        {"battery", "0", "0 %"},
        {"battery", "100 %", "100 %"},
        {"battery", "12.5", "12.5 %"},
        {"battery", "12.25 %", "12.25 %"},
        {"battery", "12.05", "12.05 %"},
        {"battery", "101", NULL},
        {"battery", "-1", NULL},
        {"battery", "full", NULL},
        {"battery", "80 %%", NULL},
        {"battery", "%", NULL},
        {"battery", "1000000000000000000000000000000", NULL},
        {"placed", "yes yes yes yes yes yes yes yes yes yes", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[ANSWER_TEXT_MAX] = "untouched";
        const struct question *question = question_known(cases[i].question);
        bool accepted = question_accepts(question, cases[i].answer, out);
        if (accepted != (cases[i].canonical != NULL)) {
            fail_msg("`%s` to `%s`", cases[i].answer, cases[i].question);
        }
        if (accepted) {
            assert_string_equal(out, cases[i].canonical);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_known_questions_have_answers),
        cmocka_unit_test(choices_read_as_a_sentence),
        cmocka_unit_test(answers_become_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
