/*
 * Presses compared with what a profile asks for: runs of one profile's procedure, written down as
 * the engine does, against another profile's; with the profile they were made with, and without.
 */
#include "rig/base/units.h"
#include "rig/judge/judge_again.h"
#include "rig/judge/judge_presses.h"
#include "rig/plan/plan.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_SIZE = 4096 };

static const int64_t ms = NS_PER_MS;

static struct profile *load(const char *controls, const char *steps)
{
    struct diags diags = DIAGS_INIT;
    char text[TEXT_SIZE];
    int length =
        snprintf(text, sizeof(text),
                 "model: HP-1\n"
                 "family: over-ear\n"
                 "bluetooth: { name: HP-1 }\n"
                 "sources: { leaflet: \"A leaflet\" }\n"
                 "controls: { %s }\n"
                 "procedures:\n"
                 "  reset:\n"
                 "    source: leaflet\n"
                 "    kind: network\n"
                 "    requires: { power: on }\n"
                 "    steps: [%s]\n"
                 "    expect: { led: { pattern: \"blue x2\", after: press, within: 20 s } }\n",
                 controls, steps);
    assert_in_range(length, 1, sizeof(text) - 1);
    struct profile *profile = profile_load_text(&diags, "f", text, strlen(text));
    if (!profile) {
        fail_msg("%s%s", text, diags_text(&diags));
    }
    diags_clear(&diags);
    return profile;
}

#define TWO "power: { kind: button, max_hold: 25 s }, nc: { kind: button, max_hold: 25 s }"
#define OTHER                                                                                      \
    "nc: { kind: button, max_hold: 25 s }, main: { kind: button, aliases: [power], "               \
    "max_hold: 25 s }"

/* ---- runs --------------------------------------------------------------------------------- */

/* The LED of all runs, from the first press on: blue x2, 0.2 s each, the second over after 3 s. */
static const int64_t pulses_ms[] = {2200, 2800};
static const int64_t TRAVEL_NS = 3000000; /* for which an order is corrected */

static void add_press(struct timeline *timeline, uint32_t press, const char *words,
                      const struct asked_step *asked, int64_t at_ns, int64_t until_ns)
{
    int64_t end_ns = at_ns + asked->down_ns + TRAVEL_NS;

    uint32_t mask = strchr(words, '+') ? 3 : 1;

    timeline_add(timeline, &(struct entry){.kind = ENTRY_ORDER,
                                           .press = press,
                                           .mask = mask,
                                           .time_ns = at_ns,
                                           .at_ns = at_ns,
                                           .until_ns = end_ns,
                                           .text = words});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_PRESSED,
                                           .press = press,
                                           .mask = mask,
                                           .time_ns = at_ns,
                                           .at_ns = at_ns,
                                           .until_ns = at_ns});
    if (until_ns < end_ns) {
        timeline_add(timeline, &(struct entry){.kind = ENTRY_RELEASE, .press = press});
    }
    timeline_add(timeline, &(struct entry){.kind = ENTRY_RELEASED,
                                           .press = press,
                                           .mask = mask,
                                           .time_ns = until_ns,
                                           .at_ns = until_ns,
                                           .until_ns = until_ns});
}

