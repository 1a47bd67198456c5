#include "tests/unit/run_by_hand.h"

#include "rig/base/units.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n) ((n)*NS_PER_MS)

static const char profile_part[] =
    "bluetooth: { name: HP-1 }\n"
    "procedures:\n"
    "  reset:\n"
    "    kind: network\n"
    "    source: article-2026\n"
    "    requires: { power: on }\n"
    "    steps: [{ hold: [power, nc_ambient], for: 7 s, release_on: \"blue x2, white x1\" }]\n"
    "    expect:\n"
    "      led: { pattern: \"blue x2, white x1\", after: press+6 s, within: 3 s }\n"
    "      sound: { prompt: \"Bluetooth disconnected\", within: 5 s }\n"
    "      bluetooth: [disconnects, discoverable]\n";

static const char bench_part[] = "stations:\n"
                                 "  A:\n"
                                 "    chip: gpiochip0\n"
                                 "    actuators:\n"
                                 "      power: { line: 17, kind: relay, max_on: 10 s }\n"
                                 "      nc_ambient: { line: 18, kind: relay, max_on: 10 s }\n"
                                 "    led: { r: { line: 5 }, g: { line: 6 }, b: { line: 7 } }\n"
                                 "    sound: { line: 8 }\n"
                                 "    contact: { power: { line: 4 } }\n"
                                 "    inputs: { lid: { line: 9, is: open, else: closed } }\n"
                                 "    estop: { line: 10 }\n"
                                 "    bluetooth: { adapter: \"00:11:22:33:44:55\" }\n";

enum { BOTH = 3 }; /* actuators */

static struct entry *add(struct run_by_hand *run, int64_t time_ns, struct entry entry)
{
    entry.time_ns = BY_HAND_ORIGIN_NS + time_ns;
    return timeline_add(&run->timeline, &entry);
}

/* An entry that lasts. */
static void add_span(struct run_by_hand *run, int64_t at_ns, int64_t until_ns, struct entry entry)
{
    struct entry *added = add(run, at_ns, entry);
    added->at_ns = BY_HAND_ORIGIN_NS + at_ns;
    added->until_ns = BY_HAND_ORIGIN_NS + until_ns;
}

static void add_edge(struct run_by_hand *run, int64_t time_ns, enum input_role role, bool level)
{
    int input = bench_station_input(run->record.bench_station, role);
    assert_true(input >= 0);
    timeline_add_edge(&run->timeline, BY_HAND_ORIGIN_NS + time_ns, (unsigned)input, level);
}

static void add_channels(struct run_by_hand *run, int64_t time_ns, colour c, bool level)
{
    static const enum input_role roles[] = {INPUT_LED_R, INPUT_LED_G, INPUT_LED_B};
    for (int i = 0; i < LED_CHANNELS; i++) {
        if (c & (1U << i)) {
            add_edge(run, time_ns, roles[i], level);
        }
    }
}

void run_by_hand_pulse(struct run_by_hand *run, int64_t start_ns, int64_t end_ns, colour c)
{
    struct entry entry = {.kind = ENTRY_PULSE,
                          .pulse = {.start_ns = BY_HAND_ORIGIN_NS + start_ns,
                                    .end_ns = BY_HAND_ORIGIN_NS + end_ns,
                                    .colour = c}};
    for (int i = 0; i < LED_CHANNELS; i++) {
        entry.pulse.duty_permille[i] = c & (1U << i) ? 1000 : 0;
    }
    add_channels(run, start_ns, c, true);
    add_channels(run, end_ns, c, false);
    add_span(run, start_ns, end_ns, entry);
}

