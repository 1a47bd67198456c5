/*
 * A profile that is written and read again is the same profile, whatever its texts.
 */
#include "rig/profile/profile_write.h"
#include "tests/unit/parts.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- comparing ---------------------------------------------------------------------------- */

static void same_text(const char *a, const char *b)
{
    if (!a || !b) {
        assert_ptr_equal(a, b);
        return;
    }
    assert_string_equal(a, b);
}

static void same_list(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        same_text(a[i], b[i]);
    }
}

static void same_source(const struct source *a, const struct source *b)
{
    same_text(a->id, b->id);
    same_text(a->note, b->note);
}

static void same_question(const struct question *a, const struct question *b)
{
    same_text(a->name, b->name);
    same_text(a->prompt, b->prompt);
    same_list(a->answers, a->answer_count, b->answers, b->answer_count);
}

static void same_step(const struct step *a, const struct step *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->controls, b->controls);
    assert_true(a->for_ns == b->for_ns);
    assert_int_equal(a->has_release_on, b->has_release_on);
    assert_true(pattern_equal(&a->release_on, &b->release_on));
    assert_int_equal(a->times, b->times);
    assert_true(a->on_ns == b->on_ns);
    assert_true(a->off_ns == b->off_ns);
    if (a->kind == STEP_ASK) {
        same_question(&a->ask, &b->ask);
    }
}

static void same_expectation(const struct expectation *a, const struct expectation *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->unknown, b->unknown);
    assert_int_equal(a->needed, b->needed);
    assert_int_equal(a->anchor, b->anchor);
    assert_true(a->after_ns == b->after_ns);
    assert_true(a->within_ns == b->within_ns);
    assert_true(pattern_equal(&a->pattern, &b->pattern));
    assert_int_equal(a->extra, b->extra);
    assert_true(a->dark_ns == b->dark_ns);
    same_text(a->prompt, b->prompt);
    assert_true(a->min_ns == b->min_ns);
    same_text(a->name, b->name);
    assert_int_equal(a->services, b->services);
}

static void same_requirement(const struct requirement *a, const struct requirement *b)
{
    same_question(&a->question, &b->question);
    same_list(a->accept, a->accept_count, b->accept, b->accept_count);
    assert_int_equal(a->at_least_x100, b->at_least_x100);
}

static void same_procedure(const struct procedure *a, const struct procedure *b)
{
    same_text(a->name, b->name);
    assert_int_equal(a->kind, b->kind);
    same_text(a->title, b->title);
    same_list(a->preserves, a->preserves_count, b->preserves, b->preserves_count);
    assert_int_equal(a->preserves_unknown, b->preserves_unknown);
    same_list(a->clears, a->clears_count, b->clears, b->clears_count);
    assert_int_equal(a->clears_unknown, b->clears_unknown);
    same_source(&a->source, &b->source);
    assert_int_equal(a->requires_count, b->requires_count);
    for (size_t i = 0; i < a->requires_count; i++) {
        same_requirement(&a->requires[i], &b -> requires[i]);
    }
    assert_int_equal(a->intends, b->intends);
    assert_int_equal(a->step_count, b->step_count);
    for (size_t i = 0; i < a->step_count; i++) {
        same_step(&a->steps[i], &b->steps[i]);
    }
    assert_int_equal(a->expect_count, b->expect_count);
    for (size_t i = 0; i < a->expect_count; i++) {
        same_expectation(&a->expect[i], &b->expect[i]);
    }
    assert_int_equal(a->retry.times, b->retry.times);
    assert_true(a->retry.cooldown_ns == b->retry.cooldown_ns);
    same_source(&a->retry.source, &b->retry.source);
    assert_int_equal(a->retry.other_count, b->retry.other_count);
    for (size_t i = 0; i < a->retry.other_count; i++) {
        assert_true(a->retry.others[i].cooldown_ns == b->retry.others[i].cooldown_ns);
        same_source(&a->retry.others[i].source, &b->retry.others[i].source);
    }
    same_list(a->advice, a->advice_count, b->advice, b->advice_count);
}

static void same_profile(const struct profile *a, const struct profile *b)
{
    same_text(a->model, b->model);
    same_text(a->family, b->family);
    same_text(a->bluetooth_name, b->bluetooth_name);
    same_text(a->le_name, b->le_name);
    assert_int_equal(a->source_count, b->source_count);
    for (size_t i = 0; i < a->source_count; i++) {
        same_source(&a->sources[i], &b->sources[i]);
    }
    assert_int_equal(a->control_count, b->control_count);
    for (size_t i = 0; i < a->control_count; i++) {
        const struct control *x = &a->controls[i];
        const struct control *y = &b->controls[i];
        same_text(x->name, y->name);
        same_list(x->aliases, x->alias_count, y->aliases, y->alias_count);
        assert_int_equal(x->kind, y->kind);
        assert_true(x->max_hold_ns == y->max_hold_ns);
        same_text(x->note, y->note);
    }
    assert_int_equal(a->hazard_count, b->hazard_count);
    for (size_t i = 0; i < a->hazard_count; i++) {
        const struct hazard *x = &a->hazards[i];
        const struct hazard *y = &b->hazards[i];
        same_text(x->id, y->id);
        assert_int_equal(x->hold, y->hold);
        assert_true(x->longer_than_ns == y->longer_than_ns);
        assert_int_equal(x->grade, y->grade);
        same_text(x->risk, y->risk);
        same_source(&x->source, &y->source);
    }
    assert_int_equal(a->procedure_count, b->procedure_count);
    for (size_t i = 0; i < a->procedure_count; i++) {
        same_procedure(&a->procedures[i], &b->procedures[i]);
    }
}

