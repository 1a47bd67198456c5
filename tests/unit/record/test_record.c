/*
 * A run as JSON: what is in it, that it reads back to what it was, and what is said of bad ones.
 */
#include "rig/base/units.h"
#include "rig/record/record.h"
#include "tests/unit/parts.h"
#include "tests/unit/run_by_hand.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char *written(const struct record *record)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(record_write(record, out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static struct stored_run *read_back(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct stored_run *run = record_read_text(&diags, "run.json", text, strlen(text));
    if (!run) {
        fail_msg("%s", diags_text(&diags));
    }
    assert_int_equal(diags.count, 0);
    return run;
}

static void check_texts(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a) {
        assert_string_equal(a, b);
    }
}

static void check_pulses(const struct pulse *a, const struct pulse *b)
{
    assert_int_equal(a->start_ns, b->start_ns);
    assert_int_equal(a->end_ns, b->end_ns);
    assert_int_equal(a->colour, b->colour);
    assert_int_equal(a->open, b->open);
    assert_int_equal(a->clipped, b->clipped);
    assert_memory_equal(a->duty_permille, b->duty_permille, sizeof(a->duty_permille));
}

static void check_timelines(const struct timeline *a, const struct timeline *b)
{
    assert_int_equal(a->origin_ns, b->origin_ns);
    assert_int_equal(a->wall_origin_ns, b->wall_origin_ns);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct entry *x = &a->entries[i];
        const struct entry *y = &b->entries[i];
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->code, y->code);
        assert_int_equal(x->input, y->input);
        assert_int_equal(x->press, y->press);
        assert_int_equal(x->mask, y->mask);
        assert_int_equal(x->time_ns, y->time_ns);
        assert_int_equal(x->at_ns, y->at_ns);
        assert_int_equal(x->until_ns, y->until_ns);
        assert_int_equal(x->value, y->value);
        check_texts(x->text, y->text);
        check_texts(x->text2, y->text2);
        check_pulses(&x->pulse, &y->pulse);
    }
}

static void check_judgements(const struct judgement *a, const struct judgement *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_string_equal(a->reason, b->reason);
    assert_string_equal(a->next, b->next);
    assert_true(pattern_equal(&a->led_seen, &b->led_seen));
    assert_int_equal(a->led_watched, b->led_watched);
    assert_int_equal(a->led_truncated, b->led_truncated);
    assert_int_equal(a->led_lost, b->led_lost);
    assert_int_equal(a->finding_count, b->finding_count);
    for (size_t i = 0; i < a->finding_count; i++) {
        assert_int_equal(a->findings[i].result, b->findings[i].result);
        assert_int_equal(a->findings[i].has_margin, b->findings[i].has_margin);
        assert_int_equal(a->findings[i].margin_ns, b->findings[i].margin_ns);
        assert_string_equal(a->findings[i].expected, b->findings[i].expected);
        assert_string_equal(a->findings[i].observed, b->findings[i].observed);
        assert_string_equal(a->findings[i].reason, b->findings[i].reason);
    }
}

/* Written, read and judged again: all as it was. */
static void check_round_trip(const struct run_by_hand *run)
{
    struct judgement *again = malloc(sizeof(*again));
    char *text = written(&run->record);
    struct stored_run *stored = read_back(text);

    assert_non_null(again);
    check_timelines(&run->timeline, &stored->timeline);
    assert_string_equal(stored->version, run->record.version);
    assert_string_equal(stored->model, run->profile->model);
    assert_string_equal(stored->procedure, run->record.procedure->name);
    assert_string_equal(stored->bench, run->record.bench);
    assert_string_equal(stored->station, run->record.station);
    check_texts(stored->unit, run->record.unit);
    check_texts(stored->unit_firmware, run->record.unit_firmware);
    assert_int_equal(stored->simulated, run->record.simulated);
    assert_int_equal(stored->verdict, run->judgement.verdict);
    assert_int_equal(stored->end, run->record.end);
    assert_int_equal(stored->sensors.led, run->record.sensors.led);
    assert_int_equal(stored->sensors.colour, run->record.sensors.colour);
    assert_int_equal(stored->sensors.sound, run->record.sensors.sound);
    assert_int_equal(stored->sensors.radio, run->record.sensors.radio);
    assert_int_equal(stored->sensors.contacts, run->record.sensors.contacts);
    check_texts(stored->sensors.unit_firmware, run->record.unit_firmware);
    judge(run->profile, run->record.procedure, &stored->sensors, &stored->timeline, stored->end,
          again);
    check_judgements(&run->judgement, again);
    record_stored_run_free(stored);
    free(text);
    free(again);
}