/* The procedure as it is run: a hold that lets go on `blue x2` does so 20 ms after that. */
static void play(const struct profile *profile, struct timeline *timeline)
{
    struct asked_walk walk = {.procedure = &profile->procedures[0]};
    int64_t now_ns = 100 * NS_PER_S;
    struct asked_step asked;
    uint32_t press = 0;
    struct pattern blue;

    assert_null(pattern_parse("blue x2", &blue, NULL));
    timeline_init(timeline);
    timeline->origin_ns = now_ns;
    timeline_add(timeline, &(struct entry){.kind = ENTRY_QUESTION, .text = "power"});
    timeline_add(timeline, &(struct entry){.kind = ENTRY_ANSWER, .text = "power", .text2 = "on"});
    for (size_t i = 0; i < sizeof(pulses_ms) / sizeof(pulses_ms[0]); i++) {
        int64_t start_ns = now_ns + pulses_ms[i] * ms;
        struct pulse pulse = {
            .start_ns = start_ns, .end_ns = start_ns + 200 * ms, .colour = COLOUR_BLUE};
        timeline_add(timeline, &(struct entry){.kind = ENTRY_PULSE,
                                               .time_ns = pulse.start_ns,
                                               .at_ns = pulse.start_ns,
                                               .until_ns = pulse.end_ns,
                                               .pulse = pulse});
    }
    int64_t shown_ns = now_ns + 3020 * ms;
    while ((asked = judge_asked_next(&walk)).kind != ASKED_NOTHING) {
        if (asked.kind == ASKED_PERSON) {
            timeline_add(timeline, &(struct entry){.kind = ENTRY_QUESTION, .text = asked.name});
            now_ns += 40 * NS_PER_S;
            continue;
        }
        char words[PRESSES_WORDS_MAX];
        profile_controls_text(profile, asked.controls, words, sizeof(words));
        now_ns += asked.up_ns;
        int64_t until_ns = now_ns + asked.down_ns + TRAVEL_NS;
        bool let_go = asked.release_on && pattern_equal(asked.release_on, &blue);
        if (let_go && shown_ns > now_ns && shown_ns < until_ns) {
            until_ns = shown_ns;
        }
        add_press(timeline, ++press, words, &asked, now_ns, until_ns);
        now_ns = until_ns;
    }
    timeline_add(timeline, &(struct entry){.kind = ENTRY_END, .time_ns = now_ns + 60 * NS_PER_S});
}

/* ---- what differs ------------------------------------------------------------------------- */

#define HOLD(t)   "{ hold: [power, nc], for: " t " }"
#define ON(t, p)  "{ hold: [power, nc], for: " t ", release_on: \"" p "\" }"
#define TAPS(n)   "{ tap: power, times: " n ", on: 80 ms, off: 120 ms }"
#define ASK(n, p) "{ ask: \"" p "\", name: " n " }"
#define WAIT(t)   "{ wait: " t " }"

struct compared {
    const char *controls;
    const char *made;
    const char *asked;
    const char *kept;  /* the difference where the profile was kept; "" for none ... */
    const char *alone; /* ... and where it was not; NULL: the same */
};

