/* Keys from bytes: every key, however it is cut, and nothing else, whatever comes. */
#include "tui/term/keys.h"

#include "rig/base/text.h"
#include "tests/unit/render_led.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
enum { TAKEN_MAX = 64 };

struct taken {
    struct keys keys;
    struct key key[TAKEN_MAX];
    size_t count;
    int64_t now_ns;
};

static void begin(struct taken *taken, keys_lookup *lookup)
{
    memset(taken, 0, sizeof(*taken));
    taken->now_ns = 1000 * MS;
    keys_init(&taken->keys, lookup, taken);
}

static void type(struct taken *taken, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        assert_true(taken->count + KEYS_PER_BYTE <= TAKEN_MAX);
        size_t count = keys_byte(&taken->keys, taken->now_ns, (unsigned char)bytes[i],
                                 &taken->key[taken->count]);
        assert_true(count <= KEYS_PER_BYTE);
        taken->count += count;
    }
}

static void type_text(struct taken *taken, const char *text)
{
    type(taken, text, strlen(text));
}

static void wait_ns(struct taken *taken, int64_t ns)
{
    struct key key;
    taken->now_ns += ns;
    while (keys_tick(&taken->keys, taken->now_ns, &key)) {
        assert_true(taken->count < TAKEN_MAX);
        taken->key[taken->count++] = key;
    }
}

/* The keys as text: `up`, `'a'`, `^b`, `mouse 3,4`, with spaces between. */
static const char *said(const struct taken *taken)
{
    static char text[1024];
    static const char *const names[] = {
        [KEY_CODE_ENTER] = "enter",     [KEY_CODE_TAB] = "tab",
        [KEY_CODE_BACKTAB] = "backtab", [KEY_CODE_BACKSPACE] = "backspace",
        [KEY_CODE_DELETE] = "delete",   [KEY_CODE_ESCAPE] = "esc",
        [KEY_CODE_UP] = "up",           [KEY_CODE_DOWN] = "down",
        [KEY_CODE_LEFT] = "left",       [KEY_CODE_RIGHT] = "right",
        [KEY_CODE_HOME] = "home",       [KEY_CODE_END] = "end",
        [KEY_CODE_PAGE_UP] = "pgup",    [KEY_CODE_PAGE_DOWN] = "pgdn",
        [KEY_CODE_F1] = "f1",           [KEY_CODE_HANGUP] = "hangup",
    };
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < taken->count; i++) {
        const struct key *key = &taken->key[i];
        const char *gap = i > 0 ? " " : "";
        size_t left = sizeof(text) - at;
        if (key->code == KEY_CODE_CHAR && key->ch < 0x7f) {
            at += (size_t)snprintf(text + at, left, "%s'%c'", gap, (int)key->ch);
        } else if (key->code == KEY_CODE_CHAR) {
            at += (size_t)snprintf(text + at, left, "%sU+%04" PRIX32, gap, key->ch);
        } else if (key->code == KEY_CODE_CTRL) {
            at += (size_t)snprintf(text + at, left, "%s^%c", gap, (int)key->ch);
        } else if (key->code == KEY_CODE_MOUSE) {
            at += (size_t)snprintf(text + at, left, "%smouse %d,%d,%d", gap, key->column, key->row,
                                   key->wheel);
        } else {
            at += (size_t)snprintf(text + at, left, "%s%s", gap, names[key->code]);
        }
        assert_true(at < sizeof(text));
    }
    return text;
}

/* A terminal with keys of its own. */
static int odd_terminal(void *context, const char *sequence, size_t length)
{
    static const struct {
        const char *sequence;
        int means;
    } table[] = {
        {"\033u", KEY_CODE_UP},    {"\033#1", KEY_CODE_F1},    {"\033[M", KEY_CODE_F1},
        {"\033[A", KEY_CODE_DOWN}, {"\033[[Q", KEY_CODE_HOME}, {"\033#2", KEYS_OTHER},
        {"\033[5A", KEYS_OTHER},   {"\033OP", KEYS_OTHER},     {"\033z", KEYS_OTHER},
    };
    assert_non_null(context);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        size_t whole = strlen(table[i].sequence);
        if (memcmp(table[i].sequence, sequence, length < whole ? length : whole) == 0) {
            return length < whole ? KEYS_MORE : length == whole ? table[i].means : KEYS_NO;
        }
    }
    return KEYS_NO;
}

