/*
 * The judge on timelines made by hand: what each kind of evidence is worth, in the exact words
 * that people read, and what is made of them as a whole.
 *
 * In all of them one button goes down 1 s into the run and comes up at 8 s.
 */
#include "rig/base/units.h"
#include "rig/judge/judge.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n) ((n)*NS_PER_MS)
/* The origin of the clock: nothing may depend on it. */
#define ORIGIN_NS INT64_C(987654321012345678)

enum { PRESS_MS = 1000, RELEASE_MS = 8000, END_MS = 60000, TRIAL_MS = 350, MARKS_MAX = 12 };

/* Something that happened, ms after the run began. */
struct mark {
    enum entry_kind kind;
    int64_t at_ms; /* 0: no more marks */
    int64_t until_ms;
    int code;
    colour colour;
    bool clipped;
    bool open;
    int64_t value;
    int input;
    const char *text;
    const char *text2;
    const char *object;
};

#define PULSE(c, at, until)                                                                        \
    {                                                                                              \
        .kind = ENTRY_PULSE, .at_ms = (at), .until_ms = (until), .colour = COLOUR_##c              \
    }
#define RESET_LED(at)                                                                              \
    PULSE(BLUE, (at), (at) + 200), PULSE(BLUE, (at) + 400, (at) + 600),                            \
        PULSE(WHITE, (at) + 800, (at) + 1000)
#define SOUND(at, until)                                                                           \
    {                                                                                              \
        .kind = ENTRY_SOUND, .at_ms = (at), .until_ms = (until)                                    \
    }
#define RADIO(event, at)                                                                           \
    {                                                                                              \
        .kind = ENTRY_RADIO, .code = RADIO_##event, .at_ms = (at)                                  \
    }
#define READY_AS(who)                                                                              \
    {                                                                                              \
        .kind = ENTRY_RADIO, .code = RADIO_READY, .at_ms = 4, .text = (who), .value = 3            \
    }
#define SEEN(name, at)                                                                             \
    {                                                                                              \
        .kind = ENTRY_RADIO, .code = RADIO_SEEN, .at_ms = (at), .text = (name), .value = -48       \
    }

#define OURS   "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01"
#define OTHERS "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_02"
#define FOUND                                                                                      \
    {                                                                                              \
        .kind = ENTRY_RADIO, .code = RADIO_READY, .at_ms = 4, .value = 3, .object = OURS           \
    }
#define SEEN_OF(name, at, path)                                                                    \
    {                                                                                              \
        .kind = ENTRY_RADIO, .code = RADIO_SEEN, .at_ms = (at), .text = (name), .object = (path)   \
    }

#define ANSWER(name, answer, at)                                                                   \
    {                                                                                              \
        .kind = ENTRY_ANSWER, .at_ms = (at), .text = (name), .text2 = (answer)                     \
    }

enum { BLIND = 1, MONO = 2, DEAF = 4, NO_ADAPTER = 8 };

struct run {
    const char *expect;
    struct mark marks[MARKS_MAX];
    unsigned without;  /* set of the above */
    int ready;         /* of RADIO_READY: 0 is 3, paired and connected; -1 no radio answers; -2
                          not paired */
    bool not_pressed;  /* no ENTRY_PRESSED ... */
    bool not_released; /* ... and no ENTRY_RELEASED */
    size_t which;      /* of its findings, for those who look at one */
    bool old;          /* it does not say what the rig ordered of its radio */
    int64_t end_ms;    /* when watching ended; 0: END_MS */
    enum run_end end;
};

struct judged {
    struct profile *profile;
    struct timeline timeline;
    struct judgement judgement;
};

static void add(struct timeline *timeline, const struct mark *mark)
{
    int64_t at_ns = ORIGIN_NS + MS(mark->at_ms);
    int64_t until_ns = ORIGIN_NS + MS(mark->until_ms);
    timeline_add(timeline, &(struct entry){.kind = mark->kind,
                                           .code = (uint8_t)mark->code,
                                           .input = (int16_t)mark->input,
                                           .press = 1,
                                           .mask = mark->kind != ENTRY_RADIO,
                                           .time_ns = at_ns,
                                           .at_ns = at_ns,
                                           .until_ns = until_ns,
                                           .value = mark->value,
                                           .text = mark->text,
                                           .text2 = mark->text2,
                                           .object = mark->object,
                                           .pulse = {.start_ns = at_ns,
                                                     .end_ns = until_ns,
                                                     .colour = mark->colour,
                                                     .clipped = mark->clipped,
                                                     .open = mark->open}});
}

static void write_down(struct timeline *timeline, const struct run *run)
{
    struct mark start = {.kind = ENTRY_START};
    struct mark prepares = {.kind = ENTRY_RADIO, .code = RADIO_RIG_PREPARES, .at_ms = 2};
    struct mark ready = {.kind = ENTRY_RADIO, .code = RADIO_READY, .at_ms = 3};
    struct mark order = {
        .kind = ENTRY_ORDER, .at_ms = PRESS_MS, .until_ms = RELEASE_MS, .text = "power"};
    struct mark pressed = {.kind = ENTRY_PRESSED, .at_ms = PRESS_MS, .until_ms = PRESS_MS};
    struct mark released = {.kind = ENTRY_RELEASED, .at_ms = RELEASE_MS, .until_ms = RELEASE_MS};
    struct mark watching = {
        .kind = ENTRY_NOTE, .code = NOTE_WATCHING, .at_ms = RELEASE_MS, .text = "watching"};
    struct mark end = {.kind = ENTRY_END, .at_ms = run->end_ms ? run->end_ms : END_MS};

    timeline->origin_ns = ORIGIN_NS;
    add(timeline, &start);
    if (!run->old) {
        add(timeline, &prepares);
    }
    ready.value = run->ready == 0 ? 3 : run->ready == -2 ? 0 : run->ready;
    if (run->ready != -1) {
        add(timeline, &ready);
    }
    /* What may be discoverable while it is connected is searched for before the press. */
    if (run->ready == 0 && !run->old && run->expect && strstr(run->expect, "discoverable")) {
        add(timeline, &(struct mark){.kind = ENTRY_RADIO, .code = RADIO_GONE, .at_ms = 4});
    }
    if (!run->not_pressed) {
        add(timeline, &order);
        add(timeline, &pressed);
    }
    if (!run->not_pressed && !run->not_released) {
        add(timeline, &released);
        add(timeline, &watching);
    }
    for (size_t i = 0; i < MARKS_MAX && run->marks[i].at_ms; i++) {
        const struct mark *mark = &run->marks[i];
        bool outcome = mark->kind == ENTRY_RADIO &&
                       (mark->code == RADIO_CONNECT_OK || mark->code == RADIO_CONNECT_REFUSED ||
                        mark->code == RADIO_CONNECT_FAILED);
        if (outcome && !run->old) {
            add(timeline, &(struct mark){.kind = ENTRY_RADIO,
                                         .code = RADIO_RIG_CONNECTS,
                                         .at_ms = mark->at_ms - TRIAL_MS});
        }
        add(timeline, mark);
    }
    add(timeline, &end);
}

static void judge_run(struct judged *judged, const struct run *run)
{
    struct diags diags = DIAGS_INIT;
    struct sensors sensors = {.led = !(run->without & BLIND),
                              .colour = !(run->without & (BLIND | MONO)),
                              .sound = !(run->without & DEAF),
                              .radio = !(run->without & NO_ADAPTER)};
    char part[2000];

    snprintf(part, sizeof(part),
             "bluetooth: { name: HP-1 }\n"
             "procedures:\n"
             "  reset:\n"
             "    kind: network\n"
             "    source: article-2026\n"
             "    steps: [{ hold: power, for: 7 s }]\n"
             "    expect:\n%s",
             run->expect);
    char *text = part_document(PART_PROFILE, part);
    judged->profile = profile_load_text(&diags, "hp-1.yaml", text, strlen(text));
    free(text);
    if (!judged->profile) {
        fail_msg("%s", diags_text(&diags));
    }
    timeline_init(&judged->timeline);
    write_down(&judged->timeline, run);
    judge(judged->profile, &judged->profile->procedures[0], &sensors, &judged->timeline, run->end,
          &judged->judgement);
    diags_clear(&diags);
}

