/*
 * What the journal is made of: hashes, packed timelines, CSV, dates.
 */
#include "rig/base/units.h"
#include "rig/base/when.h"
#include "rig/format/csv.h"
#include "rig/format/sha256.h"
#include "rig/journal/journal_pack.h"
#include "rig/record/record.h"
#include "rig/record/record_internal.h"
#include "tests/unit/journal_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* ---- SHA-256 ------------------------------------------------------------------------------ */

static void hash_is(const char *data, size_t length, const char *expected)
{
    uint8_t hash[SHA256_BYTES];
    char text[SHA256_TEXT_MAX];

    sha256(data, length, hash);
    assert_string_equal(sha256_text(text, hash), expected);
}

/* FIPS 180-4's examples. */
static void hashes_of_the_standard(void **state)
{
    enum { MILLION = 1000000 };
    char *many = malloc(MILLION);

    (void)state;
    assert_non_null(many);
    memset(many, 'a', MILLION);
    hash_is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    hash_is(many, MILLION, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(many);
}

/* Of every length around the block, as coreutils has it. */
static void hashes_of_all_lengths(void **state)
{
    static const size_t lengths[] = {1, 31, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000};
    char data[1000];

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (char)('a' + i * 7 % 26);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char command[1100];
        char expected[SHA256_TEXT_MAX];
        snprintf(command, sizeof(command), "printf %%s %.*s | sha256sum", (int)lengths[i], data);
        FILE *in = popen(command, "r");
        assert_non_null(in);
        assert_non_null(fgets(expected, sizeof(expected), in));
        pclose(in);
        hash_is(data, lengths[i], expected);
    }
}

/* ---- packed timelines --------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 16;
}

static const char *random_text(uint64_t *random, char out[64])
{
    size_t length = next_random(random) % 60;
    for (size_t i = 0; i < length; i++) {
        out[i] = (char)('a' + next_random(random) % 4);
    }
    out[length] = '\0';
    return out;
}

/* An instant near the origin, rarely at the very ends. */
static int64_t random_instant(uint64_t *random, int64_t origin_ns)
{
    switch (next_random(random) % 8) {
    case 0:
        return origin_ns + RECORD_NS_MAX;
    case 1:
        return origin_ns - RECORD_NS_MAX;
    default:
        return origin_ns + (int64_t)(next_random(random) % 100000000000);
    }
}

static void add_random(struct timeline *timeline, uint64_t *random)
{
    char texts[4][64];
    struct entry entry = {.kind = (enum entry_kind)(next_random(random) % (ENTRY_END + 1))};
    int codes = 0;

    while (record_code_word(entry.kind, codes)) {
        codes++;
    }
    entry.code = codes ? (uint8_t)(next_random(random) % (unsigned)codes) : 0;
    entry.input = (int16_t)((int)(next_random(random) % 25) - 1);
    entry.press = (uint32_t)next_random(random) >> next_random(random) % 32;
    entry.mask = (uint32_t)next_random(random) >> next_random(random) % 32;
    entry.value = (int64_t)(next_random(random) << 16) >> next_random(random) % 63;
    entry.time_ns = random_instant(random, timeline->origin_ns);
    entry.at_ns = next_random(random) % 2 ? random_instant(random, timeline->origin_ns) : 0;
    entry.until_ns = next_random(random) % 2 ? random_instant(random, timeline->origin_ns) : 0;
    entry.text = random_text(random, texts[0]);
    entry.text2 = random_text(random, texts[1]);
    entry.object = next_random(random) % 2 ? random_text(random, texts[2]) : NULL;
    entry.error = next_random(random) % 2 ? random_text(random, texts[3]) : NULL;
    if (record_has_pulse(entry.kind)) {
        entry.pulse.start_ns = random_instant(random, timeline->origin_ns);
        entry.pulse.end_ns = timeline->origin_ns + RECORD_NS_MAX;
        entry.pulse.colour = (colour)(1 + next_random(random) % (COLOUR_COUNT - 1));
        entry.pulse.open = next_random(random) % 2;
        entry.pulse.clipped = next_random(random) % 2;
        for (int i = 0; i < LED_CHANNELS; i++) {
            entry.pulse.duty_permille[i] = (uint16_t)(next_random(random) % 1001);
        }
    }
    timeline_add(timeline, &entry);
}