static void test_round_trip(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    assert_true(run.judgement.finding_count >= 4);
    assert_int_equal(run.judgement.verdict, VERDICT_PASS);
    check_round_trip(&run);
    run_by_hand_free(&run);
}

/* Every kind of entry with every code, and members at their ends. */
static void test_round_trip_all_kinds(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    for (int kind = ENTRY_START; kind <= ENTRY_END; kind++) {
        int codes = kind == ENTRY_ANSWER    ? ANSWER_BY_SIMULATION
                    : kind == ENTRY_RELEASE ? RELEASE_INTERLOCK
                    : kind == ENTRY_CONTACT ? CONTACT_NEVER
                    : kind == ENTRY_EDGE    ? 1
                    : kind == ENTRY_LOST    ? INPUT_ESTOP
                    : kind == ENTRY_RADIO   ? RADIO_PAIR_FAILED
                    : kind == ENTRY_NOTE    ? NOTE_WATCHING
                                            : 0;
        for (int code = 0; code <= codes; code++) {
            struct entry entry = {.kind = (enum entry_kind)kind,
                                  .code = (uint8_t)code,
                                  .input = -1,
                                  .press = UINT32_MAX,
                                  .mask = UINT32_MAX,
                                  .time_ns = BY_HAND_ORIGIN_NS + INT64_C(41000000000),
                                  .at_ns = BY_HAND_ORIGIN_NS - 1,
                                  .until_ns = BY_HAND_ORIGIN_NS,
                                  .value = INT64_MIN,
                                  .text = "\u00fcber \"quoted\" \\ \x1b[31m \xff",
                                  .text2 = ""};
            if (kind == ENTRY_PULSE || kind == ENTRY_SOUND) {
                entry.pulse = (struct pulse){.start_ns = entry.time_ns,
                                             .end_ns = entry.time_ns,
                                             .colour = COLOUR_MAGENTA,
                                             .open = true,
                                             .clipped = true,
                                             .duty_permille = {1, 0, 1000}};
            }
            timeline_add(&run.timeline, &entry);
        }
    }
    char *text = written(&run.record);
    struct stored_run *stored = read_back(text);
    check_timelines(&run.timeline, &stored->timeline);
    record_stored_run_free(stored);
    free(text);
    run_by_hand_free(&run);
}

static void test_round_trip_ends(void **state)
{
    static const enum run_end ends[] = {END_ABORTED, END_INTERLOCK, END_FAULT};
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct run_by_hand run;
        run_by_hand_make(&run);
        run.record.end = ends[i];
        run.record.unit = NULL;
        run.record.unit_firmware = "2.3.1";
        run.record.simulated = true;
        run.record.sensors.radio = false;
        timeline_add(&run.timeline,
                     &(struct entry){.kind = ENTRY_ABORT, .text = "Ctrl-C", .time_ns = 1});
        judge(run.profile, run.record.procedure, &run.record.sensors, &run.timeline, run.record.end,
              &run.judgement);
        check_round_trip(&run);
        run_by_hand_free(&run);
    }
}

/* ---- what is in it ------------------------------------------------------------------------ */

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value)) {
        fail_msg("%s is no integer", key);
    }
    return json_integer_value(value);
}

static const char *string(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        fail_msg("%s is no string", key);
    }
    return json_string_value(value);
}