static void judged_free(struct judged *judged)
{
    timeline_free(&judged->timeline);
    profile_free(judged->profile);
}

/* ---- one expectation each ---- */

#define LED           "      led: { pattern: \"blue x2, white x1\", after: press+5 s, within: 6 s }\n"
#define SOUND_FROM_6S "      sound: { prompt: \"Off\", after: press+5 s, within: 10 s }\n"
/* It answers when the key is tried once more at the end. */
#define ALIVE RADIO(CONNECT_REFUSED, 50000)

#define DISCONNECTS   "      bluetooth: [{ disconnects: { after: press, within: 12 s } }]\n"
#define DISCOVERABLE  "      bluetooth: [{ discoverable: { after: release, within: 30 s } }]\n"
#define BOND_REJECTED "      bluetooth: [{ bond_rejected: { within: 40 s } }]\n"
#define BOND_KEPT     "      bluetooth: [{ bond_kept: { within: 40 s } }]\n"
#define GONE          "      bluetooth: [{ gone: { within: 20 s } }]\n"
#define CONNECTS      "      bluetooth: [{ connects: { within: 20 s } }]\n"
#define PAIRS         "      bluetooth: [{ pairs: { within: 20 s } }]\n"
#define SERVICES      "      bluetooth: [{ services: { has: [a2dp_sink, avrcp], within: 20 s } }]\n"

#define NO_MARGIN INT64_MAX

struct one {
    const char *what;
    struct run run;
    enum expect_result result;
    int64_t margin_ms;
    const char *observed;
    const char *reason;
};