static void packed_and_unpacked(void **state)
{
    size_t cases = getenv("LONGPRESS_CASES") ? 50 : 1000;

    (void)state;
    for (uint64_t seed = 1; seed <= cases; seed++) {
        struct arena arena = ARENA_INIT;
        struct timeline timeline;
        struct timeline again;
        uint64_t random = seed;
        size_t pulses = 0;
        size_t unkept = 0;

        timeline_init(&timeline);
        timeline_init(&again);
        timeline.origin_ns = again.origin_ns = (int64_t)(next_random(&random) % RECORD_NS_MAX);
        for (size_t n = next_random(&random) % 400; n > 0; n--) {
            add_random(&timeline, &random);
        }
        for (size_t at = 0; at < timeline.count;) {
            struct timeline so_far = timeline;
            so_far.count = at + 1 + next_random(&random) % (timeline.count - at);
            struct packed packed = journal_pack(&arena, &so_far, at, &pulses, &unkept);
            assert_int_equal(packed.entries, so_far.count - at);
            assert_null(journal_unpack(packed.data, packed.length, &again));
            at = so_far.count;
        }
        assert_int_equal(unkept, 0);
        same_timeline(&again, &timeline);
        timeline_free(&timeline);
        timeline_free(&again);
        arena_free(&arena);
    }
}

/* A chunk that ends too early is wrong, wherever it ends: unless it ends behind an entry. */
static void cut_short(void **state)
{
    struct arena arena = ARENA_INIT;
    struct timeline timeline;
    struct timeline again;
    uint64_t random = 7;
    size_t pulses = 0;
    size_t unkept = 0;

    (void)state;
    timeline_init(&timeline);
    timeline_init(&again);
    for (int i = 0; i < 30; i++) {
        add_random(&timeline, &random);
    }
    struct packed packed = journal_pack(&arena, &timeline, 0, &pulses, &unkept);
    size_t whole = 0;
    for (size_t length = 0; length <= packed.length; length++) {
        timeline_reset(&again);
        whole += journal_unpack(packed.data, length, &again) == NULL;
        assert_true(again.count <= timeline.count);
    }
    assert_int_equal(whole, timeline.count + 1);
    timeline_free(&timeline);
    timeline_free(&again);
    arena_free(&arena);
}

/* More pulses than are kept: counted, and everything else stays. */
static void a_flood_of_pulses(void **state)
{
    enum { FLOOD = JOURNAL_PULSES_MAX + 1000 };
    struct arena arena = ARENA_INIT;
    struct timeline timeline;
    struct timeline again;
    size_t pulses = 0;
    size_t unkept = 0;

    (void)state;
    timeline_init(&timeline);
    timeline_init(&again);
    for (int64_t i = 0; i < FLOOD; i++) {
        int64_t at_ns = i * NS_PER_MS;
        timeline_add(&timeline, &(struct entry){.kind = ENTRY_PULSE,
                                                .time_ns = at_ns,
                                                .at_ns = at_ns,
                                                .until_ns = at_ns + 300000 + i % 400,
                                                .pulse = {.start_ns = at_ns,
                                                          .end_ns = at_ns + 300000 + i % 400,
                                                          .colour = COLOUR_WHITE,
                                                          .duty_permille = {1000, 990, 980}}});
    }
    timeline_add(&timeline, &(struct entry){.kind = ENTRY_END, .time_ns = FLOOD * NS_PER_MS});
    struct packed packed = journal_pack(&arena, &timeline, 0, &pulses, &unkept);
    assert_int_equal(unkept, 1000);
    assert_int_equal(packed.entries, JOURNAL_PULSES_MAX + 1);
    assert_null(journal_unpack(packed.data, packed.length, &again));
    assert_int_equal(again.count, JOURNAL_PULSES_MAX + 1);
    assert_int_equal(again.entries[again.count - 1].kind, ENTRY_END);
    print_message("a flood of pulses: %zu bytes, %.1f each\n", packed.length,
                  (double)packed.length / (double)packed.entries);
    assert_true(packed.length < 1000000);
    timeline_free(&timeline);
    timeline_free(&again);
    arena_free(&arena);
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static void csv_is(const char *text, const char *expected)
{
    char *line = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&line, &length);
    struct csv csv = {.out = out};

    csv_text(&csv, text);
    csv_text(&csv, "x");
    csv_line_end(&csv);
    fclose(out);
    char whole[256];
    snprintf(whole, sizeof(whole), "%s,x\r\n", expected);
    assert_string_equal(line, whole);
    free(line);
}