static void check_presses(const json_t *root)
{
    const json_t *presses = json_object_get(root, "presses");
    assert_int_equal(json_array_size(presses), 1);
    const json_t *press = json_array_get(presses, 0);
    assert_int_equal(number(press, "number"), 1);
    const json_t *controls = json_object_get(press, "controls");
    assert_int_equal(json_array_size(controls), 2);
    assert_string_equal(json_string_value(json_array_get(controls, 0)), "power");
    assert_string_equal(json_string_value(json_array_get(controls, 1)), "nc_ambient");
    const json_t *commanded = json_object_get(press, "commanded");
    assert_int_equal(number(commanded, "press_ns"), 500 * NS_PER_MS);
    assert_int_equal(number(commanded, "release_ns"), 7700 * NS_PER_MS);
    const json_t *measured = json_object_get(press, "measured");
    assert_int_equal(number(measured, "press_before_ns"), 500 * NS_PER_MS + 100);
    assert_int_equal(number(measured, "press_after_ns"), 500 * NS_PER_MS + 30100);
    assert_int_equal(number(measured, "release_before_ns"), 7621 * NS_PER_MS + 2000);
    assert_int_equal(number(measured, "release_after_ns"), 7621 * NS_PER_MS + 29000);
    const json_t *contact = json_object_get(press, "contact");
    assert_int_equal(number(contact, "down_ns"), 512 * NS_PER_MS);
    assert_int_equal(number(contact, "up_ns"), 7630 * NS_PER_MS);
    assert_true(json_real_value(json_object_get(press, "held_ms")) == 7118.0);
    assert_string_equal(string(press, "ended_by"), "led");
}

static void test_members(void **state)
{
    static const char *const hazards[] = {"dfu"};
    struct run_by_hand run;
    json_error_t error;
    (void)state;
    run_by_hand_make(&run);
    run.record.accepted_hazards = hazards;
    run.record.accepted_count = 1;
    char *text = written(&run.record);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_string_equal(string(root, "verdict"), judge_verdict_name(run.judgement.verdict));
    assert_string_equal(string(root, "model"), "HP-1");
    assert_string_equal(string(root, "procedure"), "reset");
    assert_string_equal(string(root, "kind"), "network");
    assert_string_equal(string(root, "source"), "article-2026");
    assert_string_equal(string(root, "started"), "2026-11-24T15:00:00.012345678Z");
    assert_int_equal(number(root, "clock_origin_ns"), BY_HAND_ORIGIN_NS);
    assert_true(json_is_false(json_object_get(root, "simulated")));
    assert_true(json_is_null(json_object_get(root, "unit_firmware")));
    assert_int_equal(json_array_size(json_object_get(root, "hazards_accepted")), 1);
    check_presses(root);
    const json_t *led = json_object_get(root, "led");
    assert_string_equal(string(led, "seen"), "blue x2, white x1");
    const json_t *pulses = json_object_get(led, "pulses");
    assert_int_equal(json_array_size(pulses), 3);
    assert_int_equal(number(json_array_get(pulses, 2), "start_ns"), 7400 * NS_PER_MS);
    assert_string_equal(string(json_array_get(pulses, 2), "colour"), "white");
    assert_int_equal(json_array_size(json_object_get(root, "sound")), 1);
    assert_int_equal(json_array_size(json_object_get(root, "radio")), 4);
    const json_t *answer = json_array_get(json_object_get(root, "answers"), 0);
    assert_string_equal(string(answer, "question"), "power");
    assert_string_equal(string(answer, "answer"), "on");
    assert_string_equal(string(answer, "by"), "operator");
    const json_t *finding = json_array_get(json_object_get(root, "expectations"), 0);
    assert_string_equal(string(finding, "what"), "led");
    assert_string_equal(string(finding, "result"), "pass");
    assert_true(json_is_true(json_object_get(finding, "needed")));
    assert_true(json_is_real(json_object_get(finding, "margin_ms")));
    json_decref(root);
    free(text);
    run_by_hand_free(&run);
}

/* Without contact sense, and a press that never ended. */
static void test_presses_without_contact(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    timeline_reset(&run.timeline);
    for (uint32_t press = 1; press <= 2; press++) {
        struct entry entry = {.kind = ENTRY_ORDER,
                              .press = press,
                              .mask = 1,
                              .text = "power",
                              .at_ns = press * NS_PER_S,
                              .until_ns = press * NS_PER_S + 80 * NS_PER_MS};
        timeline_add(&run.timeline, &entry);
        entry.kind = ENTRY_PRESSED;
        timeline_add(&run.timeline, &entry);
        if (press == 1) {
            entry.kind = ENTRY_RELEASED;
            entry.at_ns += 80123456;
            timeline_add(&run.timeline, &entry);
        }
    }
    char *text = written(&run.record);
    assert_non_null(
        strstr(text, "\"contact\":null,\"held_ms\":80.123456,\"ended_by\":\"schedule\""));
    assert_non_null(strstr(text, "\"release_before_ns\":null,\"release_after_ns\":null},"
                                 "\"contact\":null,\"held_ms\":null,\"ended_by\":null"));
    free(text);
    run_by_hand_free(&run);
}