/* ---- there and back ----------------------------------------------------------------------- */

static void there_and_back(const struct profile *profile, const struct profile_comment *comments,
                           size_t comment_count)
{
    struct diags diags = DIAGS_INIT;
    struct arena arena = ARENA_INIT;
    size_t length;
    const char *text = profile_text(&arena, profile, comments, comment_count, &length);
    assert_int_equal(length, strlen(text));
    struct profile *again = profile_load_text(&diags, "again", text, length);
    if (!again || diags.count > 0) {
        fail_msg("%s\n%s", diags_text(&diags), text);
        return;
    }
    same_profile(profile, again);
    profile_free(again);
    arena_free(&arena);
}

static struct profile *loaded(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct profile *profile = profile_load_text(&diags, "first", text, strlen(text));
    if (!profile) {
        fail_msg("%s\n%s", diags_text(&diags), text);
    }
    diags_clear(&diags);
    return profile;
}

static void shipped_profiles(void **state)
{
    struct diags diags = DIAGS_INIT;
    glob_t files;
    (void)state;
    assert_int_equal(glob("profiles/*.yaml", 0, NULL, &files), 0);
    assert_true(files.gl_pathc >= 8);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct profile *profile = profile_load(&diags, files.gl_pathv[i]);
        assert_non_null(profile);
        there_and_back(profile, NULL, 0);
        profile_free(profile);
    }
    globfree(&files);
}

/* Every key there is, and every form of its value. */
static const char everything[] =
    "model: HP 1.b\n"
    "family: over-ear\n"
    "bluetooth: { name: 'no', le_name: \"LE \\\"x\\\" \\\\ #1: [a]\" }\n"
    "sources: { a: \"one: two # three\", '12': 'it''s', yes: ~, null: \"{}\" }\n"
    "controls:\n"
    "  power: { kind: button, max_hold: 12.5 s, aliases: [on, off], note: \"- *&!%@`\" }\n"
    "  touch: { kind: touch, max_hold: 1 min }\n"
    "hazards:\n"
    "  - { id: h1, when: { hold: power }, grade: mode, risk: \"r\", source: a }\n"
    "  - { id: h2, when: { hold: [power, touch], longer_than: 1500 us }, grade: erases,\n"
    "      risk: \"? r: |\", source: { id: yes, note: 'n\"' } }\n"
    "procedures:\n"
    "  p@1:\n"
    "    kind: other\n"
    "    title: \"'title'\"\n"
    "    source: { id: '12', note: \"100 % > 50\" }\n"
    "    preserves: []\n"
    "    clears: [unknown, any]\n"
    "    requires:\n"
    "      placed: yes\n"
    "      lid: [open, closed]\n"
    "      battery: \">= 12.05 %\"\n"
    "      power: any\n"
    "      charging: { ask: \"Is it \\\\ out?\", accept: no }\n"
    "      own: { ask: \"Own?\", answers: [any, yes], accept: [any] }\n"
    "      other: { ask: \"Other?\", answers: [a, b], accept: any }\n"
    "    intends: [h1, h2]\n"
    "    steps:\n"
    "      - { hold: [touch, power], for: 1234567 us, release_on: \"red/blue rapid\",\n"
    "          not_before: 1 s }\n"
    "      - { hold: power, for: 1 ms }\n"
    "      - { tap: touch, on: 80 ms }\n"
    "      - { tap: [touch], times: 50, on: 10 s, off: 1 ms }\n"
    "      - { tap: [touch], times: 1, on: 10 s, off: 1 ms }\n"
    "      - { wait: 1 h }\n"
    "      - { ask: \"Do: \\\"it\\\"\" }\n"
    "      - { ask: \"How full?\", name: in_case }\n"
    "      - { ask: \"What?\", name: what, answers: [x, y] }\n"
    "    expect:\n"
    "      led: { pattern: \"amber x3 then red solid\", extra: [before, after], after: press-1 "
    "ns,\n"
    "             within: 1 h, needed: no }\n"
    "      sound: { prompt: \"a \\\\\\\"\", within: 1 ms, at_least: 1 ms, after: release+2.5 s }\n"
    "      bluetooth:\n"
    "        - disconnects\n"
    "        - gone: unknown\n"
    "        - bond_kept: { after: led+1 s, within: 3 s, needed: no, steady_for: 1 s, source: a }\n"
    "        - discoverable: { name: \"other: 'x'\", within: 3 s }\n"
    "        - discoverable: { within: 4 s }\n"
    "        - services: unknown\n"
    "        - pairs: unknown\n"
    "        - connects\n"
    "    retry:\n"
    "      times: 20\n"
    "      cooldown: 24 h\n"
    "      source: { id: a, note: \"x\" }\n"
    "      others:\n"
    "        - { cooldown: 1 ms, source: { id: yes, note: \"\\\"y: #\" } }\n"
    "        - { cooldown: 23.5 h, source: '12' }\n"
    "    advice: [\"one\", \"t\\\\wo: #\"]\n"
    "  p2:\n"
    "    kind: soft\n"
    "    source: a\n"
    "    steps: [ { wait: 1 s } ]\n"
    "    expect: { led: { pattern: 'off', dark: 1 s, extra: before, within: 1 s },\n"
    "              sound: unknown, bluetooth: unknown }\n"
    "    retry: { times: 0 }\n"
    "  p3:\n"
    "    kind: pairing\n"
    "    source: a\n"
    "    steps: [ { wait: 1 s } ]\n"
    "    expect: { bluetooth: unknown }\n";