static void csv_cells(void **state)
{
    (void)state;
    csv_is(NULL, "");
    csv_is("", "");
    csv_is("plain", "plain");
    csv_is("a,b", "\"a,b\"");
    csv_is("a\"b", "\"a\"\"b\"");
    csv_is(" a", "\" a\"");
    csv_is("=1+1", "'=1+1");
    csv_is("+1", "'+1");
    csv_is("-1", "'-1");
    csv_is("@x", "'@x");
    csv_is("\tx", "'\\x09x");
    csv_is("\rx", "'\\x0Dx");
    csv_is("=a,\"b\"", "\"'=a,\"\"b\"\"\"");
    csv_is("a=1", "a=1");
    csv_is("a\nb", "a\\x0Ab");
    csv_is("\x1b[2J", "\\x1B[2J");
    csv_is("\xff", "\\xFF");
    csv_is("ä", "ä");
}

static void csv_numbers(void **state)
{
    char *line = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&line, &length);
    struct csv csv = {.out = out};

    (void)state;
    csv_int(&csv, -5);
    csv_ms(&csv, 1234567);
    csv_ms(&csv, -1234567);
    csv_ms(&csv, 0);
    csv_line_end(&csv);
    csv_int(&csv, 1);
    fclose(out);
    assert_string_equal(line, "-5,1.234,-1.234,0.000\r\n1");
    free(line);
}

/* ---- dates -------------------------------------------------------------------------------- */

#define NOON (INT64_C(1795608000) * NS_PER_S) /* 2026-11-25 12:00 UTC */

static void date_is(const char *text, int64_t expected_ns)
{
    int64_t got_ns = -1;
    const char *wrong = when_parse(text, NOON, &got_ns);

    if (wrong) {
        fail_msg("%s %s", text, wrong);
    }
    assert_int_equal(got_ns, expected_ns);
}

static void dates(void **state)
{
    static const char *const wrongs[] = {"",
                                         "yesterday",
                                         "2026-13-01",
                                         "2026-02-30",
                                         "2026-11-25x",
                                         "1960-01-01",
                                         "7",
                                         "7 y",
                                         "-3 d",
                                         "2026-11-25 25:00",
                                         "9999999 d",
                                         "3d4",
                                         "2026-11-25 12:00 Z"};
    char text[WHEN_TEXT_MAX];
    int64_t ns;

    (void)state;
    setenv("TZ", "UTC-2", 1); /* two hours ahead */
    tzset();
    date_is("2026-11-25T12:00:00Z", NOON);
    date_is("2026-11-25 12:00Z", NOON);
    date_is("2026-11-25 14:00", NOON);
    date_is("2026-11-25T14:00:01", NOON + NS_PER_S);
    date_is("2026-11-25", NOON - 14 * 3600 * NS_PER_S);
    date_is("90 min", NOON - 90 * 60 * NS_PER_S);
    date_is("12h", NOON - 12 * 3600 * NS_PER_S);
    date_is("7d", NOON - INT64_C(7) * 24 * 3600 * NS_PER_S);
    date_is("2 w", NOON - INT64_C(14) * 24 * 3600 * NS_PER_S);
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        if (!when_parse(wrongs[i], NOON, &ns)) {
            fail_msg("`%s` was taken for a date", wrongs[i]);
        }
    }
    assert_string_equal(when_local(text, NOON), "2026-11-25 14:00:00");
    assert_string_equal(when_utc(text, NOON + 5), "2026-11-25T12:00:00.000000005Z");
    assert_null(when_utc(text, -1));
    assert_string_equal(when_local(text, -1), "?");
    unsetenv("TZ");
    tzset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_the_standard),
        cmocka_unit_test(hashes_of_all_lengths),
        cmocka_unit_test(packed_and_unpacked),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(a_flood_of_pulses),
        cmocka_unit_test(csv_cells),
        cmocka_unit_test(csv_numbers),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