static void write_down(struct run_by_hand *run)
{
    add(run, 0, (struct entry){.kind = ENTRY_START});
    add(run, MS(1), (struct entry){.kind = ENTRY_QUESTION, .text = "power"});
    add(run, MS(2),
        (struct entry){
            .kind = ENTRY_ANSWER, .code = ANSWER_BY_OPERATOR, .text = "power", .text2 = "on"});
    add(run, MS(2), (struct entry){.kind = ENTRY_RADIO, .code = RADIO_RIG_PREPARES});
    add(run, MS(3), (struct entry){.kind = ENTRY_RADIO, .code = RADIO_READY, .value = 3});
    add_span(run, MS(500), MS(7700),
             (struct entry){
                 .kind = ENTRY_ORDER, .press = 1, .mask = BOTH, .text = "power + nc_ambient"});
    add_span(run, MS(500) + 100, MS(500) + 30100,
             (struct entry){.kind = ENTRY_PRESSED, .press = 1, .mask = BOTH});
    add(run, MS(512),
        (struct entry){.kind = ENTRY_CONTACT, .code = CONTACT_DOWN, .press = 1, .text = "power"});
    run_by_hand_pulse(run, MS(6600), MS(6800), COLOUR_BLUE);
    run_by_hand_pulse(run, MS(7000), MS(7200), COLOUR_BLUE);
    run_by_hand_pulse(run, MS(7400), MS(7600), COLOUR_WHITE);
    add(run, MS(7621),
        (struct entry){.kind = ENTRY_RELEASE, .code = RELEASE_LED_SEEN, .press = 1, .mask = BOTH});
    add_span(run, MS(7621) + 2000, MS(7621) + 29000,
             (struct entry){.kind = ENTRY_RELEASED, .press = 1, .mask = BOTH});
    add(run, MS(7630),
        (struct entry){.kind = ENTRY_CONTACT, .code = CONTACT_UP, .press = 1, .text = "power"});
    add(run, MS(7630),
        (struct entry){.kind = ENTRY_NOTE, .code = NOTE_WATCHING, .text = "watching"});
    add(run, MS(8000),
        (struct entry){.kind = ENTRY_RADIO, .code = RADIO_DISCONNECTED, .text = "by the unit"});
    add_edge(run, MS(8100), INPUT_SOUND, true);
    add_edge(run, MS(9400), INPUT_SOUND, false);
    add_span(run, MS(8100), MS(9400),
             (struct entry){.kind = ENTRY_SOUND,
                            .pulse = {.start_ns = BY_HAND_ORIGIN_NS + MS(8100),
                                      .end_ns = BY_HAND_ORIGIN_NS + MS(9400),
                                      .colour = COLOUR_LIT,
                                      .duty_permille = {1000}}});
    add(run, MS(9500),
        (struct entry){.kind = ENTRY_RADIO, .code = RADIO_SEEN, .text = "HP-1", .value = -48});
    /* Looked for anew, 20 s after the last event. */
    add(run, MS(30000),
        (struct entry){.kind = ENTRY_RADIO, .code = RADIO_SEEN, .text = "HP-1", .value = -48});
    add(run, MS(40000), (struct entry){.kind = ENTRY_END});
}

void run_by_hand_make(struct run_by_hand *run)
{
    struct diags diags = DIAGS_INIT;
    char *profile = part_document(PART_PROFILE, profile_part);
    char *bench = part_document(PART_BENCH, bench_part);

    memset(run, 0, sizeof(*run));
    run->profile = profile_load_text(&diags, "hp-1.yaml", profile, strlen(profile));
    run->bench = bench_load_text(&diags, "bench.yaml", bench, strlen(bench));
    free(profile);
    free(bench);
    if (!run->profile || !run->bench) {
        fail_msg("%s", diags_text(&diags));
    }
    timeline_init(&run->timeline);
    run->timeline.origin_ns = BY_HAND_ORIGIN_NS;
    run->timeline.wall_origin_ns = INT64_C(1795532400) * NS_PER_S + 12345678;
    run->record = (struct record){
        .version = "0.1.0",
        .bench = "bench.yaml",
        .station = "A",
        .unit = "5012345",
        .profile = run->profile,
        .procedure = &run->profile->procedures[0],
        .bench_station = &run->bench->stations[0],
        .sensors = judge_sensors_of_station(&run->bench->stations[0]),
        .end = END_COMPLETE,
        .timeline = &run->timeline,
        .judgement = &run->judgement,
    };
    write_down(run);
    judge(run->profile, run->record.procedure, &run->record.sensors, &run->timeline,
          run->record.end, &run->judgement);
}

void run_by_hand_free(struct run_by_hand *run)
{
    timeline_free(&run->timeline);
    bench_free(run->bench);
    profile_free(run->profile);
}
