/*
 * Contradictions of profiles: which are found, in what order and behind which hazards they are run,
 * and what a run on the simulated bench says of each claim.
 */
#include "hardware/sim/sim_port.h"
#include "rig/base/units.h"
#include "rig/learn/settle.h"
#include "rig/run/run.h"
#include "tests/unit/parts.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_SIZE = 8192 };

static struct bench *bench;

static int load_bench(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    bench = bench_load(&diags, "hardware/benches/sim.yaml");
    assert_non_null(bench);
    diags_clear(&diags);
    return 0;
}

static int free_bench(void **state)
{
    (void)state;
    bench_free(bench);
    return 0;
}

/* ---- profiles ----------------------------------------------------------------------------- */

static const char head[] = "model: HP-1\n"
                           "family: over-ear\n"
                           "bluetooth: { name: WH-1000XM5 }\n"
                           "sources: { leaflet: \"A leaflet\", forum: \"A forum\" }\n"
                           "controls:\n"
                           "  power: { kind: button, max_hold: 25 s }\n"
                           "  nc_ambient: { kind: button, max_hold: 25 s }\n";

static const char hazards[] =
    "hazards:\n"
    "  - { id: erases, when: { hold: [power, nc_ambient], longer_than: 8 s }, grade: erases,\n"
    "      risk: \"it erases\", source: forum }\n"
    "  - { id: bricks, when: { hold: power, longer_than: 15 s }, grade: bricks,\n"
    "      risk: \"it bricks\", source: forum }\n";

static struct profile *load(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct profile *profile = profile_load_text(&diags, "f", text, strlen(text));
    if (!profile) {
        fail_msg("%s%s", text, diags_text(&diags));
    }
    diags_clear(&diags);
    return profile;
}

/* Two claims, `a` by the leaflet and `b` by the forum, each as the keys of a procedure. */
static struct profile *load_two(const char *more, const char *a, const char *b)
{
    char text[TEXT_SIZE];
    int length = snprintf(text, sizeof(text),
                          "%s%sprocedures:\n"
                          "  a: { source: leaflet, %s }\n"
                          "  b: { source: forum, %s }\n",
                          head, more, a, b);
    assert_in_range(length, 1, sizeof(text) - 1);
    return load(text);
}

static struct settle *open_settle(const struct profile *profile, const char *const *accept,
                                  size_t count)
{
    struct diags diags = DIAGS_INIT;
    struct settle *settle = settle_new(&diags, profile, bench, &bench->stations[0], accept, count);
    assert_non_null(settle);
    assert_int_equal(diags.count, 0);
    return settle;
}

/* ---- what contradicts what ---------------------------------------------------------------- */

/* "press a/b: kind: network or factory; led: ...". */
static void conflicts_text(const struct settle *settle, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < settle->conflict_count; i++) {
        const struct settle_conflict *conflict = &settle->conflicts[i];
        used += (size_t)snprintf(
            out + used, size - used, "%s%s %s/%s:", used ? " | " : "",
            settle_why_name(conflict->why), settle->claims[conflict->first].procedure->name,
            conflict->hazard ? conflict->hazard->id
                             : settle->claims[conflict->second].procedure->name);
        for (size_t d = 0; d < conflict->difference_count; d++) {
            used += (size_t)snprintf(out + used, size - used, "%s %s", d ? ";" : "",
                                     conflict->differences[d]);
        }
        assert_true(used < size);
    }
}

#define HOLD7   "steps: [{ hold: [power, nc_ambient], for: 7 s }]"
#define LED(p)  "expect: { led: { pattern: \"" p "\", after: press+5 s, within: 6 s } }"
#define NETWORK "kind: network, "
#define FACTORY "kind: factory, "

