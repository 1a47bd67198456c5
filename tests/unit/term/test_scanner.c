/* A scanner or a hand: nothing of a scan is a key, no key of a hand is lost or comes twice. */
#include "tui/term/scanner.h"
#include "tui/term/text_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
enum { OUT_MAX = 512 };

struct heard {
    struct scanner burst;
    int64_t now_ns;
    struct key keys[OUT_MAX];
    size_t count;
    char scans[8][SCANNER_TEXT_MAX];
    size_t scan_count;
    size_t broken;
};

static void take(struct heard *heard, enum scanner_result result, const struct key *out,
                 size_t count)
{
    if (result == SCANNER_SCAN) {
        assert_true(heard->scan_count < 8);
        memcpy(heard->scans[heard->scan_count++], heard->burst.text, SCANNER_TEXT_MAX);
    }
    heard->broken += result == SCANNER_BROKEN;
    if (result != SCANNER_KEYS) {
        scanner_clear(&heard->burst);
    }
    assert_true(count <= SCANNER_KEYS_MAX && heard->count + count <= OUT_MAX);
    memcpy(&heard->keys[heard->count], out, count * sizeof(*out));
    heard->count += count;
}

/* The loop wakes when it is due, as it does in the program. */
static void pass(struct heard *heard, int64_t until_ns)
{
    struct key out[SCANNER_KEYS_MAX];
    size_t count;
    while (scanner_due_ns(&heard->burst) <= until_ns) {
        int64_t due_ns = scanner_due_ns(&heard->burst);
        enum scanner_result result = scanner_tick(&heard->burst, due_ns, out, &count);
        take(heard, result, out, count);
    }
    heard->now_ns = until_ns;
}

static void press(struct heard *heard, struct key key, int64_t after_ns)
{
    struct key out[SCANNER_KEYS_MAX];
    size_t count;
    pass(heard, heard->now_ns + after_ns);
    enum scanner_result result = scanner_key(&heard->burst, heard->now_ns, &key, out, &count);
    take(heard, result, out, count);
}

static void letters(struct heard *heard, const char *text, int64_t apart_ns)
{
    for (; *text; text++) {
        press(heard, (struct key){.code = KEY_CODE_CHAR, .ch = (unsigned char)*text}, apart_ns);
    }
}

static void enter(struct heard *heard, int64_t after_ns)
{
    press(heard, (struct key){.code = KEY_CODE_ENTER}, after_ns);
}

/* A separator in a number is part of it, for who takes it to refuse: never another number. */
static void test_control_characters(void **state)
{
    const struct key gs = {.code = KEY_CODE_CTRL, .ch = '}'};
    const struct key clear = {.code = KEY_CODE_CTRL, .ch = 'u'};
    const struct key letter = {.code = KEY_CODE_CHAR, .ch = 'A'};
    struct heard heard = {.count = 0};
    struct field field;
    (void)state;
    letters(&heard, "01", MS);
    press(&heard, gs, MS);
    letters(&heard, "21", MS);
    enter(&heard, MS);
    assert_int_equal(heard.scan_count, 1);
    assert_string_equal(heard.scans[0], "01\03521");
    assert_int_equal(heard.count, 0);

    text_field_clear(&field);
    assert_false(text_field_key(&field, &gs));
    assert_true(text_field_key(&field, &letter));
    assert_true(text_field_key(&field, &gs));
    assert_true(text_field_key(&field, &letter));
    assert_string_equal(field.text, "A\035A");
    assert_true(text_field_key(&field, &clear));
    assert_string_equal(field.text, "");
}

static void test_scan(void **state)
{
    static const int64_t apart_ns[] = {0, 1 * MS, 10 * MS, 30 * MS, 49 * MS};
    (void)state;
    for (size_t i = 0; i < sizeof(apart_ns) / sizeof(apart_ns[0]); i++) {
        struct heard heard = {.now_ns = MS};
        letters(&heard, "SN-yx q-0001", apart_ns[i]);
        enter(&heard, apart_ns[i]);
        assert_int_equal(heard.scan_count, 1);
        assert_string_equal(heard.scans[0], "SN-yx q-0001");
        assert_int_equal(heard.count, 0);
        letters(&heard, "second", apart_ns[i]);
        enter(&heard, apart_ns[i]);
        assert_string_equal(heard.scans[1], "second");
        assert_int_equal(heard.count + heard.broken, 0);
    }
}