static void every_key(void **state)
{
    (void)state;
    struct profile *profile = loaded(everything);
    there_and_back(profile, NULL, 0);
    profile_free(profile);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Printable text with all that means something in YAML. */
static void hostile_sentence(uint64_t *seed, char out[201])
{
    static const char *const bits[] = {
        "\"",   "\\",  "'",  ": ",       " #",           "{",     "}",    "[",   "]",   "- ", "? ",
        "|",    ">",   "&a", "*a",       "!!x",          "%",     "@",    "`",   "\\n", "a",  "~",
        "null", "yes", ",",  "\xC3\xA9", "\xE6\xBC\xA2", "\\x41", "\\\"", "---", "...", "<<", "="};
    size_t used = 0;
    size_t pieces = 1 + next_random(seed) % 30;
    for (size_t i = 0; i < pieces; i++) {
        const char *bit = bits[next_random(seed) % (sizeof(bits) / sizeof(bits[0]))];
        if (used + strlen(bit) > 200) {
            break;
        }
        memcpy(out + used, bit, strlen(bit));
        used += strlen(bit);
    }
    out[used] = '\0';
}

static void hostile_texts(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int i = 0; i < 500; i++) {
        char texts[8][201];
        for (size_t t = 0; t < 8; t++) {
            hostile_sentence(&seed, texts[t]);
        }
        struct profile *profile = loaded(everything);
        const char *advice[] = {texts[0], texts[1]};
        profile->bluetooth_name = texts[2];
        profile->sources[1].note = texts[3];
        profile->controls[0].note = texts[4];
        profile->hazards[0].risk = texts[5];
        profile->procedures[0].title = texts[6];
        profile->procedures[0].advice = advice;
        profile->procedures[0].steps[6].ask.prompt = texts[7];
        there_and_back(profile, NULL, 0);
        profile_free(profile);
    }
}

static void comments_change_nothing(void **state)
{
    char longest[3000];
    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    struct profile *profile = loaded(everything);
    const struct profile_comment comments[] = {
        {profile, "model: other\nprocedures: {}\n\n---\n..."},
        {profile, longest},
        {&profile->sources[0], "a\rmodel: b\x1b[2J\x85\xE2\x80\xA8z: 1"},
        {&profile->controls[1], "a sentence that is so long that it goes over the end of its line, "
                                "and then over the end of the one behind it, and of the next: x"},
        {&profile->hazards[0], ""},
        {&profile->procedures[0], "kind: soft"},
        {&profile->procedures[0].expect[0], "led: { pattern: off }"},
        {&profile->procedures[0].expect[3], "- pairs"},
        {&profile->procedures[2], "last"},
    };
    there_and_back(profile, comments, sizeof(comments) / sizeof(comments[0]));

    struct arena arena = ARENA_INIT;
    size_t length;
    const char *text =
        profile_text(&arena, profile, comments, sizeof(comments) / sizeof(comments[0]), &length);
    /* They are there, before what they are about, and their lines end in time. */
    assert_true(strncmp(text, "# model: other\n# procedures: {}\n#\n# ---\n# ...\n", 46) == 0);
    assert_non_null(strstr(text, "  # kind: soft\n  p@1:\n"));
    assert_non_null(strstr(text, "        # - pairs\n        - gone: unknown\n"));
    assert_non_null(strstr(text, "  # last\n  p3:\n"));
    for (const char *line = strstr(text, "  # a sentence"); *line == ' ' && line[2] == '#';) {
        size_t columns = strcspn(line, "\n");
        assert_true(columns <= 100);
        line += columns + 1;
    }
    arena_free(&arena);
    profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_profiles),
        cmocka_unit_test(every_key),
        cmocka_unit_test(hostile_texts),
        cmocka_unit_test(comments_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