static const struct one ones[] = {
    /* LED */
    {"led, with its margin",
     {.expect = LED, .marks = {RESET_LED(6600)}},
     RESULT_PASS,
     600,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led, nearer to the end",
     {.expect = LED, .marks = {RESET_LED(10700)}},
     RESULT_PASS,
     300,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led, to the ms",
     {.expect = LED, .marks = {RESET_LED(6000)}},
     RESULT_PASS,
     0,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led too early",
     {.expect = LED, .marks = {RESET_LED(5500)}},
     RESULT_FAIL,
     -500,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1: 0.5 s too early"},
    {"led too late, as a whole",
     {.expect = LED, .marks = {RESET_LED(12600)}},
     RESULT_FAIL,
     -1600,
     "off",
     "expected blue x2, white x1; saw blue x2, white x1: 1.6 s too late"},
    {"led too late, at its end",
     {.expect = LED, .marks = {RESET_LED(11050)}},
     RESULT_FAIL,
     -50,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1: 50 ms too late"},
    {"led one short",
     {.expect = LED, .marks = {PULSE(BLUE, 7000, 7200), PULSE(WHITE, 7800, 8000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "blue x1, white x1",
     "expected blue x2, white x1; saw blue x1, white x1 (second blue pulse missing)"},
    {"led dark",
     {.expect = LED},
     RESULT_FAIL,
     NO_MARGIN,
     "off",
     "expected blue x2, white x1; saw nothing (no light at all)"},
    {"led before the press is no evidence",
     {.expect = LED, .marks = {PULSE(RED, 200, 400), RESET_LED(6600)}},
     RESULT_PASS,
     600,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led not watched to its end",
     {.expect = LED, .end_ms = 9000},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "off",
     "watching ended 3 s before the window closed"},
    {"led edges lost",
     {.expect = LED,
      .marks =
          {RESET_LED(6600),
           {.kind = ENTRY_LOST, .at_ms = 7000, .code = INPUT_LED_B, .value = 12, .text = "led_b"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "blue x2, white x1",
     "12 edges of led_b were lost 7 s into the run: what the LED showed is uncertain"},
    {"one led edge lost",
     {.expect = LED,
      .marks =
          {RESET_LED(6600),
           {.kind = ENTRY_LOST, .at_ms = 7000, .code = INPUT_LED_B, .value = 1, .text = "led_b"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "blue x2, white x1",
     "1 edge of led_b was lost 7 s into the run: what the LED showed is uncertain"},
    {"all inputs lost",
     {.expect = LED,
      .marks = {RESET_LED(6600),
                {.kind = ENTRY_LOST, .at_ms = 7000, .input = -1, .code = INPUT_SOUND}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "blue x2, white x1",
     "edges of all inputs were lost 7 s into the run: what the LED showed is uncertain"},
    {"sound edges lost do not touch the led",
     {.expect = LED,
      .marks =
          {RESET_LED(6600),
           {.kind = ENTRY_LOST, .at_ms = 7000, .code = INPUT_SOUND, .value = 2, .text = "sound"}}},
     RESULT_PASS,
     600,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led edges lost later",
     {.expect = LED,
      .marks =
          {RESET_LED(6600),
           {.kind = ENTRY_LOST, .at_ms = 13000, .code = INPUT_LED_B, .value = 2, .text = "led_b"}}},
     RESULT_PASS,
     600,
     "blue x2, white x1",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led unknown",
     {.expect = "      led: unknown\n", .marks = {RESET_LED(6600)}},
     RESULT_RECORDED,
     NO_MARGIN,
     "blue x2, white x1",
     "the source does not say; saw blue x2, white x1"},
    {"led unknown, not wired",
     {.expect = "      led: unknown\n", .without = BLIND},
     RESULT_RECORDED,
     NO_MARGIN,
     "not watched",
     "no LED channel is wired on this station"},
    {"led not wired",
     {.expect = LED, .without = BLIND},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not watched",
     "no LED channel is wired on this station"},
    {"led without colour",
     {.expect = LED, .without = MONO, .marks = {PULSE(LIT, 6600, 6800)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "lit x1",
     "expected blue x2, white x1; one clear channel cannot distinguish colours; it saw 1 light"},
    {"led off",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n"},
     RESULT_PASS,
     NO_MARGIN,
     "off",
     "expected off; saw off"},
    {"led off, and blips of the rig's own press",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 1003, 1017), PULSE(LIT, 8001, 8020)}},
     RESULT_PASS,
     NO_MARGIN,
     "off (and disturbances by the press)",
     "expected off; saw off"},
    {"led off, and a blip that is too long for one",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 8001, 8022)}},
     RESULT_FAIL,
     NO_MARGIN,
     "red x1",
     "expected off; saw red x1 (the LED should have stayed dark)"},
    {"led off, and a flash of 14 ms at another time",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 8021, 8035)}},
     RESULT_FAIL,
     NO_MARGIN,
     "red x1",
     "expected off; saw red x1 (the LED should have stayed dark)"},
    {"led off, and a flash before the line was written",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7990, 8002)}},
     RESULT_FAIL,
     NO_MARGIN,
     "red x1",
     "expected off; saw red x1 (the LED should have stayed dark)"},
    {"a blip of the rig's own press is no pulse of the pattern",
     {.expect = "      led: { pattern: \"lit x1\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(LIT, 8001, 8015)}},
     RESULT_FAIL,
     NO_MARGIN,
     "off (and disturbances by the press)",
     "expected lit x1; saw nothing (no light at all)"},
    {"led, and a blip of the rig's own press in it",
     {.expect = LED, .marks = {RESET_LED(6600), PULSE(MAGENTA, 8001, 8015)}},
     RESULT_PASS,
     600,
     "blue x2, white x1 (and disturbances by the press)",
     "expected blue x2, white x1; saw blue x2, white x1"},
    {"led, and a flash of 14 ms behind it",
     {.expect = LED, .marks = {RESET_LED(6600), PULSE(RED, 9000, 9014)}},
     RESULT_FAIL,
     NO_MARGIN,
     "blue x2, white x1, red x1",
     "expected blue x2, white x1; saw blue x2, white x1, red x1 (one red pulse too many)"},
    {"led that ends",
     {.expect = "      led: { pattern: \"red solid then off\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 10000)}},
     RESULT_PASS,
     1000,
     "red solid then off",
     "expected red solid then off; saw red solid then off"},
    {"led that ends too late",
     {.expect = "      led: { pattern: \"red solid then off\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 13000)}},
     RESULT_FAIL,
     -1000,
     "red stays on",
     "expected red solid then off; saw red solid then off: 1 s too late"},
    {"led that was to end, and ends behind its window, in its dark",
     {.expect = "      led: { pattern: red solid, after: press+5 s, within: 6 s, dark: 5 s }\n",
      .marks = {PULSE(RED, 7000, 13000)}},
     RESULT_FAIL,
     -1000,
     "red solid then off",
     "expected red solid then off; saw red solid then off: 1 s too late"},
    {"led that ends, and was not watched to the end",
     {.expect = "      led: { pattern: \"red solid then off\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 10000)},
      .end_ms = 11000},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "red solid then off",
     "watching ended 1 s before the window closed"},
    {"led that stays",
     {.expect = "      led: { pattern: \"red stays on\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 40000)}},
     RESULT_PASS,
     1000,
     "red stays on",
     "expected red stays on; saw red stays on"},
    {"led that stays, and was not watched to the end",
     {.expect = "      led: { pattern: \"red stays on\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 40000)},
      .end_ms = 11000},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "red stays on",
     "watching ended 1 s before the window closed"},
    {"led that does not stay",
     {.expect = "      led: { pattern: \"red stays on\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 11900)}},
     RESULT_FAIL,
     NO_MARGIN,
     "red solid then off",
     "expected red stays on; saw red solid then off (red went off after 4900 ms)"},
    {"led off, and lit",
     {.expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(RED, 7000, 7200)}},
     RESULT_FAIL,
     NO_MARGIN,
     "red x1",
     "expected off; saw red x1 (the LED should have stayed dark)"},
    {"led off, not watched through",
     {.end_ms = 10000, .expect = "      led: { pattern: off, after: press+5 s, within: 6 s }\n"},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "off",
     "watching ended 2 s before the window closed"},
    {"led extra before",
     {.expect = "      led: { pattern: \"red x2\", after: press+5 s, within: "
                "6 s, extra: before }\n",
      .marks = {PULSE(BLUE, 3000, 3200), PULSE(RED, 7000, 7200), PULSE(RED, 7400, 7600)}},
     RESULT_PASS,
     1000,
     "blue x1, red x2",
     "expected red x2; saw blue x1, red x2"},
    {"led extra before, not allowed",
     {.expect = "      led: { pattern: \"red x2\", after: press+5 "
                "s, within: 6 s }\n",
      .marks = {PULSE(BLUE, 3000, 3200), PULSE(RED, 7000, 7200), PULSE(RED, 7400, 7600)}},
     RESULT_FAIL,
     NO_MARGIN,
     "blue x1, red x2",
     "expected red x2; saw blue x1, red x2 (first red pulse is blue)"},
    {"led, nothing pressed",
     {.expect = LED, .not_pressed = true},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "off",
     "nothing was pressed"},

    /* sound */
    {"sound",
     {.expect = SOUND_FROM_6S, .marks = {SOUND(8100, 9400)}},
     RESULT_PASS,
     2100,
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)",
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)"},
    {"sound not heard",
     {.expect = SOUND_FROM_6S},
     RESULT_FAIL,
     NO_MARGIN,
     "nothing was heard",
     "expected \"Off\"; heard nothing"},
    {"sound too short",
     {.expect = SOUND_FROM_6S, .marks = {SOUND(8100, 8150)}},
     RESULT_FAIL,
     NO_MARGIN,
     "a prompt was heard for 50 ms, 7.1 s after the press (its words are not checked)",
     "a prompt was heard for 50 ms, 7.1 s after the press (its words are not checked); too short "
     "for a prompt"},
    {"sound too early",
     {.expect = SOUND_FROM_6S, .marks = {SOUND(4000, 5500)}},
     RESULT_FAIL,
     -2000,
     "a prompt was heard for 1.5 s, 3 s after the press (its words are not checked)",
     "a prompt was heard for 1.5 s, 3 s after the press (its words are not checked): 2 s too "
     "early"},
    {"sound too late",
     {.expect = SOUND_FROM_6S, .marks = {SOUND(16500, 18000)}},
     RESULT_FAIL,
     -500,
     "a prompt was heard for 1.5 s, 15.5 s after the press (its words are not checked)",
     "a prompt was heard for 1.5 s, 15.5 s after the press (its words are not checked): "
     "0.5 s too late"},
    {"a click before the prompt",
     {.expect = SOUND_FROM_6S, .marks = {SOUND(7000, 7050), SOUND(8100, 9400)}},
     RESULT_PASS,
     2100,
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)",
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)"},
    {"sound not wired",
     {.expect = SOUND_FROM_6S, .without = DEAF},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not listened for",
     "no sound detector is wired on this station"},
    {"sound unknown",
     {.expect = "      sound: unknown\n", .marks = {SOUND(8100, 9400)}},
     RESULT_RECORDED,
     NO_MARGIN,
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)",
     "a prompt was heard for 1.3 s, 7.1 s after the press (its words are not checked)"},
    {"sound from before",
     {.expect = SOUND_FROM_6S,
      .marks = {{.kind = ENTRY_SOUND, .at_ms = 7000, .until_ms = 9000, .clipped = true}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "a prompt was heard for 2 s, 6 s after the press (its words are not checked)",
     "a sound was already there when listening began"},
    {"sound not watched through",
     {.expect = SOUND_FROM_6S, .end_ms = 15000},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "nothing was heard",
     "watching ended 1 s before the window closed"},

    /* the link */
    {"disconnects",
     {.expect = DISCONNECTS, .marks = {RADIO(DISCONNECTED, 7000), ALIVE}},
     RESULT_PASS,
     6000,
     "the link dropped, 6 s after the press",
     "the link dropped, 6 s after the press"},
    {"disconnects, and is dead",
     {.expect = DISCONNECTS, .marks = {RADIO(DISCONNECTED, 7000), RADIO(CONNECT_FAILED, 50000)}},
     RESULT_INCONCLUSIVE,
     6000,
     "the link dropped, 6 s after the press",
     "the link dropped, 6 s after the press; and then the unit could not be reached: it may be "
     "dead"},
    {"disconnects, in a record of a version that looked no further",
     {.expect = DISCONNECTS, .marks = {RADIO(DISCONNECTED, 7000), RADIO(CONNECT_OK, 26900)}},
     RESULT_INCONCLUSIVE,
     6000,
     "the link dropped, 6 s after the press",
     "the link dropped, 6 s after the press; and then it was not tried again: this record cannot "
     "tell whether that lasted"},
    {"disconnects late",
     {.expect = DISCONNECTS, .marks = {RADIO(DISCONNECTED, 15000)}},
     RESULT_FAIL,
     -2000,
     "the link dropped, 14 s after the press",
     "the link dropped, 14 s after the press: 2 s too late"},
    {"disconnects never",
     {.expect = DISCONNECTS},
     RESULT_FAIL,
     NO_MARGIN,
     "the link stayed up",
     "expected the link drops within 12 s after the press; the link stayed up"},
    {"disconnects, not watched through",
     {.expect = DISCONNECTS, .end_ms = 12000},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link stayed up",
     "watching ended 1 s before the window closed"},
    {"disconnects, not connected before",
     {.expect = DISCONNECTS, .ready = 1},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "no link",
     "the unit was not connected when the press began: there was no link to drop"},
    {"connects",
     {.expect = CONNECTS, .marks = {RADIO(DISCONNECTED, 9000), RADIO(CONNECTED, 12000)}},
     RESULT_PASS,
     16000,
     "it connected, 4 s after the release",
     "it connected, 4 s after the release"},
    {"connects never",
     {.expect = CONNECTS, .marks = {RADIO(DISCONNECTED, 9000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "it did not connect",
     "expected connects within 20 s after the release; it did not connect"},
    {"connects, though the link never went",
     {.expect = CONNECTS, .marks = {RADIO(CONNECT_OK, 12000), RADIO(CONNECTED, 12000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "the link never dropped, so it did not come back",
     "expected connects within 20 s after the release; the link never dropped, so it did not come "
     "back"},
    {"connects, of a unit that was not connected",
     {.expect = CONNECTS, .ready = 1, .marks = {RADIO(CONNECTED, 12000)}},
     RESULT_PASS,
     16000,
     "it connected, 4 s after the release",
     "it connected, 4 s after the release"},
    {"connects, by the rig's own doing",
     {.expect = CONNECTS, .marks = {RADIO(DISCONNECTED, 9000), RADIO(CONNECT_OK, 12000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "it connected, 4 s after the release",
     "it connected, but that was the rig's own doing"},
    {"connects, after the rig took the link away",
     {.expect = CONNECTS, .marks = {RADIO(RIG_DROPS, 9000), RADIO(CONNECTED, 12000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "it connected, 4 s after the release",
     "it connected, but that was the rig's own doing"},
    {"connects, in an old record",
     {.expect = CONNECTS,
      .old = true,
      .marks = {RADIO(DISCONNECTED, 7000), RADIO(CONNECTED, 12000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "it connected, 4 s after the release",
     "it connected; this record does not say what the rig ordered its radio to do, so it may have "
     "been the rig's own doing"},
    {"disconnects, in an old record, in the press",
     {.expect = DISCONNECTS, .old = true, .marks = {RADIO(DISCONNECTED, 7000), ALIVE}},
     RESULT_PASS,
     6000,
     "the link dropped, 6 s after the press",
     "the link dropped, 6 s after the press"},
    {"disconnects, in an old record, after it",
     {.expect = DISCONNECTS, .old = true, .marks = {RADIO(DISCONNECTED, 9000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link dropped, 8 s after the press",
     "the link dropped; this record does not say what the rig ordered its radio to do, so it may "
     "have been the rig's own doing"},
    {"disconnects, since the rig pairs anew",
     {.expect = DISCONNECTS, .marks = {RADIO(RIG_PAIRS, 9000), RADIO(DISCONNECTED, 9050)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link dropped, 8.05 s after the press",
     "the link dropped, but that was the rig's own doing"},
    {"disconnects, while a question stood",
     {.expect = DISCONNECTS,
      .marks = {{.kind = ENTRY_QUESTION, .at_ms = 6000, .text = "now"},
                RADIO(DISCONNECTED, 7000),
                {.kind = ENTRY_ANSWER, .at_ms = 7500, .text = "now", .text2 = "done"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link dropped, 6 s after the press",
     "the link dropped while a question was open: that was the operator's doing"},
    {"disconnects before it can",
     {.expect = "      bluetooth: [{ disconnects: { after: press+5 s, within: 7 s } }]\n",
      .marks = {RADIO(DISCONNECTED, 1500)}},
     RESULT_FAIL,
     -4500,
     "the link dropped, 0.5 s after the press",
     "the link dropped, 0.5 s after the press: 4.5 s too early"},
    {"disconnects before it can, and again when it can",
     {.expect = "      bluetooth: [{ disconnects: { after: press+5 s, within: 7 s } }]\n",
      .marks = {RADIO(DISCONNECTED, 1500), RADIO(CONNECTED, 3000), RADIO(DISCONNECTED, 7000),
                ALIVE}},
     RESULT_PASS,
     1000,
     "the link dropped, 6 s after the press",
     "the link dropped, 6 s after the press"},

    /* on the air */
    {"discoverable",
     {.expect = DISCOVERABLE, .marks = {SEEN("HP-1", 12000), SEEN("HP-1", 32500)}},
     RESULT_PASS,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release"},
    {"discoverable by its Low Energy name",
     {.expect = DISCOVERABLE, .marks = {SEEN("LE_HP-1", 12000), SEEN("LE_HP-1", 32500)}},
     RESULT_PASS,
     26000,
     "seen as `LE_HP-1`, -48 dBm, 4 s after the release",
     "seen as `LE_HP-1`, -48 dBm, 4 s after the release"},
    {"discoverable by another name first",
     {.expect = DISCOVERABLE,
      .marks = {SEEN("HP-2", 10000), SEEN("HP-1", 12000), SEEN("HP-1", 32500)}},
     RESULT_PASS,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release"},
    {"led that blinks as it did before the press",
     {.expect = "      led: { pattern: \"blue blinking\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(BLUE, 100, 200), PULSE(BLUE, 500, 600), PULSE(BLUE, 6500, 6600),
                PULSE(BLUE, 6900, 7000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "blue x2",
     "expected blue blinking; saw blue x2; but the LED showed the same before the press: it is not "
     "a response to it"},
    {"led that blinks, and did something else before the press",
     {.expect = "      led: { pattern: \"blue blinking\", after: press+5 s, within: 6 s }\n",
      .marks = {PULSE(BLUE, 100, 200), PULSE(BLUE, 6500, 6600), PULSE(BLUE, 6900, 7000)}},
     RESULT_PASS,
     500,
     "blue x2",
     "expected blue blinking; saw blue x2"},
    {"discoverable, and perhaps so before the press",
     {.expect = DISCOVERABLE, .ready = -2, .marks = {SEEN("HP-1", 12000), SEEN("HP-1", 32500)}},
     RESULT_INCONCLUSIVE,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; no search before the press shows that it was "
     "not discoverable already: that proves nothing by itself"},
    {"discoverable, after a search that did not show it",
     {.expect = "      bluetooth: [{ discoverable: { within: 40 s } }]\n",
      .ready = -2,
      .marks = {RADIO(GONE, 24000), SEEN("HP-1", 30000), SEEN("HP-1", 50500)}},
     RESULT_PASS,
     18000,
     "seen as `HP-1`, -48 dBm, 22 s after the release",
     "seen as `HP-1`, -48 dBm, 22 s after the release"},
    {"discoverable, not connected, and with a prompt",
     {.expect = DISCOVERABLE "      sound: { prompt: \"Off\", within: 5 s }\n",
      .ready = -2,
      .which = 1,
      .marks = {SOUND(9000, 10000), SEEN("HP-1", 12000), SEEN("HP-1", 32500)}},
     RESULT_PASS,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release"},
    {"discoverable, and not for long",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000), RADIO(GONE, 40000),
                RADIO(GONE, 56000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; two full searches no longer found it, "
     "48 s after the release"},
    {"discoverable, and perhaps not for long",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000), RADIO(GONE, 40000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; a full search no longer found it, 32 "
     "s "
     "after the release"},
    {"discoverable, missed by one search",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000), RADIO(GONE, 40000),
                SEEN("HP-1", 45000)}},
     RESULT_PASS,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release"},
    {"discoverable, and not watched on",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000)},
      .end_ms = 20000},
     RESULT_INCONCLUSIVE,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; watching ended 12 s too early to say whether "
     "that lasted"},
    {"discoverable, and not looked for anew",
     {.expect = DISCOVERABLE, .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000)}},
     RESULT_INCONCLUSIVE,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; a new search did not find it again"},
    {"discoverable, and then the radio is lost",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100),
                SEEN("HP-1", 12000),
                {.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 20000, .text = "unplugged"}}},
     RESULT_INCONCLUSIVE,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release; the radio was lost before it could tell "
     "whether that lasted: unplugged"},
    {"discoverable, and paired anew",
     {.expect = DISCOVERABLE,
      .marks = {RADIO(DISCONNECTED, 8100), SEEN("HP-1", 12000), RADIO(RIG_PAIRS, 13000),
                RADIO(PAIR_OK, 14000), RADIO(GONE, 33000), RADIO(GONE, 50000)}},
     RESULT_PASS,
     26000,
     "seen as `HP-1`, -48 dBm, 4 s after the release",
     "seen as `HP-1`, -48 dBm, 4 s after the release"},
    {"the link went with the rig's radio",
     {.expect = DISCONNECTS,
      .marks = {RADIO(DISCONNECTED, 9000),
                {.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 9026, .text = "unplugged"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link dropped, 8 s after the press",
     "the link dropped, but that was the rig's own doing"},
    {"discoverable by another name",
     {.expect = DISCOVERABLE, .marks = {SEEN("HP-2", 12000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "seen as `HP-2`, 4 s after the release",
     "expected to be seen as `HP-1`; seen as `HP-2`, 4 s after the release"},
    {"discoverable by the name that its owner gave it",
     {.expect = DISCOVERABLE,
      .marks = {READY_AS("AA:BB:CC:DD:EE:01 Kitchen"), SEEN("Kitchen", 12000),
                SEEN("Kitchen", 32500)}},
     RESULT_PASS,
     26000,
     "seen as `Kitchen`, -48 dBm, 4 s after the release",
     "seen as `Kitchen`, -48 dBm, 4 s after the release"},
    {"discoverable by a part of its owner's name",
     {.expect = DISCOVERABLE,
      .marks = {READY_AS("AA:BB:CC:DD:EE:01 Kitchen radio"), SEEN("Kitchen", 12000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "seen as `Kitchen`, 4 s after the release",
     "expected to be seen as `HP-1`; seen as `Kitchen`, 4 s after the release"},
    {"discoverable by its owner's name, and the profile asks for another",
     {.expect =
          "      bluetooth: [{ discoverable: { after: release, within: 30 s, name: HP-1 } }]\n",
      .marks = {READY_AS("AA:BB:CC:DD:EE:01 Kitchen"), SEEN("Kitchen", 12000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "seen as `Kitchen`, 4 s after the release",
     "expected to be seen as `HP-1`; seen as `Kitchen`, 4 s after the release"},
    {"discoverable late",
     {.expect = DISCOVERABLE, .marks = {SEEN("HP-1", 39000)}},
     RESULT_FAIL,
     -1000,
     "seen as `HP-1`, -48 dBm, 31 s after the release",
     "seen as `HP-1`, -48 dBm, 31 s after the release: 1 s too late"},
    {"discoverable never",
     {.expect = DISCOVERABLE},
     RESULT_FAIL,
     NO_MARGIN,
     "it was not seen",
     "expected discoverable within 30 s after the release; it was not seen"},
    {"gone",
     {.expect = GONE, .marks = {RADIO(DISCONNECTED, 8100), RADIO(GONE, 24000), RADIO(GONE, 40000)}},
     RESULT_PASS,
     4000,
     "it was no longer seen, 16 s after the release",
     "it was no longer seen, 16 s after the release"},
    {"gone, by one search only",
     {.expect = GONE, .marks = {RADIO(DISCONNECTED, 8100), RADIO(GONE, 24000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "it was no longer seen, 16 s after the release",
     "it was no longer seen, 16 s after the release, but by only one full search: 2 are needed"},
    {"gone, but still connected",
     {.expect = GONE, .marks = {RADIO(GONE, 24000), RADIO(GONE, 40000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "it is still connected to the rig",
     "expected off the air within 20 s after the release; it is still connected to the rig"},
    {"gone, and seen again",
     {.expect = "      bluetooth: [{ gone: { within: 50 s } }]\n",
      .marks = {RADIO(DISCONNECTED, 8100), RADIO(GONE, 24000), RADIO(GONE, 40000),
                SEEN("HP-1", 50000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "it was on the air again, 42 s after the release",
     "expected off the air within 50 s after the release; it was on the air again, 42 s after the "
     "release"},
    {"gone, too late",
     {.expect = GONE, .marks = {RADIO(DISCONNECTED, 8100), RADIO(GONE, 30000), RADIO(GONE, 46000)}},
     RESULT_FAIL,
     -2000,
     "it was no longer seen, 22 s after the release",
     "it was no longer seen, 22 s after the release: 2 s too late"},
    {"gone, of a unit that never was there",
     {.expect = GONE, .ready = 1, .marks = {RADIO(GONE, 24000), RADIO(GONE, 40000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "never seen",
     "the unit was never seen on the air: whether it went off is unknown"},
    {"gone never",
     {.expect = GONE, .ready = 1},
     RESULT_FAIL,
     NO_MARGIN,
     "it did not go off the air",
     "expected off the air within 20 s after the release; it did not go off the air"},

    /* the key */
    {"bond rejected",
     {.expect = BOND_REJECTED, .marks = {RADIO(CONNECT_REFUSED, 13000), ALIVE}},
     RESULT_PASS,
     35000,
     "the old key was refused, 5 s after the release",
     "the old key was refused, 5 s after the release"},
    {"bond rejected: accepted",
     {.expect = BOND_REJECTED, .marks = {RADIO(CONNECT_OK, 13000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "the old key was accepted, 5 s after the release",
     "the unit still accepts the old key: its bonds were not cleared"},
    {"bond rejected: not reached",
     {.expect = BOND_REJECTED,
      .marks = {{.kind = ENTRY_RADIO,
                 .code = RADIO_CONNECT_FAILED,
                 .at_ms = 13000,
                 .text = "page timeout"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the unit could not be reached",
     "the old key could not be tried: the unit could not be reached, page timeout"},
    {"bond rejected: at the second try",
     {.expect = BOND_REJECTED,
      .marks = {RADIO(CONNECT_FAILED, 13000), RADIO(CONNECT_REFUSED, 20000), ALIVE}},
     RESULT_PASS,
     28000,
     "the old key was refused, 12 s after the release",
     "the old key was refused, 12 s after the release"},
    {"bond rejected: not tried",
     {.expect = BOND_REJECTED},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not tried",
     "the old key could not be tried: watching ended first"},
    {"bond rejected: not paired",
     {.expect = BOND_REJECTED, .ready = -2, .marks = {RADIO(CONNECT_REFUSED, 13000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "no bond",
     "the unit was not paired with this rig before; there was no key to try"},
    {"bond rejected: before its time",
     {.expect = "      bluetooth: [{ bond_rejected: { after: release+10 s, within: 30 s } }]\n",
      .marks = {RADIO(CONNECT_REFUSED, 13000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not tried",
     "the old key could not be tried: it was tried only before the window opened"},
    {"bond rejected: accepted before its time, refused in it",
     {.expect = "      bluetooth: [{ bond_rejected: { after: release+10 s, within: 30 s } }]\n",
      .marks = {RADIO(CONNECT_OK, 13000), RADIO(CONNECT_REFUSED, 20000), ALIVE}},
     RESULT_PASS,
     2000,
     "the old key was refused, 12 s after the release",
     "the old key was refused, 12 s after the release"},
    {"bond kept",
     {.expect = BOND_KEPT, .marks = {RADIO(CONNECT_OK, 13000), RADIO(CONNECT_OK, 48350)}},
     RESULT_PASS,
     NO_MARGIN,
     "the old key was accepted, 40.35 s after the release",
     "the old key was accepted, 40.35 s after the release"},
    {"bond kept: tried once",
     {.expect = BOND_KEPT, .marks = {RADIO(CONNECT_OK, 13000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the old key was accepted, 5 s after the release",
     "the old key was accepted, 5 s after the release, but not tried again at the end of its "
     "window"},
    {"bond kept, in an old record",
     {.expect = BOND_KEPT, .old = true, .marks = {RADIO(CONNECT_OK, 13000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the old key was accepted, 5 s after the release",
     "the old key was accepted, 5 s after the release, but not tried again at the end of its "
     "window; this record was made by a version that tried only once"},
    {"bond kept: refused in the end",
     {.expect = BOND_KEPT, .marks = {RADIO(CONNECT_OK, 13000), RADIO(CONNECT_REFUSED, 48350)}},
     RESULT_FAIL,
     NO_MARGIN,
     "the old key was refused, 40.35 s after the release",
     "the unit refuses the old key: its bond is gone; it had accepted it 5 s after the release"},
    {"bond kept: not reached in the end",
     {.expect = BOND_KEPT, .marks = {RADIO(CONNECT_OK, 13000), RADIO(CONNECT_FAILED, 53000)}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the old key was accepted, 5 s after the release",
     "the old key was accepted, 5 s after the release, but not tried again at the end of its "
     "window: "
     "the unit could not be reached"},
    {"bond kept, watched for less",
     {.expect = "      bluetooth: [{ disconnects: { within: 5 s } }, { bond_kept: { within: 60 s, "
                "steady_for: 20 s, source: article-2026 } }]\n",
      .marks = {RADIO(CONNECT_OK, 13000), RADIO(DISCONNECTED, 11000), RADIO(CONNECT_OK, 31500)},
      .which = 1},
     RESULT_PASS,
     NO_MARGIN,
     "the old key was accepted, 23.5 s after the release",
     "the old key was accepted, 23.5 s after the release; watched 20 s of 60 s"},
    {"bond kept: refused",
     {.expect = BOND_KEPT, .marks = {RADIO(CONNECT_REFUSED, 13000)}},
     RESULT_FAIL,
     NO_MARGIN,
     "the old key was refused, 5 s after the release",
     "the unit refuses the old key: its bond is gone"},
    {"pairs",
     {.expect = PAIRS, .marks = {RADIO(PAIR_OK, 15000), RADIO(CONNECT_OK, 50000)}},
     RESULT_PASS,
     13000,
     "it paired, 7 s after the release",
     "it paired, 7 s after the release"},
    {"pairs not",
     {.expect = PAIRS,
      .marks = {{.kind = ENTRY_RADIO,
                 .code = RADIO_PAIR_FAILED,
                 .at_ms = 15000,
                 .text = "not in pairing mode"}}},
     RESULT_FAIL,
     NO_MARGIN,
     "pairing failed: not in pairing mode",
     "pairing failed: not in pairing mode"},
    {"pairs, not tried",
     {.expect = PAIRS},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not tried",
     "pairing was not tried: the unit did not get that far"},
    {"pairs, but the rig could not",
     {.expect = PAIRS,
      .marks = {{.kind = ENTRY_RADIO,
                 .code = RADIO_PAIR_FAILED,
                 .at_ms = 15000,
                 .value = 1,
                 .text = "bluetoothd did not answer in time"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not tried",
     "pairing could not be tried: bluetoothd did not answer in time"},
    {"services",
     {.expect = SERVICES,
      .marks =
          {{.kind = ENTRY_RADIO, .code = RADIO_SERVICES, .at_ms = 16000, .text = "110b 110e 111e"},
           RADIO(CONNECT_OK, 50000)}},
     RESULT_PASS,
     12000,
     "it offers a2dp_sink, avrcp, hands_free, 8 s after the release",
     "it offers a2dp_sink, avrcp, hands_free, 8 s after the release"},
    {"services, one missing",
     {.expect = SERVICES,
      .marks = {{.kind = ENTRY_RADIO, .code = RADIO_SERVICES, .at_ms = 16000, .text = "110b"}}},
     RESULT_FAIL,
     NO_MARGIN,
     "it offers a2dp_sink, 8 s after the release",
     "missing: avrcp"},
    {"services, not asked",
     {.expect = SERVICES},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not asked",
     "services were not read: the unit was not paired again"},
    {"discoverable, of a unit that was never found",
     {.expect = DISCOVERABLE,
      .ready = -1,
      .marks = {{.kind = ENTRY_RADIO,
                 .code = RADIO_READY,
                 .at_ms = 3,
                 .value = READY_NOT_FOUND,
                 .text = "put it in pairing mode"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "it was not seen",
     "the radio never found the unit: put it in pairing mode"},

    /* the radio goes in the middle */
    {"what was seen before it went was seen",
     {.expect = DISCONNECTS,
      .marks = {RADIO(DISCONNECTED, 9000),
                ALIVE,
                {.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 51000, .text = "gone"}}},
     RESULT_PASS,
     4000,
     "the link dropped, 8 s after the press",
     "the link dropped, 8 s after the press"},
    {"... but not that it lasted",
     {.expect = DISCONNECTS,
      .marks = {RADIO(DISCONNECTED, 9000),
                {.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 9500, .text = "gone"}}},
     RESULT_INCONCLUSIVE,
     4000,
     "the link dropped, 8 s after the press",
     "the link dropped, 8 s after the press; the radio was lost before it could tell whether that "
     "lasted: gone"},
    {"a key that could not be tried any more",
     {.expect = BOND_REJECTED,
      .marks = {{.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 9500, .text = "gone"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "not tried",
     "the radio was lost before the old key was tried: gone"},
    {"what was not is inconclusive",
     {.expect = DISCONNECTS,
      .marks = {{.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 8500, .text = "gone"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "the link stayed up",
     "the radio was lost before the window closed: gone"},

    /* no radio */
    {"no adapter",
     {.expect = DISCONNECTS, .without = NO_ADAPTER, .ready = -1},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "no radio",
     "not observable: no Bluetooth adapter is configured on this station"},
    {"no answer of the adapter",
     {.expect = DISCONNECTS, .ready = -1},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "no radio",
     "not observable: the radio did not answer"},
    {"radio absent, with its reason",
     {.expect = DISCONNECTS,
      .ready = -1,
      .marks = {{.kind = ENTRY_RADIO, .code = RADIO_ABSENT, .at_ms = 20, .text = "hci0 is down"}}},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "no radio",
     "not observable: hci0 is down"},
    {"radio, nothing pressed",
     {.expect = DISCONNECTS, .not_pressed = true},
     RESULT_INCONCLUSIVE,
     NO_MARGIN,
     "nothing was pressed",
     "nothing was pressed"},
    {"radio unknown",
     {.expect = "      bluetooth: [{ disconnects: unknown }]\n"},
     RESULT_RECORDED,
     NO_MARGIN,
     "in the timeline",
     "the source does not say"},
};

static void check_one(const struct one *one)
{
    static struct judged judged;
    judge_run(&judged, &one->run);
    assert_true(judged.judgement.finding_count >= 1);
    const struct finding *finding = &judged.judgement.findings[one->run.which];
    int64_t margin_ns = one->margin_ms == NO_MARGIN ? 0 : MS(one->margin_ms);
    if (finding->result != one->result || strcmp(finding->reason, one->reason) != 0 ||
        strcmp(finding->observed, one->observed) != 0) {
        fail_msg("%s: %s: %s (observed: %s)\nnot %s: %s (observed: %s)", one->what,
                 judge_result_name(finding->result), finding->reason, finding->observed,
                 judge_result_name(one->result), one->reason, one->observed);
    }
    if (finding->has_margin != (one->margin_ms != NO_MARGIN) || finding->margin_ns != margin_ns) {
        fail_msg("%s: margin %lld ns", one->what, (long long)finding->margin_ns);
    }
    judged_free(&judged);
}

static void test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
        check_one(&ones[i]);
    }
}

static void test_expected_words(void **state)
{
    static struct judged judged;
    static const struct run run = {
        .expect =
            LED SOUND_FROM_6S "      bluetooth:\n"
                              "        - disconnects: { after: press, within: 12 s }\n"
                              "        - bond_rejected: { after: release+1 s, within: 40 s }\n"};
    static const char *const words[] = {
        "blue x2, white x1, 5 s to 11 s after the press",
        "\"Off\", 5 s to 15 s after the press",
        "the link drops within 12 s after the press",
        "the old key is refused 1 s to 41 s after the release",
    };
    (void)state;
    judge_run(&judged, &run);
    assert_int_equal(judged.judgement.finding_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(judged.judgement.findings[i].expected, words[i]);
    }
    judged_free(&judged);
}

/* ---- the whole ---- */

struct whole {
    const char *what;
    struct run run;
    enum verdict verdict;
    const char *reason;
    const char *next;
};

#define BLUETOOTH                                                                                  \
    "      bluetooth:\n"                                                                           \
    "        - disconnects: { after: press, within: 12 s }\n"                                      \
    "        - bond_rejected: { within: 40 s }\n"
#define SEE_TO_IT "fix what could not be observed (see above) and run it again"

static const struct whole wholes[] = {
    {"one",
     {.expect = LED, .marks = {RESET_LED(6600)}},
     VERDICT_PASS,
     "all 1 needed observation was as expected",
     ""},
    {"all",
     {.expect = LED BLUETOOTH,
      .marks = {RESET_LED(6600), RADIO(DISCONNECTED, 7000), RADIO(CONNECT_REFUSED, 13000), ALIVE}},
     VERDICT_PASS,
     "all 3 needed observations were as expected; watched 20 s after the last event",
     ""},
    {"the gravest first",
     {.expect = LED BLUETOOTH, .marks = {RADIO(CONNECT_OK, 13000)}},
     VERDICT_FAIL,
     "bond_rejected: the unit still accepts the old key: its bonds were not cleared (and 2 more)",
     ""},
    {"not needed, and not observable",
     {.expect = LED "      sound: { prompt: \"Off\", within: 5 s, "
                    "needed: no }\n",
      .without = DEAF,
      .marks = {RESET_LED(6600)}},
     VERDICT_PASS,
     "all 1 needed observation was as expected",
     ""},
    {"not needed, and missed",
     {.expect = LED "      sound: { prompt: \"Off\", within: 5 s, needed: "
                    "no }\n",
      .marks = {RESET_LED(6600)}},
     VERDICT_FAIL,
     "sound: expected \"Off\"; heard nothing",
     ""},
    {"fail goes before inconclusive",
     {.expect = LED SOUND_FROM_6S, .without = DEAF},
     VERDICT_FAIL,
     "led: expected blue x2, white x1; saw nothing (no light at all)",
     ""},
    {"inconclusive goes before pass",
     {.expect = LED SOUND_FROM_6S, .without = DEAF, .marks = {RESET_LED(6600)}},
     VERDICT_INCONCLUSIVE,
     "sound: no sound detector is wired on this station",
     SEE_TO_IT},
    {"several fail",
     {.expect = LED SOUND_FROM_6S},
     VERDICT_FAIL,
     "led: expected blue x2, white x1; saw nothing (no light at all) (and 1 more)",
     ""},
    {"several inconclusive",
     {.expect = LED SOUND_FROM_6S, .without = DEAF | BLIND},
     VERDICT_INCONCLUSIVE,
     "led: no LED channel is wired on this station (and 1 more)",
     SEE_TO_IT},
    {"the radio disproves the LED",
     {.expect = LED BLUETOOTH,
      .marks = {RESET_LED(6600), RADIO(DISCONNECTED, 7000), RADIO(CONNECT_OK, 13000)}},
     VERDICT_FAIL,
     "the LED says reset, the radio disproves it: the unit still accepts the old key: its bonds "
     "were not cleared",
     ""},
    {"nothing claimed",
     {.expect = "      led: unknown\n", .marks = {RESET_LED(6600)}},
     VERDICT_INCONCLUSIVE,
     "the profile claims nothing that was observed",
     ""},
    {"only what is not needed",
     {.expect = "      sound: { prompt: \"Off\", within: 5 s, needed: no "
                "}\n",
      .marks = {SOUND(9000, 10500)}},
     VERDICT_INCONCLUSIVE,
     "the profile claims nothing that was observed",
     ""},
    {"the contact never closed",
     {.expect = LED,
      .marks = {RESET_LED(6600),
                {.kind = ENTRY_CONTACT, .code = CONTACT_NEVER, .at_ms = 8000, .text = "power"}}},
     VERDICT_ERROR,
     "actuator `power` was energised, but its contact sense never closed",
     "check the plunger and its contact: longpress jog"},
    {"a unit's Low Energy side has an address of its own",
     {.expect = LED "      bluetooth: [{ discoverable: { within: 30 s } }]\n",
      .marks = {FOUND, RESET_LED(6600), SEEN_OF("LE_HP-1", 12000, OTHERS),
                SEEN_OF("LE_HP-1", 32500, OTHERS)}},
     VERDICT_PASS,
     "all 2 needed observations were as expected; watched 20 s after the last event",
     ""},
    {"another was found at first, and looked for again",
     {.expect = LED "      bluetooth: [{ discoverable: { within: 30 s } }]\n",
      .marks = {{.kind = ENTRY_RADIO, .code = RADIO_READY, .at_ms = 4, .object = OTHERS},
                FOUND,
                RESET_LED(6600),
                SEEN_OF("HP-1", 12000, OURS),
                SEEN_OF("HP-1", 32500, OURS)}},
     VERDICT_PASS,
     "all 2 needed observations were as expected; watched 20 s after the last event",
     ""},
    {"a unit of the same name is another",
     {.expect = LED "      bluetooth: [{ discoverable: { within: 30 s } }]\n",
      .marks = {FOUND, RESET_LED(6600), SEEN_OF("HP-1", 12000, OTHERS),
                SEEN_OF("HP-1", 32500, OTHERS)}},
     VERDICT_INCONCLUSIVE,
     "the radio reports unit dev_AA_BB_CC_DD_EE_02, not "
     "dev_AA_BB_CC_DD_EE_01, the one it had found",
     "run it again"},
    {"a press not made",
     {.expect = LED, .marks = {RESET_LED(6600)}, .not_pressed = true},
     VERDICT_ERROR,
     "not every press was made",
     "run `longpress doctor` for this bench"},
    {"a press not ended",
     {.expect = LED, .marks = {RESET_LED(6600)}, .not_released = true},
     VERDICT_ERROR,
     "not every press was made",
     "run `longpress doctor` for this bench"},
    {"aborted in the press",
     {.expect = LED,
      .end = END_ABORTED,
      .end_ms = 9000,
      .marks = {{.kind = ENTRY_ABORT, .at_ms = 5000, .text = "Ctrl-C"}}},
     VERDICT_ABORTED,
     "Ctrl-C; everything was released",
     ""},
    {"aborted before it",
     {.expect = LED,
      .end = END_ABORTED,
      .not_pressed = true,
      .end_ms = 700,
      .marks = {{.kind = ENTRY_ABORT, .at_ms = 500, .text = "Ctrl-C"}}},
     VERDICT_ABORTED,
     "Ctrl-C; nothing had been pressed",
     ""},
    {"aborted, whatever was seen",
     {.expect = LED,
      .end = END_ABORTED,
      .marks = {RESET_LED(6600), {.kind = ENTRY_ABORT, .at_ms = 50000, .text = "SIGTERM"}}},
     VERDICT_ABORTED,
     "SIGTERM; everything was released",
     ""},
    {"interlock",
     {.expect = LED,
      .end = END_INTERLOCK,
      .not_pressed = true,
      .end_ms = 700,
      .marks = {{.kind = ENTRY_NOTE,
                 .code = NOTE_PLAIN,
                 .at_ms = 500,
                 .text = "lid is closed; it must be open: correct this and try again"}}},
     VERDICT_ABORTED,
     "lid is closed; it must be open: correct this and try again (nothing was pressed)",
     ""},
    {"fault",
     {.expect = LED,
      .end = END_FAULT,
      .marks =
          {RESET_LED(6600),
           {.kind = ENTRY_FAULT, .at_ms = 9000, .text = "gpiochip0: gone", .text2 = "plug it in"}}},
     VERDICT_ERROR,
     "gpiochip0: gone",
     "plug it in"},
    {"lifted before its time was over",
     {.expect = "      led: { pattern: off, within: 20 s }\n"
                "    requires: { placed: yes }\n",
      .marks = {{.kind = ENTRY_ANSWER,
                 .code = ANSWER_BY_INPUT,
                 .at_ms = 12000,
                 .text = "placed",
                 .text2 = "no"}}},
     VERDICT_INCONCLUSIVE,
     "led: placed was no, 4 s after the release: nothing after that counts",
     SEE_TO_IT},
    {"lifted, and then it went",
     {.expect = "      bluetooth: [{ gone: { within: 20 s } }]\n"
                "    requires: { placed: yes }\n",
      .marks = {{.kind = ENTRY_ANSWER,
                 .code = ANSWER_BY_INPUT,
                 .at_ms = 12000,
                 .text = "placed",
                 .text2 = "no"},
                RADIO(DISCONNECTED, 13000),
                RADIO(GONE, 24000),
                RADIO(GONE, 40000)}},
     VERDICT_INCONCLUSIVE,
     "gone: placed was no, 4 s after the release: nothing after that counts",
     SEE_TO_IT},
    {"lifted after all was seen",
     {.expect = DISCONNECTS "    requires: { placed: yes }\n",
      .marks = {ANSWER("placed", "yes", 10),
                RADIO(DISCONNECTED, 7000),
                ALIVE,
                {.kind = ENTRY_ANSWER,
                 .code = ANSWER_BY_INPUT,
                 .at_ms = 55000,
                 .text = "placed",
                 .text2 = "no"}}},
     VERDICT_PASS,
     "all 1 needed observation was as expected; watched 20 s after the last event",
     ""},
    {"failed before it was lifted",
     {.expect = BOND_REJECTED "    requires: { lid: open }\n",
      .marks = {ANSWER("lid", "open", 10),
                RADIO(CONNECT_OK, 11000),
                {.kind = ENTRY_ANSWER,
                 .code = ANSWER_BY_INPUT,
                 .at_ms = 12000,
                 .text = "lid",
                 .text2 = "closed"}}},
     VERDICT_FAIL,
     "bond_rejected: the unit still accepts the old key: its bonds were not cleared",
     ""},
    {"what may change does",
     {.expect = DISCONNECTS "    requires: { charging: yes }\n",
      .marks = {ANSWER("charging", "yes", 10),
                RADIO(DISCONNECTED, 7000),
                ALIVE,
                {.kind = ENTRY_ANSWER,
                 .code = ANSWER_BY_INPUT,
                 .at_ms = 8500,
                 .text = "charging",
                 .text2 = "no"}}},
     VERDICT_PASS,
     "all 1 needed observation was as expected; watched 20 s after the last event",
     ""},
    {"fault of no name", {.expect = LED, .end = END_FAULT}, VERDICT_ERROR, "the bench failed", ""},
};

static void test_wholes(void **state)
{
    static struct judged judged;
    (void)state;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        const struct whole *whole = &wholes[i];
        judge_run(&judged, &whole->run);
        const struct judgement *is = &judged.judgement;
        if (is->verdict != whole->verdict || strcmp(is->reason, whole->reason) != 0 ||
            strcmp(is->next, whole->next) != 0) {
            fail_msg("%s: %s: %s [%s]\nnot %s: %s [%s]", whole->what,
                     judge_verdict_name(is->verdict), is->reason, is->next,
                     judge_verdict_name(whole->verdict), whole->reason, whole->next);
        }
        judged_free(&judged);
    }
}

/* What is said of the LED as such, for the record. */
static void test_led_summary(void **state)
{
    static struct judged judged;
    static const struct run seen = {.expect = LED, .marks = {RESET_LED(6600)}};
    static const struct run blind = {.expect = LED, .without = BLIND};
    static const struct run lost = {
        .expect = LED,
        .marks = {{.kind = ENTRY_LOST, .at_ms = 7000, .input = -1, .code = INPUT_SOUND}}};
    char text[PATTERN_TEXT_MAX];
    (void)state;
    judge_run(&judged, &seen);
    assert_true(judged.judgement.led_watched);
    assert_false(judged.judgement.led_lost);
    assert_false(judged.judgement.led_truncated);
    assert_string_equal(pattern_format(text, &judged.judgement.led_seen), "blue x2, white x1");
    judged_free(&judged);
    judge_run(&judged, &blind);
    assert_false(judged.judgement.led_watched);
    judged_free(&judged);
    judge_run(&judged, &lost);
    assert_true(judged.judgement.led_lost);
    judged_free(&judged);
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        enum verdict verdict;
        int status;
    } verdicts[] = {
        {"pass", VERDICT_PASS, 0},
        {"fail", VERDICT_FAIL, 1},
        {"inconclusive", VERDICT_INCONCLUSIVE, 3},
        {"aborted", VERDICT_ABORTED, 4},
        {"error", VERDICT_ERROR, 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        assert_string_equal(judge_verdict_name(verdicts[i].verdict), verdicts[i].name);
        assert_int_equal(judge_verdict_exit_status(verdicts[i].verdict), verdicts[i].status);
    }
    assert_string_equal(judge_result_name(RESULT_PASS), "pass");
    assert_string_equal(judge_result_name(RESULT_FAIL), "fail");
    assert_string_equal(judge_result_name(RESULT_INCONCLUSIVE), "inconclusive");
    assert_string_equal(judge_result_name(RESULT_RECORDED), "recorded");
}

/* ---- margins in words ---- */

static void test_margin_words(void **state)
{
    static const struct {
        int64_t after_ms;
        int64_t within_ms;
        int64_t margin_ms;
        bool from_start;
        const char *words;
    } cases[] = {
        {0, 37000, 26712, false, "10.3 s of 37 s (26.7 s left)"},
        {5000, 7000, 996, true, "6 s, not before 5 s (1 s after it)"},
        {5000, 7000, 1500, false, "10.5 s of 12 s (1.5 s left)"},
        {0, 30000, -1000, false, "31 s of 30 s (1 s too late)"},
        {5000, 7000, -4500, true, "0.5 s, not before 5 s (4.5 s too early)"},
        {-1000, 3000, 200, true, "-0.8 s, not before -1 s (0.2 s after it)"},
        {0, 0, 4000, false, "margin 4 s"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct expectation expectation = {.after_ns = MS(cases[i].after_ms),
                                          .within_ns = MS(cases[i].within_ms)};
        static struct finding finding;
        char words[MARGIN_TEXT_MAX];
        finding.expectation = &expectation;
        finding.margin_ns = MS(cases[i].margin_ms);
        finding.from_start = cases[i].from_start;
        assert_string_equal(judge_margin_words(words, &finding), cases[i].words);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margin_words),   cmocka_unit_test(test_findings),
        cmocka_unit_test(test_expected_words), cmocka_unit_test(test_wholes),
        cmocka_unit_test(test_led_summary),    cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