/* A press that its keeper ended, and a contact that never closed. */
static void test_presses_that_failed(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    timeline_reset(&run.timeline);
    struct entry entry = {.kind = ENTRY_ORDER,
                          .press = 1,
                          .mask = 1,
                          .text = "power",
                          .at_ns = NS_PER_S,
                          .until_ns = 3 * NS_PER_S};
    timeline_add(&run.timeline, &entry);
    entry.kind = ENTRY_PRESSED;
    timeline_add(&run.timeline, &entry);
    entry.kind = ENTRY_RELEASED;
    entry.at_ns = 2 * NS_PER_S;
    timeline_add(&run.timeline, &entry);
    entry.kind = ENTRY_CONTACT;
    entry.code = CONTACT_NEVER;
    timeline_add(&run.timeline, &entry);
    entry.code = CONTACT_DOWN; /* of a button that is not pressed */
    entry.input = 1;
    entry.text = "nc_ambient";
    timeline_add(&run.timeline, &entry);
    char *text = written(&run.record);
    assert_non_null(strstr(text, "\"contact\":{\"down_ns\":null,\"up_ns\":null,\"controls\":["
                                 "{\"control\":\"power\",\"down_ns\":null,\"up_ns\":null}]},"
                                 "\"held_ms\":null,\"ended_by\":\"fault\"}"));
    free(text);
    run_by_hand_free(&run);
}

static void add_tap(struct timeline *timeline, enum entry_kind kind, uint32_t press, int64_t at_ns)
{
    struct entry entry = {.kind = kind,
                          .press = press,
                          .mask = 1,
                          .time_ns = BY_HAND_ORIGIN_NS + at_ns,
                          .at_ns = BY_HAND_ORIGIN_NS + at_ns,
                          .until_ns = BY_HAND_ORIGIN_NS + at_ns,
                          .text = "power"};
    timeline_add(timeline, &entry);
}

static void add_contact(struct timeline *timeline, enum contact_code code, uint32_t press,
                        int64_t time_ns)
{
    struct entry entry = {.kind = ENTRY_CONTACT,
                          .code = (uint8_t)code,
                          .press = press,
                          .time_ns = BY_HAND_ORIGIN_NS + time_ns,
                          .text = "power"};
    timeline_add(timeline, &entry);
}

/* A button that comes up, bouncing, when the next tap is ordered already. */
static void test_presses_of_taps(void **state)
{
    struct run_by_hand run;
    struct timeline *timeline = &run.timeline;
    (void)state;
    run_by_hand_make(&run);
    timeline_reset(timeline);
    timeline->origin_ns = BY_HAND_ORIGIN_NS;
    add_tap(timeline, ENTRY_ORDER, 1, 10);
    add_tap(timeline, ENTRY_PRESSED, 1, 10);
    add_contact(timeline, CONTACT_DOWN, 1, 20);
    add_contact(timeline, CONTACT_UP, 1, 21);
    add_contact(timeline, CONTACT_DOWN, 1, 22);
    add_tap(timeline, ENTRY_RELEASED, 1, 50);
    add_tap(timeline, ENTRY_ORDER, 2, 100);
    add_contact(timeline, CONTACT_UP, 2, 60);
    add_contact(timeline, CONTACT_DOWN, 2, 61);
    add_contact(timeline, CONTACT_UP, 2, 62);
    add_tap(timeline, ENTRY_PRESSED, 2, 100);
    add_contact(timeline, CONTACT_DOWN, 2, 110);
    add_tap(timeline, ENTRY_RELEASED, 2, 140);
    add_contact(timeline, CONTACT_UP, 0, 150);
    char *text = written(&run.record);
    assert_non_null(strstr(text, "\"contact\":{\"down_ns\":20,\"up_ns\":62,"));
    assert_non_null(strstr(text, "\"contact\":{\"down_ns\":110,\"up_ns\":150,"));
    free(text);
    run_by_hand_free(&run);
}