static void contradictions_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        const char *conflicts;
    } cases[] = {
        /* The same press: kind, LED, bond, presence, what is kept. */
        {NETWORK HOLD7 ", " LED("blue x2"), FACTORY HOLD7 ", " LED("blue x2"),
         "press a/b: kind: network or factory"},
        {NETWORK HOLD7 ", " LED("blue x2"), NETWORK HOLD7 ", " LED("red x1"),
         "press a/b: led: blue x2 or red x1"},
        {NETWORK HOLD7 ", " LED("blue x2"), NETWORK HOLD7 ", " LED("blue x2"), ""},
        {NETWORK HOLD7 ", " LED("blue x2"), NETWORK HOLD7 ", expect: { led: unknown }", ""},
        {NETWORK HOLD7 ", expect: { bluetooth: [bond_rejected] }",
         NETWORK HOLD7 ", expect: { bluetooth: [bond_kept] }",
         "press a/b: bond: the old key is refused or accepted"},
        {NETWORK HOLD7 ", expect: { bluetooth: [bond_kept] }",
         NETWORK HOLD7 ", expect: { bluetooth: [bond_rejected] }",
         "press a/b: bond: the old key is accepted or refused"},
        {NETWORK HOLD7 ", expect: { bluetooth: [bond_rejected] }",
         NETWORK HOLD7 ", expect: { bluetooth: [bond_kept: unknown] }", ""},
        {NETWORK HOLD7 ", expect: { bluetooth: [gone] }",
         NETWORK HOLD7 ", expect: { bluetooth: [discoverable] }",
         "press a/b: radio: gone or discoverable"},
        {NETWORK HOLD7 ", preserves: [eq, anc], " LED("blue x2"),
         NETWORK HOLD7 ", clears: [bonds, anc], " LED("blue x2"),
         "press a/b: anc: kept or lost (the rig cannot observe it)"},
        /* How long a hold of the same press may differ: a fifth. */
        {FACTORY "steps: [{ hold: power, for: 10 s }], " LED("red x1"),
         NETWORK "steps: [{ hold: power, for: 12 s }], " LED("red x1"),
         "press a/b: kind: factory or network"},
        {FACTORY "steps: [{ hold: power, for: 10 s }], " LED("red x1"),
         NETWORK "steps: [{ hold: power, for: 12.1 s }], " LED("red x1"), ""},
        {NETWORK "steps: [{ hold: power, for: 10 s }], " LED("red x1"),
         NETWORK "steps: [{ hold: power, for: 12.1 s }], " LED("red x1"),
         "effect a/b: hold: 10 s or 12.1 s is enough"},
        {"kind: other, steps: [{ hold: power, for: 10 s }], " LED("red x1"),
         "kind: other, steps: [{ hold: power, for: 13 s }], " LED("red x1"), ""},
        /* Another press. */
        {NETWORK HOLD7 ", " LED("blue x2"),
         FACTORY "steps: [{ hold: power, for: 7 s }], " LED("red x1"), ""},
        {NETWORK "steps: [{ tap: power, times: 3, on: 80 ms, off: 80 ms }], " LED("blue x2"),
         FACTORY "steps: [{ tap: power, times: 4, on: 80 ms, off: 80 ms }], " LED("red x1"), ""},
        {NETWORK "steps: [{ tap: power, times: 3, on: 80 ms, off: 80 ms }], " LED("blue x2"),
         FACTORY "steps: [{ tap: power, times: 3, on: 90 ms, off: 90 ms }], " LED("blue x2"),
         "press a/b: kind: network or factory"},
        {NETWORK "steps: [{ tap: power, on: 80 ms }, { hold: power, for: 7 s }], " LED("blue x2"),
         FACTORY "steps: [{ hold: power, for: 7 s }], " LED("red x1"), ""},
        /* Nothing is pressed. */
        {"kind: soft, steps: [{ ask: \"Do it.\" }], " LED("blue x2"),
         "kind: network, steps: [{ ask: \"Do it.\" }], " LED("red x2"), ""},
        /* From another state of the unit, which alone is no contradiction. */
        {NETWORK HOLD7 ", requires: { power: on }, " LED("blue x2"),
         FACTORY HOLD7 ", requires: { power: off }, " LED("blue x2"),
         "press a/b: kind: network or factory; from: power on or off"},
        {NETWORK HOLD7 ", requires: { power: on }, " LED("blue x2"),
         NETWORK HOLD7 ", requires: { power: off }, " LED("blue x2"), ""},
        {NETWORK HOLD7 ", requires: { power: any }, " LED("blue x2"),
         FACTORY HOLD7 ", requires: { power: off }, " LED("blue x2"),
         "press a/b: kind: network or factory"},
    };
    char text[TEXT_SIZE];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct profile *profile = load_two("", cases[i].a, cases[i].b);
        struct settle *settle = open_settle(profile, NULL, 0);
        conflicts_text(settle, text, sizeof(text));
        assert_string_equal(text, cases[i].conflicts);
        assert_int_equal(settle->claim_count, cases[i].conflicts[0] ? 2 : 0);
        assert_int_equal(settle_done(settle), !cases[i].conflicts[0]);
        settle_free(settle);
        profile_free(profile);
    }
}

