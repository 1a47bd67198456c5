/*
 * Firmware files: the shipped ones load, the documented ones load and document every key, wrong
 * ones are told with their place.
 */
#include "hardware/sim/firmware.h"
#include "hardware/sim/firmware_load.h"
#include "tests/unit/parts.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_errors(const char *text, const char *wanted)
{
    struct diags diags = DIAGS_INIT;
    struct firmware *firmware = firmware_load_text(&diags, "f", text, strlen(text));
    char *told = diags_text(&diags);
    if (!strstr(told, wanted)) {
        fail_msg("wanted: %s\ngot: %s", wanted, told);
    }
    assert_null(firmware);
    free(told);
}

#define HEAD    "firmware: f\nmodel: M\nversion: \"1\"\nbuttons: [power, mode]\n"
#define ACTIONS "actions:\n  reset: { led: [{ light: blue, for: 1 s }] }\n"

static void test_errors(void **state)
{
    (void)state;
    check_errors("firmware: f\n", "f:1:1: error: key `buttons` is missing");
    check_errors(HEAD ACTIONS "triggers:\n  t: { hold: [pwoer], threshold: 1 s, does: reset }\n",
                 "f:8:15: error: the unit has no button `pwoer`; did you mean `power`?");
    check_errors(HEAD ACTIONS "triggers:\n  t: { hold: [power], threshold: 1 s, does: rest }\n",
                 "f:8:45: error: there is no action `rest`; did you mean `reset`?");
    check_errors(HEAD ACTIONS "triggers:\n  t: { hold: [power], threshold: 1, does: reset }\n",
                 "f:8:34: error: duration `1` has no unit");
    check_errors(HEAD ACTIONS
                 "triggers:\n  t: { hold: [], threshold: 1 s, jitter: 1 s, does: reset }\n",
                 "f:8:14: error: `hold` is empty");
    check_errors(HEAD ACTIONS "triggers:\n  t: { hold: [mode], threshold: 1 s, jitter: 900 ms, "
                              "does: reset }\n",
                 "error: the jitter is wider than the threshold");
    check_errors(HEAD "actions:\n  reset: { led: [{ light: bleu, for: 1 s }] }\ntriggers: {}\n",
                 "f:6:27: error: `bleu` is not a colour");
    check_errors(HEAD "actions:\n  reset: { events: [{ do: brick, at: 2 s }, { do: hidden }] }\n"
                      "triggers: {}\n",
                 "error: this event is earlier than the one above it");
    check_errors(HEAD ACTIONS "triggers: {}\nbase: ../x.yaml\n", "`base` is a path");
    check_errors(HEAD ACTIONS "triggers: {}\nlde: {}\n", "f:8:1: error: unknown key `lde`; did you "
                                                         "mean `led`?");
    check_errors("- a\n", "f:1:1: error: a firmware file is a list");
    check_errors(HEAD ACTIONS "triggers: {}\nled: { duty: 0 % }\n", "duty is too small");
}

static void test_shipped(void **state)
{
    glob_t files;
    (void)state;
    assert_int_equal(glob("hardware/sim/firmware/*.yaml", 0, NULL, &files), 0);
    assert_true(files.gl_pathc >= 20);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct diags diags = DIAGS_INIT;
        struct firmware *firmware = firmware_load(&diags, files.gl_pathv[i]);
        char *told = diags_text(&diags);
        assert_string_equal(told, "");
        assert_non_null(firmware);
        free(told);
        firmware_free(firmware);
    }
    globfree(&files);
}

static void test_nominal(void **state)
{
    static const char *const models[] = {"WH-1000XM5", "WH-1000XM4", "WH-1000XM3", "WH-CH720N",
                                         "WF-1000XM5", "WF-1000XM4", "LinkBuds S", "LinkBuds"};
    (void)state;
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct diags diags = DIAGS_INIT;
        struct firmware *firmware = firmware_load(
            &diags, firmware_nominal_path(&arena, "hardware/sim/firmware", models[i]));
        assert_non_null(firmware);
        assert_string_equal(firmware_model(firmware), models[i]);
        firmware_free(firmware);
        arena_free(&arena);
    }
}

static void test_documentation(void **state)
{
    size_t length = 0;
    char *page = file_text("hardware/sim/firmware/README.md", &length);
    char *block;
    char *end = page;
    int blocks = 0;
    (void)state;
    for (; (block = strstr(end, "```yaml\n")); blocks++) {
        block += strlen("```yaml\n");
        end = strstr(block, "```");
        assert_non_null(end);
        struct diags diags = DIAGS_INIT;
        struct firmware *firmware =
            firmware_load_text(&diags, "block", block, (size_t)(end - block));
        char *told = diags_text(&diags);
        assert_string_equal(told, "");
        free(told);
        firmware_free(firmware);
    }
    assert_int_equal(blocks, 2);

    /* Every key stands in the text between backquotes. */
    size_t keys = 0;
    for (const struct field_table *table = firmware_tables; table->fields; table++) {
        for (const struct field *field = table->fields; field->key; field++, keys++) {
            char quoted[80];
            snprintf(quoted, sizeof(quoted), "`%s", field->key);
            char with_colon[80];
            snprintf(with_colon, sizeof(with_colon), "%s:", field->key);
            if (!strstr(end, quoted) && !strstr(page, with_colon)) {
                fail_msg("`%s` of %s is not described", field->key, table->object);
            }
        }
    }
    assert_true(keys > 40);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_nominal),
        cmocka_unit_test(test_documentation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