/* What the operator types may be anything; what is printed is UTF-8. */
static void test_texts_are_utf8(void **state)
{
    struct run_by_hand run;
    json_error_t error;
    (void)state;
    run_by_hand_make(&run);
    run.record.unit = "\xff\xc3\x28\x1b[2J\xe2\x80\xae";
    char *text = written(&run.record);
    json_t *root = json_loads(text, 0, &error);
    assert_non_null(root);
    assert_string_equal(string(root, "unit"), "\\xFF\\xC3(\\x1B[2J\\u{202E}");
    json_decref(root);
    free(text);
    run_by_hand_free(&run);
}

static void test_write_fails(void **state)
{
    struct run_by_hand run;
    FILE *out = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(out);
    run_by_hand_make(&run);
    assert_int_equal(record_write(&run.record, out), -1);
    assert_int_equal(errno, ENOSPC);
    fclose(out);
    run_by_hand_free(&run);
}

static void test_write_again(void **state)
{
    struct run_by_hand run;
    json_error_t error;
    char *again = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&again, &size);
    (void)state;
    run_by_hand_make(&run);
    char *text = written(&run.record);
    struct stored_run *stored = read_back(text);
    struct judged_again *judged = xcalloc(sizeof(*judged));
    judged->judgement = run.judgement;
    judged->judgement.verdict = VERDICT_FAIL;
    judged->compared = true;
    assert_int_equal(record_write_again(stored, run.profile, run.record.procedure, judged, out), 0);
    free(judged);
    fclose(out);
    json_t *root = json_loads(again, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_string_equal(string(root, "verdict"), "fail");
    assert_string_equal(string(root, "verdict_then"), "pass");
    assert_string_equal(string(root, "led_seen"), "blue x2, white x1");
    const json_t *presses = json_object_get(root, "presses");
    assert_true(json_is_true(json_object_get(presses, "as_asked")));
    assert_true(json_is_null(json_object_get(presses, "difference")));
    assert_int_equal(json_array_size(json_object_get(presses, "made")), 1);
    const json_t *asked = json_array_get(json_object_get(presses, "asked"), 0);
    assert_int_equal(json_array_size(json_object_get(asked, "controls")), 2);
    assert_true(json_number_value(json_object_get(asked, "hold_ms")) == 7000.0);
    json_decref(root);
    record_stored_run_free(stored);
    free(again);
    free(text);
    run_by_hand_free(&run);
}

/* ---- what is wrong with bad ones ---------------------------------------------------------- */

/* The first error that `text` gives, without its end; "" for none. To be freed. */
static char *error_of(const char *text, size_t length)
{
    struct diags diags = DIAGS_INIT;
    struct stored_run *run = record_read_text(&diags, "run.json", text, length);
    assert_int_equal(run == NULL, diags.errors > 0);
    record_stored_run_free(run);
    char *got = diags_text(&diags);
    got[strcspn(got, ";\n")] = '\0';
    return got;
}

/* `text` with the first `from` made `to`. To be freed. */
static char *with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *changed = NULL;
    if (!at) {
        fail_msg("`%s` is not there", from);
    }
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    return changed;
}