/* Where the facts have one, and nowhere else. */
static void shipped_profiles_contradict_themselves_where_the_facts_do(void **state)
{
    (void)state;
    glob_t found;
    struct diags diags = DIAGS_INIT;
    char text[TEXT_SIZE];
    size_t with = 0;

    assert_int_equal(glob("profiles/*.yaml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct profile *profile = profile_load(&diags, found.gl_pathv[i]);
        assert_non_null(profile);
        struct settle *settle = open_settle(profile, NULL, 0);
        const struct source *source;
        conflicts_text(settle, text, sizeof(text));
        if (strcmp(profile->model, "WH-1000XM3") == 0) {
            with++;
            assert_string_equal(text, "press network-reset/factory-reset@gist-toymil: "
                                      "kind: network or factory; "
                                      "led: blue x2, white x1 or blue x4; from: power on or off");
            assert_non_null(settle->claims[0].plan);
            assert_non_null(settle->claims[1].plan);
            assert_int_equal(settle_rest_ns(settle, &source), 300 * NS_PER_S);
            assert_string_equal(source->id, "article-2026");
        } else if (strcmp(profile->model, "WF-1000XM5") == 0) {
            with++;
            assert_string_equal(text, "hazard factory-reset/dfu: effect: factory reset or forced "
                                      "firmware-upgrade (DFU) mode; interrupted, it bricks the "
                                      "unit");
            assert_null(settle->claims[0].plan);
            assert_null(settle->claims[0].allow);
        } else {
            assert_string_equal(text, "");
        }
        settle_free(settle);
        profile_free(profile);
    }
    globfree(&found);
    assert_int_equal(with, 2);
    diags_clear(&diags);
}

/* ---- order and hazards -------------------------------------------------------------------- */

static uint64_t random_state = 0x5e771e;

static unsigned random_below(unsigned bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % bound;
}

/*
 * Random profiles of holds of one chord. The bench's travel lengthens a press by 6 ms at the worst
 * (twice its tolerance); so it is known which may be run.
 */
static void nothing_is_run_across_a_hazard(void **state)
{
    (void)state;
    static const char *const kinds[] = {"network", "factory", "pairing"};
    enum { ROUNDS = 300, WORST_MS = 6 };
    size_t runnable = 0;
    size_t barred = 0;

    for (int round = 0; round < ROUNDS; round++) {
        char text[TEXT_SIZE];
        const char *accept[] = {"erases", "bricks"};
        size_t accept_count = random_below(3);
        bool erases = accept_count > 0;
        int used = snprintf(text, sizeof(text), "%s%sprocedures:\n", head, hazards);
        for (unsigned p = 0; p < 2 + random_below(6); p++) {
            used += snprintf(
                text + used, sizeof(text) - (size_t)used,
                "  p%u: { source: leaflet, kind: %s, %s steps: [{ hold: [power, nc_ambient], "
                "for: %u ms }], expect: { led: { pattern: \"blue x%u\", within: 3 s } } }\n",
                p, kinds[random_below(3)], random_below(2) ? "intends: [erases]," : "",
                random_below(4) ? 500 * (1 + random_below(40)) : 7994 + random_below(2) * 7001,
                1 + random_below(3));
        }
        struct profile *profile = load(text);
        struct settle *settle = open_settle(profile, accept, accept_count);
        int64_t last_ns = 0;
        for (size_t c = 0; c < settle->claim_count; c++) {
            const struct settle_claim *claim = &settle->claims[c];
            int64_t worst_ns = claim->procedure->steps[0].for_ns + WORST_MS * NS_PER_MS;
            bool may = worst_ns <= 8 * NS_PER_S || (erases && worst_ns <= 15 * NS_PER_S);
            assert_int_equal(claim->worst_ns, worst_ns);
            assert_true(claim->worst_ns >= last_ns);
            last_ns = claim->worst_ns;
            assert_int_equal(claim->plan != NULL, may);
            assert_int_equal(claim->evidence[0] == '\0', may);
            bool could = !may && worst_ns <= 15 * NS_PER_S;
            assert_int_equal(claim->allow != NULL, could);
            if (could) {
                assert_string_equal(claim->allow, "erases");
            }
            if (may) {
                runnable++;
                for (size_t a = 0; a < claim->plan->action_count; a++) {
                    assert_true(claim->plan->actions[a].worst_ns <=
                                (erases ? 15 * NS_PER_S : 8 * NS_PER_S));
                }
            } else {
                barred++;
            }
        }
        settle_free(settle);
        profile_free(profile);
    }
    assert_true(runnable > 100);
    assert_true(barred > 100);
}

static void of_two_alike_the_one_that_takes_less_is_first(void **state)
{
    (void)state;
    struct profile *profile =
        load_two("", FACTORY HOLD7 ", " LED("blue x2"), NETWORK HOLD7 ", " LED("red x2"));
    struct settle *settle = open_settle(profile, NULL, 0);
    assert_string_equal(settle->claims[0].procedure->name, "b");
    assert_string_equal(settle->claims[1].procedure->name, "a");
    assert_int_equal(settle->conflicts[0].first, 1);
    assert_int_equal(settle->conflicts[0].second, 0);
    settle_free(settle);
    profile_free(profile);
}

static void an_unknown_hazard_is_told(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    const char *const accept[] = {"brick"};
    struct profile *profile =
        load_two(hazards, FACTORY HOLD7 ", " LED("blue x2"), NETWORK HOLD7 ", " LED("red x2"));
    assert_null(settle_new(&diags, profile, bench, &bench->stations[0], accept, 1));
    char *told = diags_text(&diags);
    assert_string_equal(told, "--accept-hazard: error: HP-1 has no hazard `brick`; did you mean "
                              "`bricks`?\n");
    free(told);
    profile_free(profile);
}

static void what_the_bench_cannot_press_stays_open(void **state)
{
    (void)state;
    static const char mute[] =
        "bench: small\nsimulated: yes\nstations:\n  A:\n    chip: sim\n    actuators:\n"
        "      power: { line: 0, kind: relay, max_on: 30 s, duty: { max: 50 %, per: 9 min } }\n";
    struct diags diags = DIAGS_INIT;
    struct bench *small = bench_load_text(&diags, "b", mute, sizeof(mute) - 1);
    if (!small) {
        fail_msg("%s", diags_text(&diags));
    }
    struct profile *profile =
        load_two("", FACTORY HOLD7 ", " LED("blue x2"),
                 NETWORK "steps: [{ hold: [power, nc_ambient], for: 7 s }], " LED("red x2"));
    struct settle *settle = settle_new(&diags, profile, small, &small->stations[0], NULL, 0);
    assert_non_null(settle);
    assert_int_equal(settle_next(settle), -1);
    assert_non_null(strstr(settle->claims[0].evidence, "not run: "));
    assert_non_null(strstr(settle->claims[0].evidence, "nc_ambient"));
    assert_int_equal(settle->claims[0].worst_ns, 7 * NS_PER_S);
    assert_int_equal(settle_outcome(settle, &settle->conflicts[0]), OUTCOME_OPEN);
    assert_false(settle_done(settle));
    settle_free(settle);
    profile_free(profile);

    /* The duty of an actuator makes the wait longer than any cooldown. */
    profile = load_two("",
                       FACTORY "retry: { times: 1, cooldown: 5 min }, "
                               "steps: [{ hold: power, for: 7 s }], " LED("blue x2"),
                       NETWORK "steps: [{ hold: power, for: 7 s }], " LED("red x2"));
    settle = settle_new(&diags, profile, small, &small->stations[0], NULL, 0);
    const struct source *source;
    assert_non_null(settle);
    assert_int_equal(settle_rest_ns(settle, &source), 540 * NS_PER_S);
    assert_null(source);
    settle_free(settle);
    profile_free(profile);
    bench_free(small);
    diags_clear(&diags);
}

/* ---- runs --------------------------------------------------------------------------------- */

/* The claim that is next, on a fresh unit; then `a` and `b` as words: "held 1, refuted 1". */
static const struct firmware *unit_firmware;

static void run_next(struct settle *settle, int number)
{
    struct diags diags = DIAGS_INIT;
    struct sim_options options = {.seed = 1};
    const struct station *station = &bench->stations[0];
    int8_t levels[BENCH_INPUTS_MAX];
    int claim = settle_next(settle);
    assert_true(claim >= 0);
    struct port *port = sim_port_open(&diags, station, unit_firmware, &options);
    struct timeline timeline;
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    struct sensors sensors = judge_sensors_of_station(station);
    struct run_hooks hooks = {0};
    const struct plan *plan = settle->claims[claim].plan;

    assert_non_null(port);
    timeline_init(&timeline);
    run_levels(port, station, levels);
    struct engine *engine = engine_new(plan, &timeline, port->ops->now(port), 0, levels);
    run_drive(engine, port, &timeline, &hooks);
    judge(settle->profile, plan->procedure, &sensors, &timeline, engine_end(engine), judgement);
    settle_take(settle, (size_t)claim, number, &sensors, &timeline, engine_end(engine), judgement);
    engine_free(engine);
    free(judgement);
    timeline_free(&timeline);
    port->ops->close(port);
    diags_clear(&diags);
}

static const struct settle_claim *claim_named(const struct settle *settle, const char *name)
{
    for (size_t i = 0; i < settle->claim_count; i++) {
        if (strcmp(settle->claims[i].procedure->name, name) == 0) {
            return &settle->claims[i];
        }
    }
    fail_msg("no claim %s", name);
    return NULL;
}

#define RESET_LED "expect: { led: { pattern: \"blue x2, white x1\", after: press+5 s, within: 6 s }"
#define RED_LED   "expect: { led: { pattern: \"red x5\", after: press+5 s, within: 6 s }"
#define BONDS     ", bluetooth: [bond_rejected] }"
#define ON(p)     "steps: [{ hold: [power, nc_ambient], for: 7 s, release_on: \"" p "\" }]"

/* The unit: pressed for 5.6 s it shows blue x2, white x1 and clears its bonds. */
static void one_press_settles_what_it_is_a_press_of(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        const char *after_one; /* run: states of a and b */
        const char *after_all;
    } cases[] = {
        /* The same press: both at once. */
        {NETWORK HOLD7 ", " RESET_LED BONDS, FACTORY HOLD7 ", " RED_LED BONDS, "held 1, refuted 1",
         "held 1, refuted 1"},
        /* That the other would have been let go on what was not shown is no difference ... */
        {NETWORK HOLD7 ", " RESET_LED BONDS, FACTORY ON("red x5") ", " RED_LED BONDS,
         "held 1, refuted 1", "held 1, refuted 1"},
        /* ... on what was shown, even if only for a while, it is. */
        {NETWORK HOLD7 ", " RESET_LED BONDS, FACTORY ON("blue x2") ", " RED_LED BONDS,
         "held 1, open 0", "held 1, refuted 2"},
        /* A press that the LED ended is not the longer one. */
        {NETWORK ON("blue x2, white x1") ", " RESET_LED BONDS, FACTORY HOLD7 ", " RED_LED BONDS,
         "held 1, open 0", "held 1, refuted 2"},
        {NETWORK ON("blue x2, white x1") ", " RESET_LED BONDS,
         FACTORY ON("red x5") ", " RED_LED BONDS, "held 1, open 0", "held 1, refuted 2"},
        {NETWORK ON("blue x2, white x1") ", " RESET_LED BONDS,
         FACTORY ON("blue x2, white x1") ", " RED_LED BONDS, "held 1, refuted 1",
         "held 1, refuted 1"},
        /* Alike is not the same. */
        {NETWORK HOLD7 ", " RESET_LED BONDS,
         FACTORY "steps: [{ hold: [power, nc_ambient], for: 7.5 s }], " RED_LED BONDS,
         "held 1, open 0", "held 1, refuted 2"},
        /* What nobody had the radio do is not judged. */
        {NETWORK HOLD7 ", " RESET_LED " }", FACTORY HOLD7 ", " RED_LED BONDS, "held 1, open 0",
         "held 1, refuted 2"},
        /* A state that the other does not allow, or that nobody asked for. */
        {NETWORK HOLD7 ", requires: { battery: \">= 20 %\" }, " RESET_LED BONDS,
         FACTORY HOLD7 ", requires: { battery: \">= 90 %\" }, " RED_LED BONDS, "held 1, open 0",
         "held 1, open 2"},
        {NETWORK HOLD7 ", requires: { battery: \">= 20 %\" }, " RESET_LED BONDS,
         FACTORY HOLD7 ", requires: { battery: \">= 70 %\" }, " RED_LED BONDS, "held 1, refuted 1",
         "held 1, refuted 1"},
        {NETWORK HOLD7 ", " RESET_LED BONDS,
         FACTORY HOLD7 ", requires: { power: on }, " RED_LED BONDS, "held 1, open 0",
         "held 1, refuted 2"},
        {NETWORK HOLD7 ", " RESET_LED BONDS,
         FACTORY HOLD7 ", requires: { power: any }, " RED_LED BONDS, "held 1, refuted 1",
         "held 1, refuted 1"},
        /* Both say what is seen: one press, and no end to the contradiction. */
        {NETWORK HOLD7 ", " RESET_LED BONDS, FACTORY HOLD7 ", " RESET_LED BONDS, "held 1, held 1",
         "held 1, held 1"},
        /* Neither. */
        {NETWORK HOLD7 ", " RED_LED BONDS, FACTORY HOLD7 ", expect: { bluetooth: [bond_kept] }",
         "refuted 1, refuted 1", "refuted 1, refuted 1"},
    };
    struct diags diags = DIAGS_INIT;
    struct firmware *firmware = firmware_load(&diags, "hardware/sim/firmware/wh-1000xm5.yaml");
    assert_non_null(firmware);
    unit_firmware = firmware;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct profile *profile = load_two("", cases[i].a, cases[i].b);
        struct settle *settle = open_settle(profile, NULL, 0);
        const struct settle_claim *a = claim_named(settle, "a");
        const struct settle_claim *b = claim_named(settle, "b");
        const char *wanted = cases[i].after_one;
        char text[64];
        int runs = 0;
        do {
            run_next(settle, ++runs);
            snprintf(text, sizeof(text), "%s %d, %s %d", settle_state_name(a->state), a->run,
                     settle_state_name(b->state), b->run);
            if (strcmp(text, wanted) != 0) {
                fail_msg("case %zu, run %d: expected %s, got %s (%s / %s)", i, runs, wanted, text,
                         a->evidence, b->evidence);
            }
            wanted = cases[i].after_all;
        } while (settle_next(settle) >= 0);
        assert_string_equal(text, cases[i].after_all);
        assert_int_equal(a->evidence[0] != '\0', true);
        enum settle_outcome outcome = settle_outcome(settle, &settle->conflicts[0]);
        assert_int_equal(outcome, strncmp(text, "refuted", 7) == 0    ? OUTCOME_NEITHER
                                  : strstr(text, ", refuted") != NULL ? OUTCOME_FIRST
                                                                      : OUTCOME_OPEN);
        assert_int_equal(settle_done(settle), outcome != OUTCOME_OPEN);
        settle_free(settle);
        profile_free(profile);
    }
    firmware_free(firmware);
    diags_clear(&diags);
}