static int mouse_terminal(void *context, const char *sequence, size_t length)
{
    static const char *const starts[] = {"\033[M", "\033[<"};
    (void)context;
    for (size_t i = 0; i < 2; i++) {
        if (length <= 3 && memcmp(starts[i], sequence, length) == 0) {
            return length == 3 ? KEY_CODE_MOUSE : KEYS_MORE;
        }
    }
    return KEYS_NO;
}

struct example {
    const char *bytes;
    const char *keys; /* what they say, when the next follows at once */
};

/* Whole keys, known everywhere. */
static const struct example everywhere[] = {
    {"a", "'a'"},
    {"~", "'~'"},
    {" ", "' '"},
    {"\r", "enter"},
    {"\n", "enter"},
    {"\t", "tab"},
    {"\b", "backspace"},
    {"\x7f", "backspace"},
    {"\x01", "^a"},
    {"\x03", "^c"},
    {"\x1a", "^z"},
    {"\x1c", "^|"},
    {"\x1d", "^}"},
    {"\x1e", "^~"},
    {"\033[A", "up"},
    {"\033[B", "down"},
    {"\033[C", "right"},
    {"\033[D", "left"},
    {"\033OA", "up"},
    {"\033OB", "down"},
    {"\033OC", "right"},
    {"\033OD", "left"},
    {"\033[H", "home"},
    {"\033[F", "end"},
    {"\033OH", "home"},
    {"\033OF", "end"},
    {"\033[1~", "home"},
    {"\033[4~", "end"},
    {"\033[7~", "home"},
    {"\033[8~", "end"},
    {"\033[3~", "delete"},
    {"\033[5~", "pgup"},
    {"\033[6~", "pgdn"},
    {"\033[Z", "backtab"},
    {"\033OP", "f1"},
    {"\033[11~", "f1"},
    {"\033[[A", "f1"},
    {"\033OM", "enter"},
    {"\x9b"
     "A",
     "up"},
    {"\x8f"
     "B",
     "down"},
    {"\xc3\xa9", "U+00E9"},
    {"\xe2\x82\xac", "U+20AC"},
    {"\xf0\x9f\x8e\xa7", "U+1F3A7"},
    {"\xc2\xa0", "U+00A0"},
    {"\xed\x9f\xbf", "U+D7FF"},
    {"\033[<0;1;1M", "mouse 0,0,0"},
    {"\033[<0;80;24M", "mouse 79,23,0"},
    {"\033[<64;5;6M", "mouse 4,5,-1"},
    {"\033[<65;5;6M", "mouse 4,5,1"},
    {"\033[<16;5;6M", "mouse 4,5,0"},
    {"\033[<0;1000;500M", "mouse 999,499,0"},
    {"\033[M !!", "mouse 0,0,0"},
    {"\033[M p8", "mouse 79,23,0"},
    {"\033[M`%&", "mouse 4,5,-1"},
    {"\033[M !\xff", "mouse 0,222,0"},
};

/* Dropped, each as a whole. */
static const char *const dropped[] = {
    "\033[1;5A",
    "\033[1;2H",
    "\033[3;5~",
    "\033[15~",
    "\033[24~",
    "\033[200~",
    "\033[201~",
    "\033[I",
    "\033[O",
    "\033[E",
    "\033[27;5;13~",
    "\033[97;5u",
    "\033[?1;2c",
    "\033[>41;354;0c",
    "\033[24;80R",
    "\033[?2026;2$y",
    "\033[3$",
    "\033[3^",
    "\033[3@",
    "\033[[B",
    "\033[[E",
    "\033[1 q",
    "\033[!p",
    "\033OQ",
    "\033OR",
    "\033OS",
    "\033Ow",
    "\033O5A",
    "\033O1;2P",
    "\033Oj",
    "\033O ",
    "\033]0;a title\a",
    "\033]52;c;c2VjcmV0\033\\",
    "\033]11;rgb:0000/0000/0000\033\\",
    "\033P>|term 1.0\033\\",
    "\033P1$r0m\033\\",
    "\033_Gi=1;OK\033\\",
    "\033^pm\033\\",
    "\033Xsos\033\\",
    "\033]abandoned\x18",
    "\033]abandoned\x1a",
    "\033]with \xc3\xa9\r\n\a",
    "\x9d]0;title\a",
    "\x90x\033\\",
    "\x9b;15~",
    "\033[<0;1;1m",
    "\033[<1;5;5M",
    "\033[<2;5;5M",
    "\033[<32;5;5M",
    "\033[<35;5;5M",
    "\033[<66;5;5M",
    "\033[<0;0;5M",
    "\033[<0;5;0M",
    "\033[<0;5M",
    "\033[<0;5;5;5M",
    "\033[<;;M",
    "\033[<0;5;M",
    "\033[<0;99999999999999999999;5M",
    "\033[<0;-1;5M",
    "\033[<M",
    "\033[<128;5;5M",
    "\033[M#!!",
    "\033[M  !",
    "\033[M!!!",
    "\x80",
    "\xbf",
    "\xc0",
    "\xc1",
    "\xf5",
    "\xff",
    "\xc2\x80",
    "\xc2\x9f",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xe0\x80\xaf",
    "\xf0\x80\x80\xaf",
    "\xe2\x80\xae",
    "\xe2\x81\xa6",
    "\xef\xbb\xbf",
    "\xe2\x80\x8b",
};