static void test_bad_members(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *error;
    } cases[] = {
        {"\"format\": 1", "\"format\": 2", "`format` is not between 1 and 1"},
        {"\"format\": 1,", "", "`format` is missing"},
        {"\"verdict\": \"pass\"", "\"verdict\": \"fine\"", "`verdict` is not a verdict"},
        {"\"verdict\": \"pass\"", "\"verdict\": 1", "`verdict` is not a string"},
        {"\"simulated\": false", "\"simulated\": 0", "`simulated` is neither true nor false"},
        {"\"model\": \"HP-1\",", "", "`model` is missing"},
        {"\"model\": \"HP-1\",", "\"model\": null,", "`model` is missing"},
        {"\"unit\": \"5012345\"", "\"unit\": []", "`unit` is not a string"},
        {"\"end\": \"complete\"", "\"end\": \"over\"", "`end` is not one of its values"},
        {"\"eyes\": {\"led\":true", "\"eyes\": {\"led\":1", "`eyes.led` is neither true nor false"},
        {"\"eyes\": {", "\"eyes\": [{", NULL},
        {"\"clock_origin_ns\": 987654321012345678", "\"clock_origin_ns\": -1",
         "`clock_origin_ns` is not between 0 and 1152921504606846976"},
        {"\"clock_origin_ns\": 987654321012345678", "\"clock_origin_ns\": 1e30",
         "`clock_origin_ns` is not a whole number"},
        {"\"started\": \"2026-11-24", "\"started\": \"2026-13-24",
         "`started` is not a time in UTC"},
        {"012345678Z\"", "012345678\"", "`started` is not a time in UTC"},
        {"\"timeline\": [", "\"timeline\": 1, \"was\": [", "`timeline` is not a list"},
        {"{\"kind\":\"start\",\"time_ns\":0}", "7", "`timeline[0]` is not an object"},
        {"\"kind\":\"start\"", "\"kind\":\"begin\"", "`timeline[0].kind` is not a kind of entry"},
        {"\"kind\":\"start\",\"time_ns\":0", "\"kind\":\"start\"",
         "`timeline[0].time_ns` is missing"},
        {"\"kind\":\"start\",\"time_ns\":0", "\"kind\":\"start\",\"time_ns\":1152921504606846977",
         "`timeline[0].time_ns` is not between -1152921504606846976 and 1152921504606846976"},
        {"\"kind\":\"start\",\"time_ns\":0", "\"kind\":\"start\",\"time_ns\":0,\"input\":24",
         "`timeline[0].input` is not between -1 and 23"},
        {"\"by\":\"operator\",\"text\"", "\"by\":\"me\",\"text\"",
         "`timeline[2].by` is not one of its values"},
        {"\"text2\":\"on\"", "\"text3\":\"on\"", "`timeline[2].text2` is missing"},
        {"\"press\":1,\"mask\":3,\"at_ns\":500000000,", "\"press\":1,\"mask\":3,",
         "`timeline[5].at_ns` is missing"},
        {"\"press\":1,\"mask\":3", "\"press\":1,\"mask\":-3",
         "`timeline[5].mask` is not between 0 and 4294967295"},
        {"\"pulse\":{\"start_ns\":6600000000", "\"pulse\":{\"start_ns\":6900000000",
         "`timeline[8].pulse.end_ns` is before its start_ns"},
        {"\"pulse\":{\"start_ns\":7000000000", "\"pulse\":{\"start_ns\":6700000000",
         "`timeline[9].pulse` begins before the previous one has ended"},
        {"6800000000,\"pulse\":{", "6800000000,\"beat\":{", "`timeline[8].pulse` is missing"},
    };
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    char *text = written(&run.record);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *changed = with(text, cases[i].from, cases[i].to);
        char *got = error_of(changed, strlen(changed));
        if (cases[i].error) {
            assert_true(strncmp(got, "run.json: error: ", 17) == 0);
            assert_string_equal(got + 17, cases[i].error);
        } else {
            assert_true(strncmp(got, "run.json:", 9) == 0);
        }
        free(got);
        free(changed);
    }
    free(text);
    run_by_hand_free(&run);
}

static void test_bad_duties_and_colours(void **state)
{
    static const char *const duties[] = {"[1,2]",       "[1,2,3,4]", "[1,2,-1]", "[1,2,1001]",
                                         "[1,2,\"3\"]", "[1,2,3.5]", "7",        "null"};
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    char *text = written(&run.record);
    char *timeline = strstr(text, "\"timeline\"");
    assert_non_null(timeline);
    for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++) {
        char to[64];
        snprintf(to, sizeof(to), "\"duty\":%s", duties[i]);
        char *changed = with(timeline, "\"duty\":[0,0,1000]", to);
        char *whole = NULL;
        assert_true(asprintf(&whole, "%.*s%s", (int)(timeline - text), text, changed) > 0);
        char *got = error_of(whole, strlen(whole));
        assert_non_null(strstr(got, "error: `timeline[8].pulse.duty` is "));
        free(got);
        free(whole);
        free(changed);
    }
    char *changed = with(timeline, "\"colour\":\"blue\"", "\"colour\":\"dark\"");
    char *whole = NULL;
    assert_true(asprintf(&whole, "%.*s%s", (int)(timeline - text), text, changed) > 0);
    char *got = error_of(whole, strlen(whole));
    assert_string_equal(got, "run.json: error: `timeline[8].pulse.colour` is not a colour");
    free(got);
    free(whole);
    free(changed);
    free(text);
    run_by_hand_free(&run);
}