static void test_hand(void **state)
{
    struct heard heard = {.now_ns = MS};
    (void)state;
    letters(&heard, "xyq", SCANNER_ALONE_NS + 1);
    enter(&heard, SCANNER_ALONE_NS + 1);
    assert_int_equal(heard.scan_count + heard.broken, 0);
    assert_int_equal(heard.count, 4);
    assert_int_equal(heard.keys[0].ch, 'x');
    assert_int_equal(heard.keys[1].ch, 'y');
    assert_int_equal(heard.keys[2].ch, 'q');
    assert_int_equal(heard.keys[3].code, KEY_CODE_ENTER);
}

/* One letter and Enter, however fast, are two keys; a key that is no letter is never held back. */
static void test_keys_pass(void **state)
{
    struct heard heard = {.now_ns = MS};
    (void)state;
    letters(&heard, "n", 0);
    enter(&heard, 0);
    press(&heard, (struct key){.code = KEY_CODE_DOWN}, 0);
    assert_int_equal(heard.count, 3);
    assert_int_equal(heard.keys[0].ch, 'n');
    assert_int_equal(heard.keys[1].code, KEY_CODE_ENTER);
    assert_int_equal(heard.keys[2].code, KEY_CODE_DOWN);
    assert_int_equal(scanner_due_ns(&heard.burst), INT64_MAX);
}

static void test_held_down(void **state)
{
    struct heard heard = {.now_ns = MS};
    (void)state;
    letters(&heard, "jjjjj", 30 * MS);
    pass(&heard, heard.now_ns + SCANNER_ALONE_NS);
    assert_int_equal(heard.count, 5);
    assert_int_equal(heard.broken + heard.scan_count, 0);
    /* No answer and no command repeats so. */
    letters(&heard, "yy", 30 * MS);
    pass(&heard, heard.now_ns + SCANNER_SILENCE_NS);
    assert_int_equal(heard.count, 5);
    assert_int_equal(heard.broken, 1);
}

static void test_broken(void **state)
{
    struct heard heard = {.now_ns = MS};
    char text[SCANNER_TEXT_MAX + 1];
    (void)state;
    letters(&heard, "SN-1", MS);
    pass(&heard, heard.now_ns + SCANNER_SILENCE_NS);
    assert_int_equal(heard.broken, 1);
    letters(&heard, "SN-2", MS);
    press(&heard, (struct key){.code = KEY_CODE_TAB}, MS);
    assert_int_equal(heard.broken, 2);
    assert_int_equal(heard.count, 1);
    /* One byte less is a scan still. */
    memset(text, 'a', sizeof(text));
    text[SCANNER_TEXT_MAX] = '\0';
    letters(&heard, text, MS);
    enter(&heard, MS);
    assert_int_equal(heard.broken, 3);
    letters(&heard, text + 1, MS);
    enter(&heard, MS);
    assert_int_equal(heard.scan_count, 1);
    assert_string_equal(heard.scans[0], text + 1);
}

/* Letters that are more than one character's bytes are cut nowhere. */
static void test_wide(void **state)
{
    struct heard heard = {.now_ns = MS};
    (void)state;
    for (int i = 0; i < 21; i++) {
        press(&heard, (struct key){.code = KEY_CODE_CHAR, .ch = 0x20AC}, MS);
    }
    enter(&heard, MS);
    assert_int_equal(heard.scan_count, 1);
    assert_int_equal(strlen(heard.scans[0]), 63);
    for (int i = 0; i < 22; i++) {
        press(&heard, (struct key){.code = KEY_CODE_CHAR, .ch = 0x20AC}, MS);
    }
    enter(&heard, MS);
    assert_int_equal(heard.broken, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),      cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_hand),      cmocka_unit_test(test_keys_pass),
        cmocka_unit_test(test_held_down), cmocka_unit_test(test_broken),
        cmocka_unit_test(test_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