enum { GOOD = sizeof(everywhere) / sizeof(everywhere[0]) };
enum { BAD = sizeof(dropped) / sizeof(dropped[0]) };

static bool plain_newline(const char *bytes)
{
    return strcmp(bytes, "\n") == 0;
}

/* Each key before and after each other, without a pause. */
static void keys_are_told_apart_from_what_surrounds_them(void **state)
{
    struct taken taken;
    char want[128];

    (void)state;
    for (size_t i = 0; i < GOOD; i++) {
        for (size_t j = 0; j < GOOD; j++) {
            if (plain_newline(everywhere[j].bytes)) {
                continue; /* after CR: below */
            }
            begin(&taken, NULL);
            type_text(&taken, everywhere[i].bytes);
            type_text(&taken, everywhere[j].bytes);
            snprintf(want, sizeof(want), "%s %s", everywhere[i].keys, everywhere[j].keys);
            assert_string_equal(said(&taken), want);
            assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
        }
    }
}

/* What is cut somewhere is the same, if what was cut off comes in time. */
static void cut_keys_are_whole_again(void **state)
{
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < GOOD + BAD; i++) {
        const char *bytes = i < GOOD ? everywhere[i].bytes : dropped[i - GOOD];
        for (size_t cut = 0; cut < strlen(bytes); cut++) {
            begin(&taken, NULL);
            type(&taken, bytes, cut);
            wait_ns(&taken, KEYS_ESCAPE_NS - 1);
            type(&taken, bytes + cut, strlen(bytes) - cut);
            type_text(&taken, "x");
            assert_string_equal(strrchr(said(&taken), '\'') - 2, "'x'");
            taken.count--;
            assert_string_equal(said(&taken), i < GOOD ? everywhere[i].keys : "");
        }
    }
}

static void what_nobody_knows_is_dropped_whole(void **state)
{
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < BAD; i++) {
        begin(&taken, NULL);
        type_text(&taken, dropped[i]);
        assert_string_equal(said(&taken), "");
        /* At rest again: a key that follows is one. */
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
        type_text(&taken, "\033[Aq");
        assert_string_equal(said(&taken), "up 'q'");
    }
    begin(&taken, NULL);
    type(&taken, "", 1); /* NUL */
    assert_string_equal(said(&taken), "");
}

static void ill_formed_characters_take_nothing_with_them(void **state)
{
    static const struct example examples[] = {
        {"\xe2\x82z", "'z'"},           {"\xc3\r", "enter"},
        {"\xf0\x9f\x8e\033[A", "up"},   {"\xe2\xc3\xa9", "U+00E9"},
        {"\xff\xfe\xc3\xa9", "U+00E9"}, {"\xc3\x03", "^c"},
    };
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        begin(&taken, NULL);
        type_text(&taken, examples[i].bytes);
        assert_string_equal(said(&taken), examples[i].keys);
    }
}