static const struct compared cases[] = {
    {TWO, HOLD("7 s"), HOLD("7 s"), "", NULL},
    /* Controls: by name, whatever their order in the file; by another name of theirs. */
    {OTHER, HOLD("7 s"), "{ hold: [nc, main], for: 7 s }", "", NULL},
    {TWO, HOLD("7 s"), "{ hold: power, for: 7 s }",
     "the press was power + nc for 7 s, but this profile asks for power for 7 s",
     "the press was power + nc for 7.003 s, but this profile asks for power for 7 s"},
    {"power: { kind: button, max_hold: 25 s }", HOLD("7 s"), "{ hold: power, for: 7 s }",
     "the press was power + nc for 7 s, but this profile asks for power for 7 s",
     "the press was power + nc for 7.003 s, but this profile asks for power for 7 s"},
    /* How long. */
    {TWO, HOLD("7 s"), HOLD("7.2 s"),
     "the press was power + nc for 7 s, but this profile asks for power + nc for 7.2 s",
     "the press was power + nc for 7.003 s, but this profile asks for power + nc for 7.2 s"},
    {TWO, HOLD("7 s"), HOLD("7.02 s"),
     "the press was power + nc for 7 s, but this profile asks for power + nc for 7.02 s", ""},
    /* The LED let go: what was asked for is that, and not the longest hold. */
    {TWO, ON("7 s", "blue x2"), ON("7 s", "blue x2"), "", NULL},
    {TWO, ON("7 s", "blue x2"), ON("9 s", "blue x2"), "", NULL},
    {TWO, ON("7 s", "blue x2"), ON("4 s", "blue x2"), "", NULL},
    {TWO, ON("7 s", "blue x2"), ON("2.9 s", "blue x2"),
     "the press was power + nc for 3.02 s, released by the LED, but this profile asks for power + "
     "nc until the LED shows blue x2, for at most 2.9 s",
     NULL},
    {TWO, ON("7 s", "blue x2"), ON("7 s", "blue x1"),
     "the press was power + nc for 3.02 s, released by the LED, but this profile asks for power + "
     "nc until the LED shows blue x1, for at most 7 s",
     NULL},
    {TWO, ON("7 s", "blue x2"), ON("7 s", "blue x3"),
     "the press was power + nc for 3.02 s, released by the LED, but this profile asks for power + "
     "nc until the LED shows blue x3, for at most 7 s",
     NULL},
    {TWO, ON("7 s", "blue x2"), HOLD("7 s"),
     "the press was power + nc for 3.02 s, released by the LED, but this profile asks for power + "
     "nc for 7 s",
     NULL},
    /* It did not: then neither would a pattern that was not shown. */
    {TWO, ON("7 s", "red x1"), ON("7 s", "red x1"), "", NULL},
    {TWO, ON("7 s", "red x1"), HOLD("7 s"), "", NULL},
    {TWO, HOLD("7 s"), ON("7 s", "red x1"), "", NULL},
    {TWO, HOLD("2 s"), ON("2 s", "blue x2"), "", NULL},
    {TWO, ON("7 s", "red x1"), ON("9 s", "red x1"),
     "the press was power + nc for 7 s, but this profile asks for power + nc until the LED shows "
     "red x1, for at most 9 s",
     "the press was power + nc for 7.003 s, but this profile asks for power + nc until the LED "
     "shows red x1, for at most 9 s"},
    {TWO, HOLD("7 s"), ON("7 s", "blue x2"),
     "the press was power + nc for 7 s, but this profile asks for power + nc until the LED shows "
     "blue x2, for at most 7 s",
     "the press was power + nc for 7.003 s, but this profile asks for power + nc until the LED "
     "shows blue x2, for at most 7 s"},
    /* Taps, and how a profile writes them. */
    {TWO, TAPS("5"), TAPS("5"), "", NULL},
    {TWO, TAPS("5"), TAPS("3"), "5 presses were made, but this profile asks for 3", NULL},
    {TWO, TAPS("1"), TAPS("5"), "1 press was made, but this profile asks for 5", NULL},
    {TWO, TAPS("2"), TAPS("1") ", " WAIT("120 ms") ", " TAPS("1"), "", NULL},
    {TWO, TAPS("1"), "{ hold: power, for: 80 ms }", "", NULL},
    {TWO, TAPS("3"), "{ tap: power, times: 3, on: 200 ms, off: 120 ms }",
     "press 1 was power for 80 ms, but this profile asks for power for 200 ms",
     "press 1 was power for 83 ms, but this profile asks for power for 200 ms"},
    {TWO, TAPS("3"), "{ tap: power, times: 3, on: 80 ms, off: 300 ms }",
     "press 2 came after 120 ms, but this profile asks for 300 ms", NULL},
    {TWO, TAPS("1") ", " HOLD("2 s"), TAPS("1") ", " WAIT("1 s") ", " HOLD("2 s"),
     "press 2 came after 200 ms, but this profile asks for 1 s", NULL},
    {TWO, HOLD("2 s") ", " TAPS("1"), TAPS("1") ", " HOLD("2 s"),
     "press 1 was power + nc for 2 s, but this profile asks for power for 80 ms",
     "press 1 was power + nc for 2.003 s, but this profile asks for power for 80 ms"},
    /* Behind the last press nothing is pressed. */
    {TWO, HOLD("2 s") ", " WAIT("1 s"), HOLD("2 s"), "", NULL},
    /* What a person is asked. */
    {TWO, ASK("case", "Open it."), ASK("case", "Open it."), "", NULL},
    {TWO, ASK("case", "Open it."), ASK("case", "Close it."),
     "somebody was asked `Open it.`, but this profile asks `Close it.` there", ""},
    {TWO, ASK("case", "Open it.") ", " HOLD("2 s"), ASK("lid-2", "Open it.") ", " HOLD("2 s"), "",
     "the press was power + nc for 2.003 s, but this profile asks `Open it.` there"},
    {TWO, HOLD("2 s"), ASK("case", "Open it.") ", " HOLD("2 s"),
     "the press was power + nc for 2 s, but this profile asks `Open it.` there",
     "the press was power + nc for 2.003 s, but this profile asks `Open it.` there"},
    {TWO, HOLD("2 s") ", " ASK("case", "Open it.") ", " HOLD("2 s"), HOLD("2 s") ", " HOLD("2 s"),
     "somebody was asked `Open it.`, but this profile asks for power + nc for 2 s there",
     "somebody was asked `case`, but this profile asks for power + nc for 2 s there"},
    {TWO, ASK("case", "Open it."), HOLD("2 s"),
     "somebody was asked `Open it.`, but this profile asks for power + nc for 2 s there",
     "nothing was pressed, but this profile asks for 1 press"},
    {TWO, HOLD("2 s"), HOLD("2 s") ", " ASK("case", "Switch it on."),
     "nobody was asked anything at the end, but this profile asks `Switch it on.` there", NULL},
};

