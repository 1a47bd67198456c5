#include "rig/format/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* The first error of a text, as it is printed; "" when it reads. */
static const char *error_of(const char *text, size_t length)
{
    static char line[1024];
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    struct yaml_node *root = yaml_read_text(&arena, &diags, "f", text, length);
    char *printed = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&printed, &size);
    diags_print(&diags, out);
    fclose(out);
    assert_true(root || diags.errors > 0);
    snprintf(line, sizeof(line), "%s", printed);
    line[strcspn(line, "\n")] = '\0';
    free(printed);
    diags_clear(&diags);
    arena_free(&arena);
    return line;
}

static const char *error_in(const char *text)
{
    return error_of(text, strlen(text));
}

static void test_refused(void **state)
{
    (void)state;
    assert_string_equal(error_in(""), "f: error: is empty; see profiles/SCHEMA.md for examples");
    assert_string_equal(error_in("# only a comment\n"),
                        "f: error: is empty; see profiles/SCHEMA.md for examples");
    assert_string_equal(
        error_in("a: &x 1\n"),
        "f:1:4: error: anchor `&x` is not allowed; write the value out where it is used");
    assert_string_equal(error_in("a: 1\nb: *a\n"),
                        "f:2:4: error: alias `*a` is not allowed; write the value out");
    assert_string_equal(error_in("a: !!int 1\n"),
                        "f:1:4: error: tag `tag:yaml.org,2002:int` is not allowed; remove it");
    assert_string_equal(error_in("a: 1\n---\nb: 2\n"),
                        "f:2:1: error: a second document starts; put it in a file of its own");
    assert_string_equal(
        error_in("a: 1\nb: 2\na: 3\n"),
        "f:3:1: error: key `a` appears twice; the first is on line 1; remove one of the "
        "two");
    assert_string_equal(error_in("[a, b]: 1\n"),
                        "f:1:1: error: a key is a list or a map; write a plain word");
    assert_string_equal(error_of("ab\ncd\0e", 7),
                        "f:2:3: error: contains a NUL byte; save it as UTF-8 text");
    assert_string_equal(error_in("ab\nc\xFF\n"),
                        "f:2:2: error: byte 0xFF is not UTF-8; save it as UTF-8");
    assert_string_equal(error_in("a: \"x\\0y\"\n"),
                        "f:1:4: error: a text contains a NUL byte; remove it");
    assert_non_null(strstr(error_in("a:\n\t- b\n"), "f:2:1: error: is not valid YAML"));
    assert_non_null(strstr(error_in("a: [1, 2\nb: 3\n"), "close"));
    assert_non_null(strstr(error_in("a: 'x\n"), "close the quote"));
}

static void test_tree(void **state)
{
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    static const char text[] = "\xEF\xBB\xBFname: on\nlist: [1, 'two']\nmap:\n  key: 7 s\n";
    (void)state;
    struct yaml_node *root = yaml_read_text(&arena, &diags, "f", text, sizeof(text) - 1);
    assert_non_null(root);
    assert_string_equal(yaml_get(root, "name")->text, "on");
    assert_int_equal(yaml_get(root, "list")->count, 2);
    assert_true(yaml_get(root, "list")->items[1]->quoted);
    assert_false(yaml_get(root, "list")->items[0]->quoted);
    const struct yaml_node *key = yaml_get(yaml_get(root, "map"), "key");
    assert_int_equal(key->place.line, 4);
    assert_int_equal(key->place.column, 8);
    int64_t ns = 0;
    assert_true(yaml_get_duration(&diags, yaml_get(root, "map"), "key", 0, INT64_MAX, &ns));
    assert_int_equal(ns, 7000000000);
    assert_null(yaml_get(root, "absent"));
    assert_int_equal(diags.errors, 0);
    arena_free(&arena);
}

/* Hostile files: refused at once, in little memory. */
static double seconds_for(char *text, size_t length, const char *wanted)
{
    clock_t begin = clock();
    const char *error = error_of(text, length);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    if (wanted && !strstr(error, wanted)) {
        fail_msg("wanted `%s`, got `%s`", wanted, error);
    }
    free(text);
    return seconds;
}