static void evidence_is_what_was_seen(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct firmware *firmware = firmware_load(&diags, "hardware/sim/firmware/wh-1000xm5.yaml");
    struct profile *profile =
        load_two("", NETWORK HOLD7 ", " RESET_LED " }", FACTORY HOLD7 ", " RED_LED " }");
    struct settle *settle = open_settle(profile, NULL, 0);
    assert_non_null(firmware);
    unit_firmware = firmware;
    run_next(settle, 1);
    assert_string_equal(claim_named(settle, "a")->evidence,
                        "led: expected blue x2, white x1; saw blue x2, white x1");
    assert_non_null(
        strstr(claim_named(settle, "b")->evidence, "led: expected red x5; saw blue x2, white x1"));
    settle_free(settle);
    profile_free(profile);
    firmware_free(firmware);
    diags_clear(&diags);
}

/* How contradictions stand, for every state of both claims. */
static void outcomes_follow_from_the_claims(void **state)
{
    (void)state;
    static const enum settle_outcome apart[3][3] = {
        [CLAIM_HELD] = {[CLAIM_HELD] = OUTCOME_BOTH, [CLAIM_REFUTED] = OUTCOME_FIRST},
        [CLAIM_REFUTED] = {[CLAIM_HELD] = OUTCOME_SECOND, [CLAIM_REFUTED] = OUTCOME_NEITHER},
    };
    struct profile *profile =
        load_two("", NETWORK HOLD7 ", " LED("blue x2"), FACTORY HOLD7 ", " LED("red x2"));
    struct settle *settle = open_settle(profile, NULL, 0);
    struct settle_conflict *conflict = &settle->conflicts[0];

    for (int a = CLAIM_OPEN; a <= CLAIM_REFUTED; a++) {
        for (int b = CLAIM_OPEN; b <= CLAIM_REFUTED; b++) {
            enum settle_outcome wanted =
                a == CLAIM_OPEN || b == CLAIM_OPEN ? OUTCOME_OPEN : apart[a][b];
            settle->claims[conflict->first].state = (enum settle_state)a;
            settle->claims[conflict->second].state = (enum settle_state)b;
            conflict->other_state = true;
            assert_int_equal(settle_outcome(settle, conflict), wanted);
            conflict->other_state = false;
            assert_int_equal(settle_outcome(settle, conflict),
                             wanted == OUTCOME_BOTH ? OUTCOME_OPEN : wanted);
            conflict->why = CONFLICT_EFFECT;
            assert_int_equal(settle_outcome(settle, conflict), wanted);
            conflict->why = CONFLICT_PRESS;
        }
    }
    settle_stop(settle, "enough");
    assert_int_equal(settle_next(settle), -1);
    settle_free(settle);
    profile_free(profile);
}