static void differences_are_told(void **state)
{
    (void)state;
    char difference[PRESSES_TEXT_MAX];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct compared *it = &cases[i];
        struct profile *made = load(TWO, it->made);
        struct profile *asked = load(it->controls, it->asked);
        struct timeline timeline;
        play(made, &timeline);
        for (int kept = 1; kept >= 0; kept--) {
            struct pressed pressed = {.timeline = &timeline,
                                      .profile = kept ? made : NULL,
                                      .procedure = kept ? &made->procedures[0] : NULL};
            bool same = judge_presses_as_asked(&pressed, asked, &asked->procedures[0], difference);
            assert_string_equal(difference, kept || !it->alone ? it->kept : it->alone);
            assert_int_equal(same, difference[0] == '\0');
        }
        timeline_free(&timeline);
        profile_free(asked);
        profile_free(made);
    }
}

/* ---- verdicts ----------------------------------------------------------------------------- */

static const struct sensors sensors = {.led = true, .colour = true};

static enum verdict verdict_of(const struct timeline *timeline, enum run_end end,
                               const struct profile *asked)
{
    struct pressed pressed = {.timeline = timeline};
    struct judged_again *again = xcalloc(sizeof(*again));

    judge_again(&pressed, &sensors, end, asked, &asked->procedures[0], again);
    enum verdict verdict = again->judgement.verdict;
    assert_true(again->compared || again->difference[0] == '\0');
    free(again);
    return verdict;
}

/* Another press proves nothing, and one that did not come to its end is no other press. */
static void other_presses_are_inconclusive(void **state)
{
    (void)state;
    struct profile *made = load(TWO, HOLD("7 s"));
    struct profile *other = load(TWO, HOLD("2 s"));
    struct profile *more = load(TWO, HOLD("7 s") ", " HOLD("2 s"));
    struct timeline timeline;

    play(made, &timeline);
    assert_int_equal(verdict_of(&timeline, END_COMPLETE, made), VERDICT_PASS);
    assert_int_equal(verdict_of(&timeline, END_COMPLETE, other), VERDICT_INCONCLUSIVE);
    assert_int_equal(verdict_of(&timeline, END_COMPLETE, more), VERDICT_INCONCLUSIVE);
    assert_int_equal(verdict_of(&timeline, END_ABORTED, other), VERDICT_ABORTED);
    assert_int_equal(verdict_of(&timeline, END_INTERLOCK, other), VERDICT_ABORTED);
    assert_int_equal(verdict_of(&timeline, END_FAULT, other), VERDICT_ERROR);
    timeline_add(&timeline,
                 &(struct entry){.kind = ENTRY_CONTACT, .code = CONTACT_NEVER, .text = "power"});
    assert_int_equal(verdict_of(&timeline, END_COMPLETE, other), VERDICT_ERROR);
    timeline_free(&timeline);
    profile_free(more);
    profile_free(other);
    profile_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_told),
        cmocka_unit_test(other_presses_are_inconclusive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