static char *repeated(const char *piece, size_t times, size_t *length)
{
    size_t one = strlen(piece);
    char *text = malloc(one * times + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * one, piece, one);
    }
    text[one * times] = '\0';
    *length = one * times;
    return text;
}

static char *many_keys(size_t count, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "k%zu: 1\n", i * 2654435761U % 1000003);
    }
    fclose(out);
    return text;
}

static void test_hostile(void **state)
{
    size_t length;
    char *text;
    (void)state;
    text = repeated("[", 500000, &length);
    assert_true(seconds_for(text, length, "nested more than 24 deep") < 5);
    text = repeated("{a: ", 200000, &length);
    assert_true(seconds_for(text, length, "nested more than 24 deep") < 5);
    text = repeated("- ", 500000, &length);
    assert_true(seconds_for(text, length, "nested more than 24 deep") < 5);
    text = repeated("a", YAML_BYTES_MAX + 1, &length);
    assert_true(seconds_for(text, length, "is larger than 1024 KiB") < 5);
    text = repeated("x,", 500000, &length);
    assert_true(seconds_for(text, length, NULL) < 5);
    text = repeated("- x\n", 200000, &length);
    assert_true(seconds_for(text, length, "contains more than 50000 values") < 5);
    text = many_keys(24000, &length);
    assert_true(seconds_for(text, length, NULL) < 5);
    text = repeated("? ", 400000, &length);
    assert_true(seconds_for(text, length, NULL) < 5);
    text = repeated("\"\\x41", 200000, &length);
    assert_true(seconds_for(text, length, NULL) < 5);
}

static void test_readers(void **state)
{
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    static const char text[] = "a: 7\nb: x\nc: [1]\nd: 99\ne: maybe\nhodl: 1\n";
    static const char *const words[] = {"red", "green", NULL};
    static const char *const keys[] = {"a", "b", "c", "d", "e", "hold", NULL};
    int64_t ns;
    int64_t number;
    int word;
    bool yes;
    char *printed = NULL;
    size_t size = 0;
    (void)state;
    struct yaml_node *root = yaml_read_text(&arena, &diags, "f", text, sizeof(text) - 1);
    assert_non_null(root);
    assert_false(yaml_get_duration(&diags, root, "a", 0, INT64_MAX, &ns));
    assert_false(yaml_get_word(&diags, root, "b", words, &word));
    assert_false(yaml_get_int(&diags, root, "c", 0, 5, &number));
    assert_false(yaml_get_int(&diags, root, "d", 0, 5, &number));
    assert_false(yaml_get_bool(&diags, root, "e", &yes));
    assert_false(yaml_only(&diags, root, keys));
    assert_null(yaml_require(&diags, root, "model"));
    FILE *out = open_memstream(&printed, &size);
    diags_print(&diags, out);
    fclose(out);
    assert_string_equal(
        printed,
        "f:1:1: error: key `model` is missing; add `model: ...`\n"
        "f:1:4: error: duration `7` has no unit; write `7 s` or `7 ms`\n"
        "f:2:4: error: `x` is not a known `b`; known: red, green\n"
        "f:3:4: error: a number is a list; write a single value\n"
        "f:4:4: error: `99` is out of range; write 0 to 5\n"
        "f:5:4: error: `maybe` is not a known `e`; known: no, yes, false, true\n"
        "f:6:1: error: unknown key `hodl`; did you mean `hold`? (known: a, b, c, d, e, hold)\n");
    free(printed);
    diags_clear(&diags);
    arena_free(&arena);
}

static void test_files(void **state)
{
    struct arena arena = ARENA_INIT;
    struct diags diags = DIAGS_INIT;
    (void)state;
    assert_null(yaml_read_file(&arena, &diags, "/nonexistent/x.yaml"));
    assert_null(yaml_read_file(&arena, &diags, "/dev/zero"));
    assert_null(yaml_read_file(&arena, &diags, "."));
    assert_int_equal(diags.errors, 3);
    diags_clear(&diags);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused), cmocka_unit_test(test_tree),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_readers),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