static void what_is_stopped_stays_open(void **state)
{
    (void)state;
    struct profile *profile =
        load_two("", NETWORK HOLD7 ", " LED("blue x2"), FACTORY HOLD7 ", " LED("red x2"));
    struct settle *settle = open_settle(profile, NULL, 0);
    settle_stop(settle, "it was stopped before it");
    assert_int_equal(settle_next(settle), -1);
    assert_string_equal(settle->claims[0].evidence, "not run: it was stopped before it");
    assert_int_equal(settle->claims[0].run, 0);
    assert_false(settle_done(settle));
    settle_free(settle);
    profile_free(profile);
}

/* A state is asked for only where another claim, which is run, wants another. */
static void states_are_needed_where_claims_disagree(void **state)
{
    (void)state;
    struct profile *profile = load_two(
        "",
        NETWORK HOLD7
        ", requires: { placed: yes, lid: [open, closed], power: on }, " LED("blue x2"),
        FACTORY HOLD7 ", requires: { placed: yes, power: off, lid: open }, " LED("blue x2"));
    struct settle *settle = open_settle(profile, NULL, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct requirement *needed = settle_state_needed(settle, i, 0);
        assert_non_null(needed);
        assert_string_equal(needed->question.name, "power");
        assert_string_equal(needed->accept[0], i == 0 ? "on" : "off");
        assert_null(settle_state_needed(settle, i, 1));
    }
    plan_free(settle->claims[1].plan);
    settle->claims[1].plan = NULL;
    assert_null(settle_state_needed(settle, 0, 0));
    settle_free(settle);
    profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_found),
        cmocka_unit_test(shipped_profiles_contradict_themselves_where_the_facts_do),
        cmocka_unit_test(nothing_is_run_across_a_hazard),
        cmocka_unit_test(of_two_alike_the_one_that_takes_less_is_first),
        cmocka_unit_test(an_unknown_hazard_is_told),
        cmocka_unit_test(what_the_bench_cannot_press_stays_open),
        cmocka_unit_test(one_press_settles_what_it_is_a_press_of),
        cmocka_unit_test(evidence_is_what_was_seen),
        cmocka_unit_test(outcomes_follow_from_the_claims),
        cmocka_unit_test(what_is_stopped_stays_open),
        cmocka_unit_test(states_are_needed_where_claims_disagree),
    };
    return cmocka_run_group_tests(tests, load_bench, free_bench);
}