static void a_lone_escape_is_one_in_time(void **state)
{
    struct taken taken;

    (void)state;
    begin(&taken, NULL);
    type_text(&taken, "\033");
    assert_int_equal(keys_due_ns(&taken.keys), taken.now_ns + KEYS_ESCAPE_NS);
    wait_ns(&taken, KEYS_ESCAPE_NS - 1);
    assert_string_equal(said(&taken), "");
    wait_ns(&taken, 1);
    assert_string_equal(said(&taken), "esc");
    assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
    wait_ns(&taken, 1000 * MS);
    assert_string_equal(said(&taken), "esc");
    /* What comes now is no sequence any more. */
    type_text(&taken, "[A");
    assert_string_equal(said(&taken), "esc '[' 'A'");
}

static void escape_and_another_key_are_two(void **state)
{
    static const struct example examples[] = {
        {"\033x", "esc 'x'"},
        {"\033 ", "esc ' '"},
        {"\033\r", "esc enter"},
        {"\033\x7f", "esc backspace"},
        {"\033\xc3\xa9", "esc U+00E9"},
        {"\033\x03", "esc ^c"},
        {"\033\033[A", "esc up"},
        {"\033\033x", "esc esc 'x'"},
        {"\033\xff", "esc"},
        {"\033\033\033\033[B", "esc esc esc down"},
    };
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        begin(&taken, NULL);
        type_text(&taken, examples[i].bytes);
        assert_string_equal(said(&taken), examples[i].keys);
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
    }
}

/* Esc lets go of everything: no key struck at the same time may hide it for long. */
static void escape_is_never_hidden(void **state)
{
    static const char *const hiding[] = {
        "\033[", "\033O",       "\033]",          "\033P",      "\033X",       "\033^",
        "\033_", "\033[1;\033", "\033]title\033", "\033O1\033", "\033[M \033", "\xe2\x82\033"};
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++) {
        begin(&taken, NULL);
        type_text(&taken, hiding[i]);
        assert_string_equal(said(&taken), "");
        assert_int_equal(keys_due_ns(&taken.keys), taken.now_ns + KEYS_ESCAPE_NS);
        wait_ns(&taken, KEYS_ESCAPE_NS);
        assert_string_equal(said(&taken), "esc");
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
    }
}

static void a_sequence_that_stops_is_dropped(void **state)
{
    static const char *const stopped[] = {
        "\033[1", "\033[1;5", "\033[<0;1",    "\033[M!", "\033O1", "\033[[", "\033]0;t",
        "\033P1", "\xe2",     "\xf0\x9f\x8e", "\x9b",    "\x8f",   "\x9d"};
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < sizeof(stopped) / sizeof(stopped[0]); i++) {
        begin(&taken, NULL);
        type_text(&taken, stopped[i]);
        assert_int_equal(keys_due_ns(&taken.keys), taken.now_ns + KEYS_SEQUENCE_NS);
        wait_ns(&taken, KEYS_SEQUENCE_NS);
        assert_string_equal(said(&taken), "");
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
        type_text(&taken, "q");
        assert_string_equal(said(&taken), "'q'");
    }
}

/* A control character breaks a sequence off, and counts. */
static void enter_is_never_swallowed_by_a_sequence(void **state)
{
    struct taken taken;

    (void)state;
    begin(&taken, NULL);
    type_text(&taken, "\033[1;\r\033O\r\033[M \rq");
    assert_string_equal(said(&taken), "enter esc enter enter 'q'");
}

static void carriage_return_and_line_feed_are_one_enter(void **state)
{
    struct taken taken;

    (void)state;
    begin(&taken, NULL);
    type_text(&taken, "1\r\n2\r\n"); /* as a barcode scanner does */
    assert_string_equal(said(&taken), "'1' enter '2' enter");
    begin(&taken, NULL);
    type_text(&taken, "\r\r\n\n");
    assert_string_equal(said(&taken), "enter enter enter");
    begin(&taken, NULL);
    type_text(&taken, "\r");
    wait_ns(&taken, KEYS_ESCAPE_NS);
    type_text(&taken, "\n");
    assert_string_equal(said(&taken), "enter enter");
    begin(&taken, NULL);
    type_text(&taken, "\rx\n");
    assert_string_equal(said(&taken), "enter 'x' enter");
}