static void test_bad_json(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "run.json:1:1: error: is not JSON: '[' or '{' expected near end of file"},
        {"{", "run.json:1:1: error: is not JSON: string or '}' expected near end of file"},
        {"[]", "run.json: error: is not a stored run: it is not an object"},
        {"{\n \"a\": 1,\n \"a\": 2}",
         "run.json:3:4: error: is not JSON: duplicate object key near '\"a\"'"},
        {"{\"a\": 99999999999999999999}", "run.json:1:26: error: is not JSON: too big integer"},
        {"{\"a\": \"\\u0000\"}",
         "run.json:1:14: error: is not JSON: \\u0000 is not allowed without JSON_ALLOW_NUL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = error_of(cases[i].text, strlen(cases[i].text));
        assert_true(strncmp(got, "run.json:", 9) == 0);
        /* Where exactly, and in which words, is jansson's matter. */
        assert_non_null(strstr(got, strstr(cases[i].error, "error: ")));
        free(got);
    }
}

/* Wherever a run is cut off, that is told. */
static void test_every_cut(void **state)
{
    struct run_by_hand run;
    (void)state;
    run_by_hand_make(&run);
    char *text = written(&run.record);
    size_t length = strlen(text);
    size_t step = getenv("LONGPRESS_CASES") ? 97 : 7;
    for (size_t cut = 0; cut < length - 1; cut += step) {
        char *got = error_of(text, cut);
        assert_true(strncmp(got, "run.json:", 9) == 0);
        free(got);
    }
    free(text);
    run_by_hand_free(&run);
}

static void test_absurd(void **state)
{
    enum { TEN_MB = 10 * 1000 * 1000 };
    static const struct {
        const char *head;
        const char *text;
    } cases[] = {
        {"", "["},          {"", "{\"a\":"},       {"{\"a\":[", "[],"}, {"{\"a\":[", "{},"},
        {"{\"a\":[", "0,"}, {"{\"a\":\"", "\\\""}, {"", " "},           {"{\"a\":\"", "\xc3\xa4"},
    };
    size_t size = getenv("LONGPRESS_CASES") ? TEN_MB / 100 : TEN_MB;
    char *text = malloc(2 * (size_t)TEN_MB);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t head = strlen(cases[i].head);
        size_t period = strlen(cases[i].text);
        memcpy(text, cases[i].head, head);
        for (size_t at = head; at < size; at++) {
            text[at] = cases[i].text[(at - head) % period];
        }
        clock_t before = clock();
        char *got = error_of(text, size);
        assert_true(clock() - before < CLOCKS_PER_SEC);
        assert_true(strlen(got) > 0 && strlen(got) < 1000);
        free(got);
    }
    memset(text, ' ', 2 * (size_t)TEN_MB);
    char *got = error_of(text, 2 * (size_t)TEN_MB);
    assert_string_equal(got, "run.json: error: is larger than any stored run");
    free(got);
    free(text);
}

static void test_files(void **state)
{
    struct run_by_hand run;
    struct diags diags = DIAGS_INIT;
    char path[] = "/tmp/longpress-record-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    FILE *out = fdopen(fd, "w");
    assert_non_null(out);
    run_by_hand_make(&run);
    assert_int_equal(record_write(&run.record, out), 0);
    fclose(out);
    struct stored_run *stored = record_read(&diags, path);
    assert_non_null(stored);
    check_timelines(&run.timeline, &stored->timeline);
    record_stored_run_free(stored);
    unlink(path);
    assert_null(record_read(&diags, "no such.json"));
    assert_null(record_read(&diags, "rig"));
    assert_null(record_read(&diags, "/dev/zero"));
    assert_int_equal(diags.errors, 3);
    diags_clear(&diags);
    run_by_hand_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_round_trip_all_kinds),
        cmocka_unit_test(test_round_trip_ends),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_presses_without_contact),
        cmocka_unit_test(test_presses_that_failed),
        cmocka_unit_test(test_presses_of_taps),
        cmocka_unit_test(test_texts_are_utf8),
        cmocka_unit_test(test_write_fails),
        cmocka_unit_test(test_write_again),
        cmocka_unit_test(test_bad_members),
        cmocka_unit_test(test_bad_duties_and_colours),
        cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_absurd),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