static void what_is_too_long_is_dropped_whole(void **state)
{
    struct taken taken;

    (void)state;
    for (size_t length = KEYS_PENDING_MAX - 4; length < 4 * KEYS_PENDING_MAX; length++) {
        begin(&taken, odd_terminal);
        type_text(&taken, "\033[");
        for (size_t i = 0; i < length; i++) {
            type_text(&taken, "1");
        }
        type_text(&taken, "~\033]");
        for (size_t i = 0; i < length; i++) {
            type_text(&taken, "t");
        }
        type_text(&taken, "\a.");
        assert_string_equal(said(&taken), "'.'");
    }
}

static void the_table_goes_first(void **state)
{
    static const struct example examples[] = {
        {"\033u", "up"},      {"\033#1", "f1"},         {"\033[M", "f1"},   {"\033[A", "down"},
        {"\033[[Q", "home"},  {"\033#2", ""},           {"\033[5A", ""},    {"\033OP", ""},
        {"\033z", ""},        {"\033#9", ""},           {"\033[B", "down"}, {"\033[[A", "f1"},
        {"\033v", "esc 'v'"}, {"\033#\r", "esc enter"}, {"\033[15~", ""},
    };
    struct taken taken;

    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        begin(&taken, odd_terminal);
        type_text(&taken, examples[i].bytes);
        assert_string_equal(said(&taken), examples[i].keys);
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
    }
    begin(&taken, mouse_terminal);
    type_text(&taken, "\033[<0;3;4M\033[<0;3;4m\033[M !!");
    assert_string_equal(said(&taken), "mouse 2,3,0 mouse 0,0,0");
}

/* Whatever comes: no control characters, no nonsense; and at rest after a while. */
static void anything_at_all(void **state)
{
    static const char *const likely =
        "\033\033\033[[O<M;0159~ABPZ$\x9b\x9d\xc3\xa9\xe2\x82\r\n\a\\";
    struct random random = {random_seed(20261125)};
    size_t cases = random_cases(20000);
    struct taken taken;
    uint64_t characters = 0;

    (void)state;
    for (size_t i = 0; i < cases; i++) {
        begin(&taken, i % 3 == 0 ? NULL : i % 3 == 1 ? odd_terminal : mouse_terminal);
        for (size_t n = 0; n < 20; n++) {
            char byte = random_in(&random, 0, 1)
                            ? (char)random_in(&random, 0, 255)
                            : likely[random_in(&random, 0, (int64_t)strlen(likely) - 1)];
            type(&taken, &byte, 1);
            if (random_in(&random, 0, 7) == 0) {
                wait_ns(&taken, random_in(&random, 0, 120) * MS);
            }
        }
        wait_ns(&taken, KEYS_SEQUENCE_NS);
        assert_int_equal(keys_due_ns(&taken.keys), INT64_MAX);
        for (size_t k = 0; k < taken.count; k++) {
            const struct key *key = &taken.key[k];
            assert_in_range(key->code, KEY_CODE_CHAR, KEY_CODE_MOUSE);
            if (key->code == KEY_CODE_CHAR) {
                assert_true(key->ch >= ' ' && key->ch != 0x7f && key->ch <= 0x10ffff);
                assert_false(key->ch >= 0x80 && key->ch < 0xa0);
                assert_false(key->ch >= 0xd800 && key->ch < 0xe000);
                characters++;
            } else if (key->code == KEY_CODE_CTRL) {
                assert_true(key->ch >= 'a' && key->ch <= 0x7f && key->ch != '{');
            } else if (key->code == KEY_CODE_MOUSE) {
                assert_true(key->column >= 0 && key->row >= 0);
                assert_in_range(key->wheel + 1, 0, 2);
            }
        }
    }
    assert_true(characters > cases); /* the test does see some */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_told_apart_from_what_surrounds_them),
        cmocka_unit_test(cut_keys_are_whole_again),
        cmocka_unit_test(what_nobody_knows_is_dropped_whole),
        cmocka_unit_test(ill_formed_characters_take_nothing_with_them),
        cmocka_unit_test(a_lone_escape_is_one_in_time),
        cmocka_unit_test(escape_and_another_key_are_two),
        cmocka_unit_test(escape_is_never_hidden),
        cmocka_unit_test(a_sequence_that_stops_is_dropped),
        cmocka_unit_test(enter_is_never_swallowed_by_a_sequence),
        cmocka_unit_test(carriage_return_and_line_feed_are_one_enter),
        cmocka_unit_test(what_is_too_long_is_dropped_whole),
        cmocka_unit_test(the_table_goes_first),
        cmocka_unit_test(anything_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
