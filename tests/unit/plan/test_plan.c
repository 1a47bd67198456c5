/*
 * The plan: how long lines are active, how long a button can be down at worst, and every rule just
 * inside its limit and just beyond.
 */
#include "rig/base/units.h"
#include "rig/plan/plan_internal.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS(n)  ((n)*NS_PER_MS)
#define TRAVEL "travel: { press: 8 ms, release: 5 ms, tolerance: 3 ms }"

static const char station_part[] =
    "actuators:\n"
    "  power: { line: 17, kind: relay, max_on: 30 s, " TRAVEL " }\n"
    "  nc_ambient: { line: 18, kind: relay, max_on: 30 s, " TRAVEL " }\n"
    "  touch_left: { line: 19, kind: touch, max_on: 30 s, " TRAVEL " }\n"
    "  touch_right: { line: 20, kind: touch, max_on: 30 s, " TRAVEL " }\n";

static const char expect_part[] = "expect: { led: unknown }\n";

struct made {
    struct profile *profile;
    struct bench *bench;
    struct plan *plan;
    char *errors; /* as printed */
    char *proof;  /* as printed when refused */
};

static void made_free(struct made *made)
{
    plan_free(made->plan);
    bench_free(made->bench);
    profile_free(made->profile);
    free(made->errors);
    free(made->proof);
}

static void plan_it(struct made *made, struct diags *diags, const struct procedure *procedure,
                    const struct station *station, const char *accept)
{
    struct plan_choices choices = {.accept_hazards = &accept, .accept_count = accept ? 1 : 0};
    size_t size = 0;
    FILE *out = open_memstream(&made->proof, &size);
    assert_non_null(out);
    made->plan = plan_make(diags, made->profile, procedure, made->bench, station, &choices, out);
    assert_int_equal(fclose(out), 0);
    assert_true((made->plan == NULL) == (diags->errors > 0));
    made->errors = diags_text(diags);
}

/* `profile` and `station` are documents, freed here. */
static struct made make_of(char *profile, char *station, const char *accept)
{
    struct made made = {0};
    struct diags diags = DIAGS_INIT;
    made.profile = profile_load_text(&diags, "profile", profile, strlen(profile));
    made.bench = bench_load_text(&diags, "bench", station, strlen(station));
    if (!made.profile || !made.bench) {
        fail_msg("%s%s%s", diags_text(&diags), profile, station);
    }
    free(profile);
    free(station);
    plan_it(&made, &diags, &made.profile->procedures[0], &made.bench->stations[0], accept);
    return made;
}

/* Of `steps` and the like, of a procedure of the usual profile. */
static struct made make(const char *procedure, const char *station, const char *accept)
{
    char text[2000];
    snprintf(text, sizeof(text), "%s%s", procedure,
             strstr(procedure, "expect:") ? "" : expect_part);
    return make_of(part_document(PART_PROCEDURE, text),
                   part_document(PART_STATION, station ? station : station_part), accept);
}

static void accepted(const char *procedure, const char *station, const char *accept)
{
    struct made made = make(procedure, station, accept);
    assert_string_equal(made.errors, "");
    assert_non_null(made.plan);
    assert_string_equal(made.proof, "");
    for (size_t i = 0; i < made.plan->proof_count; i++) {
        assert_true(made.plan->proofs[i].holds);
    }
    made_free(&made);
}

static void refused(const char *procedure, const char *station, const char *accept,
                    const char *errors)
{
    struct made made = make(procedure, station, accept);
    assert_string_equal(made.errors, errors);
    assert_null(made.plan);
    assert_true(made.proof[0] != '\0');
    made_free(&made);
}

/* ---- how long ---- */

static void test_travel(void **state)
{
    struct made made = make("steps: [{ hold: power, for: 7 s }, { wait: 1 s }, "
                            "{ tap: power, times: 3, on: 80 ms, off: 120 ms }, "
                            "{ hold: nc_ambient, for: 1 s }]\n",
                            NULL, NULL);
    (void)state;
    const struct action *actions = made.plan->actions;
    assert_int_equal(made.plan->action_count, 6);
    /* Down for 7 s: E = 7 s + 8 ms - 5 ms; at worst 3 ms too early and 3 ms too late. */
    assert_int_equal(actions[0].kind, ACTION_PRESS);
    assert_true(actions[0].hold_ns == MS(7000));
    assert_true(actions[0].energise_ns == MS(7003));
    assert_true(actions[0].worst_ns == MS(7006));
    assert_true(actions[0].gap_ns == 0);
    assert_int_equal(actions[0].actuators, 1);
    assert_string_equal(actions[0].words, "power");
    /* Up for a second: inactive for 1 s + 5 ms - 8 ms. */
    assert_int_equal(actions[1].kind, ACTION_WAIT);
    assert_true(actions[1].energise_ns + actions[2].gap_ns == MS(997));
    for (int i = 2; i < 5; i++) {
        assert_true(actions[i].energise_ns == MS(83));
        assert_true(i == 2 || actions[i].gap_ns == MS(117));
        assert_int_equal(actions[i].step, 2);
    }
    /* Between two steps, 200 ms up. */
    assert_true(actions[5].gap_ns == MS(197));
    assert_int_equal(made.plan->last_step_action, 5);
    size_t before = 0;
    assert_true(plan_inactive_ns(made.plan, 2, &before) == MS(997));
    assert_int_equal(before, 0);
    assert_true(plan_inactive_ns(made.plan, 0, &before) == -1);
    made_free(&made);
}

/* A chord whose buttons take 20 and 6 ms to go down, and 4 and 9 to come up. */
static void test_chord_of_different_travels(void **state)
{
    static const char station[] = "actuators:\n"
                                  "  power: { line: 17, kind: solenoid, max_on: 30 s, "
                                  "travel: { press: 20 ms, release: 4 ms, tolerance: 1 ms } }\n"
                                  "  nc_ambient: { line: 18, kind: solenoid, max_on: 30 s, "
                                  "travel: { press: 6 ms, release: 9 ms, tolerance: 5 ms } }\n";
    struct made made =
        make("steps: [{ tap: [power, nc_ambient], times: 2, on: 1 s, off: 1 s }]\n", station, NULL);
    (void)state;
    /* All are down together for a second. */
    assert_true(made.plan->actions[0].energise_ns == MS(1000 + 20 - 4));
    /* power: 1016 - 20 + 4 + 2; nc_ambient: 1016 - 6 + 9 + 10: the longest counts. */
    assert_true(made.plan->actions[0].worst_ns == MS(1029));
    assert_true(plan_worst_ns(&made.bench->stations[0].actuators[0], MS(1016)) == MS(1002));
    assert_true(plan_worst_ns(&made.bench->stations[0].actuators[1], MS(1016)) == MS(1029));
    /* The last is up 9 ms after, the first down 6 ms after. */
    assert_true(made.plan->actions[1].gap_ns == MS(1000 + 9 - 6));
    struct travel travel = plan_travel(&made.bench->stations[0], 3);
    assert_true(travel.press_min_ns == MS(6) && travel.press_max_ns == MS(20));
    assert_true(travel.release_min_ns == MS(4) && travel.release_max_ns == MS(9));
    assert_true(travel.tolerance_ns == MS(5));
    assert_true(plan_travel(&made.bench->stations[0], 0).press_min_ns == 0);
    made_free(&made);
}

/* Of a hazard's controls the shortest counts: all must be down at once. */
static void test_hazard_of_different_travels(void **state)
{
    static const char station[] = "actuators:\n"
                                  "  power: { line: 17, kind: solenoid, max_on: 30 s, "
                                  "travel: { press: 20 ms, release: 4 ms, tolerance: 1 ms } }\n"
                                  "  nc_ambient: { line: 18, kind: solenoid, max_on: 30 s, "
                                  "travel: { press: 6 ms, release: 9 ms, tolerance: 5 ms } }\n";
    (void)state;
    accepted("steps: [{ hold: [power, nc_ambient], for: 7998 ms }]\n", station, NULL);
    refused("steps: [{ hold: [power, nc_ambient], for: 7999 ms }]\n", station, NULL,
            "HP-1 reset: error: rule hazard `becomes-factory`: power + nc_ambient would be down "
            "together for 8.001 s; hazard beyond 8 s (erases all; source article-2026); add "
            "--accept-hazard becomes-factory to accept it for this run\n");
}

/* ---- the rules of one control ---- */

static void test_unwired(void **state)
{
    static const char only_power[] =
        "actuators: { power: { line: 17, kind: relay, max_on: 10 s } }\n";
    (void)state;
    accepted("steps: [{ hold: power, for: 1 s }]\n", only_power, NULL);
    refused("steps: [{ hold: [power, touch_left], for: 1 s }]\n", only_power, NULL,
            "HP-1 reset: error: rule unwired: touch_left has no actuator on station `A` (the "
            "station's actuators in bench:2); wire one and name it in the bench file, or use "
            "another station (--station)\n");
}

static void test_aliases(void **state)
{
    static const char by_alias[] =
        "actuators: { custom: { line: 17, kind: relay, max_on: 10 s } }\n";
    static const char both[] = "actuators:\n"
                               "  custom: { line: 17, kind: relay, max_on: 10 s }\n"
                               "  nc_ambient: { line: 18, kind: relay, max_on: 10 s }\n";
    static const char profile[] =
        "controls:\n"
        "  power: { kind: button, max_hold: 9 s, aliases: [main, CUSTOM] }\n"
        "  touch_left: { kind: touch, max_hold: 21 s }\n"
        "  nc_ambient: { kind: button, max_hold: 9 s, aliases: [second] }\n";
    static const struct control other = {.name = "other"};
    struct made made = make("steps: [{ hold: nc_ambient, for: 1 s }]\n", by_alias, NULL);
    (void)state;
    assert_non_null(made.plan);
    assert_int_equal(made.plan->actions[0].actuators, 1);
    assert_string_equal(made.plan->actions[0].words, "nc_ambient");
    assert_int_equal(plan_actuator(made.plan->station, &other), -1);
    made_free(&made);

    /* Its own name comes first. */
    made = make("steps: [{ hold: nc_ambient, for: 1 s }]\n", both, NULL);
    assert_non_null(made.plan);
    assert_int_equal(made.plan->actions[0].actuators, 2);
    made_free(&made);

    /* Any of several, in any case of letters. */
    made =
        make_of(part_document(PART_PROFILE, profile), part_document(PART_STATION, by_alias), NULL);
    assert_string_equal(made.errors, "");
    assert_int_equal(made.plan->actions[0].actuators, 1);
    assert_string_equal(made.plan->actions[0].words, "power");
    made_free(&made);
}

/* The article's WH-1000XM3 calls `custom` what the reference bench calls nc_ambient. */
static void test_alias_on_the_reference_bench(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct made made = {.profile = profile_load(&diags, "profiles/wh-1000xm3.yaml"),
                        .bench = bench_load(&diags, "hardware/benches/reference.yaml")};
    (void)state;
    assert_non_null(made.profile);
    assert_non_null(made.bench);
    const struct station *station = bench_station(made.bench, "A", &diags);
    plan_it(&made, &diags, profile_procedure(made.profile, "network-reset"), station, NULL);
    assert_string_equal(made.errors, "");
    assert_int_equal(made.plan->actions[0].actuators,
                     1 << bench_station_actuator(station, "power") |
                         1 << bench_station_actuator(station, "nc_ambient"));
    assert_string_equal(made.plan->actions[0].words, "power + custom");
    made_free(&made);
}

/* max_hold 16 s; at worst 6 ms longer than asked. */
static void test_max_hold(void **state)
{
    (void)state;
    accepted("steps: [{ hold: power, for: 15994 ms }]\n", NULL, NULL);
    refused("steps: [{ hold: power, for: 15994001 us }]\n", NULL, NULL,
            "HP-1 reset: error: rule max-hold: power would be down for 16.000001 s; its limit is "
            "16 s (max_hold in profile); shorten the step\n");
    /* What it might see earlier does not count. */
    refused("steps: [{ hold: power, for: 15995 ms, release_on: \"blue x2\" }]\n", NULL, NULL,
            "HP-1 reset: error: rule max-hold: power would be down for 16.001 s; its limit is 16 s "
            "(max_hold in profile); shorten the step\n");
}

/* On for 3 ms longer than it is to be down. */
static void test_max_on(void **state)
{
    static const char station[] =
        "actuators: { power: { line: 17, kind: relay, max_on: 5 s, " TRAVEL " } }\n";
    (void)state;
    accepted("steps: [{ hold: power, for: 4997 ms }]\n", station, NULL);
    refused(
        "steps: [{ hold: power, for: 4997001 us }]\n", station, NULL,
        "HP-1 reset: error: rule max-on: the actuator of power would be on for 5.000001 s; its "
        "limit is 5 s (max_on in bench:3); shorten the step, or use an actuator rated for it\n");
}

static void test_duty(void **state)
{
    /* 2 s in any 10 s. Lines of a relay without travel are on for as long as the button is down. */
    static const char station[] =
        "actuators:\n"
        "  power: { line: 17, kind: relay, max_on: 5 s, duty: { max: 20 %, per: 10 s } }\n"
        "  nc_ambient: { line: 18, kind: relay, max_on: 10 s }\n";
    (void)state;
    accepted("steps: [{ hold: power, for: 2 s }]\n", station, NULL);
    refused("steps: [{ hold: power, for: 2000001 us }]\n", station, NULL,
            "HP-1 reset: error: rule duty: the actuator of power would be on for 2.000001 s of 10 "
            "s; its limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use "
            "an actuator rated for it\n");
    /* Two seconds each, 8 s from the end of the one to the beginning of the other. */
    accepted("steps: [{ hold: power, for: 2 s }, { wait: 8 s }, { hold: power, for: 2 s }]\n",
             station, NULL);
    refused("steps: [{ hold: power, for: 2 s }, { wait: 7999 ms }, { hold: power, for: 2 s }]\n",
            station, NULL,
            "HP-1 reset: error: rule duty: the actuator of power would be on for 2.001 s of 10 s; "
            "its limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use an "
            "actuator rated for it\n");
    /* Twenty taps of 100 ms are two seconds, however spread. */
    accepted("steps: [{ tap: power, times: 20, on: 100 ms, off: 200 ms }]\n", station, NULL);
    refused("steps: [{ tap: power, times: 21, on: 100 ms, off: 200 ms }]\n", station, NULL,
            "HP-1 reset: error: rule duty: the actuator of power would be on for 2.1 s of 10 s; "
            "its limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use an "
            "actuator rated for it\n");
    /* The time of another's press counts as rest ... */
    accepted("steps: [{ hold: power, for: 2 s }, { hold: nc_ambient, for: 8 s }, "
             "{ hold: power, for: 2 s }]\n",
             station, NULL);
    /* ... but not when it may be let go at once, nor does a question's. */
    refused("steps: [{ hold: power, for: 2 s }, "
            "{ hold: nc_ambient, for: 8 s, release_on: \"blue x2\" }, { hold: power, for: 2 s }]\n",
            station, NULL,
            "HP-1 reset: error: rule duty: the actuator of power would be on for 4 s of 10 s; its "
            "limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use an "
            "actuator rated for it\n");
    refused("steps: [{ hold: power, for: 2 s }, { ask: \"Rest?\" }, { hold: power, for: 2 s }]\n",
            station, NULL,
            "HP-1 reset: error: rule duty: the actuator of power would be on for 4 s of 10 s; its "
            "limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use an "
            "actuator rated for it\n");
}

static void test_too_short(void **state)
{
    (void)state;
    /* E = on + 3 ms must be beyond 8 + 3 ms. */
    refused("steps: [{ tap: power, on: 8 ms }]\n", NULL, NULL,
            "HP-1 reset: error: rule too-short: the actuator of power would be on for 11 ms; it "
            "takes up to 11 ms to press (travel in bench:4); make the press longer, or use a "
            "faster actuator\n");
    accepted("steps: [{ tap: power, on: 8001 us }]\n", NULL, NULL);
}

/* Off for 3 ms less than it is to be up, which must be beyond 5 + 3 ms. */
static void test_gap_too_short(void **state)
{
    (void)state;
    refused(
        "steps: [{ tap: power, times: 2, on: 80 ms, off: 11 ms }]\n", NULL, NULL,
        "HP-1 reset: error: rule too-short: the actuator of power would be off for 8 ms between "
        "two presses; it takes up to 8 ms to release (travel in bench:4); make the time "
        "between the presses longer, or use a faster actuator\n");
    accepted("steps: [{ tap: power, times: 2, on: 80 ms, off: 11001 us }]\n", NULL, NULL);
    refused(
        "steps: [{ tap: power, on: 80 ms }, { wait: 5 ms }, { tap: power, on: 80 ms }]\n", NULL,
        NULL,
        "HP-1 reset: error: rule too-short: the actuator of power would be off for 3 ms between "
        "two presses; it takes up to 8 ms to release (travel in bench:4); make the time "
        "between the presses longer, or use a faster actuator\n");
    accepted("steps: [{ tap: power, on: 80 ms }, { wait: 5 ms }, { tap: nc_ambient, on: 80 ms }]\n",
             NULL, NULL);
}

/* ---- chords and hazards ---- */

static void test_interlock(void **state)
{
    char apart[1000];
    (void)state;
    snprintf(apart, sizeof(apart), "%sinterlock: [power, touch_left]\n", station_part);
    accepted("steps: [{ hold: [power, touch_right], for: 1 s }]\n", apart, NULL);
    accepted("steps: [{ hold: power, for: 1 s }, { hold: touch_left, for: 1 s }]\n", apart, NULL);
    refused(
        "steps: [{ hold: [power, touch_left], for: 1 s }]\n", apart, NULL,
        "HP-1 reset: error: rule interlock: power + touch_left would be down together; station `A` "
        "forbids it (interlock in bench:2); use a procedure that presses one of them at a time\n");
}

static void test_hazard_longer_than(void **state)
{
    (void)state;
    /* Both for more than 8 s; at worst 6 ms longer than asked. */
    accepted("steps: [{ hold: [power, nc_ambient], for: 7994 ms }]\n", NULL, NULL);
    refused("steps: [{ hold: [power, nc_ambient], for: 7994001 us }]\n", NULL, NULL,
            "HP-1 reset: error: rule hazard `becomes-factory`: power + nc_ambient would be down "
            "together for 8.000001 s; hazard beyond 8 s (erases all; source article-2026); add "
            "--accept-hazard becomes-factory to accept it for this run\n");
    /* More controls than the hazard's are it, too; fewer are not. */
    refused("steps: [{ hold: [power, nc_ambient, touch_right], for: 9 s }]\n", NULL, NULL,
            "HP-1 reset: error: rule hazard `becomes-factory`: power + nc_ambient would be down "
            "together for 9.006 s; hazard beyond 8 s (erases all; source article-2026); add "
            "--accept-hazard becomes-factory to accept it for this run\n");
    accepted("steps: [{ hold: power, for: 9 s }, { hold: nc_ambient, for: 9 s }]\n", NULL, NULL);
    /* Two presses never add up to one. */
    accepted("steps: [{ tap: [power, nc_ambient], times: 3, on: 7 s, off: 20 ms }]\n", NULL, NULL);
}

static const char together[] = "hazards:\n"
                               "  - id: update\n"
                               "    when: { hold: [touch_left, touch_right] }\n"
                               "    grade: mode\n"
                               "    risk: \"starts an update\"\n"
                               "    source: forum-2024\n"
                               "procedures:\n"
                               "  both:\n"
                               "    kind: other\n"
                               "    source: forum-2024\n"
                               "    steps: [{ %s: [touch_left%s], %s: 50 ms }]\n"
                               "    expect: { led: unknown }\n";

static struct made make_together(const char *kind, const char *more, const char *length)
{
    char text[1000];
    snprintf(text, sizeof(text), together, kind, more, length);
    return make_of(part_document(PART_PROFILE, text), part_document(PART_STATION, station_part),
                   NULL);
}

static void test_hazard_at_any_length(void **state)
{
    (void)state;
    struct made made = make_together("tap", "", "on");
    assert_string_equal(made.errors, "");
    made_free(&made);
    made = make_together("tap", ", touch_right", "on");
    assert_string_equal(made.errors,
                        "HP-1 both: error: rule hazard `update`: touch_left + touch_right would be "
                        "down together for 56 ms; hazard at any length (starts an update; source "
                        "forum-2024); add --accept-hazard update to accept it for this run\n");
    made_free(&made);
    made = make_together("hold", ", touch_right", "for");
    assert_null(made.plan);
    made_free(&made);
}

static const struct proof *hazard_proof(const struct plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->proof_count; i++) {
        if (strcmp(plan->proofs[i].rule, "hazard") == 0 && strstr(plan->proofs[i].text, id)) {
            return &plan->proofs[i];
        }
    }
    fail_msg("nothing is said of %s", id);
    return NULL;
}

static void test_hazard_intended(void **state)
{
    struct made made = make("intends: [becomes-factory]\n"
                            "steps: [{ hold: [power, nc_ambient], for: 15 s }]\n",
                            NULL, NULL);
    (void)state;
    assert_string_equal(made.errors, "");
    assert_true(hazard_proof(made.plan, "becomes-factory")->accepted);
    assert_string_equal(hazard_proof(made.plan, "becomes-factory")->text,
                        "`becomes-factory` intended: power + nc_ambient down together for 15.006 "
                        "s; hazard beyond 8 s (erases all; source article-2026)");
    /* That is the procedure's, not the operator's. */
    assert_int_equal(made.plan->accepted_count, 0);
    made_free(&made);
}

static void test_hazard_accepted(void **state)
{
    struct made made = make("steps: [{ hold: touch_left, for: 20 s }]\n", NULL, "dfu");
    (void)state;
    assert_string_equal(made.errors, "");
    assert_int_equal(made.plan->accepted_count, 1);
    assert_string_equal(made.plan->accepted[0], "dfu");
    assert_true(hazard_proof(made.plan, "dfu")->accepted);
    assert_string_equal(hazard_proof(made.plan, "dfu")->text,
                        "`dfu` accepted by the operator: touch_left down for 20.006 s; hazard "
                        "beyond 15 s (bricks it; source article-2026)");
    assert_false(hazard_proof(made.plan, "becomes-factory")->accepted);
    made_free(&made);

    /* Accepted and not met: nothing to tell. */
    made = make("steps: [{ hold: touch_left, for: 10 s }]\n", NULL, "dfu");
    assert_int_equal(made.plan->accepted_count, 0);
    made_free(&made);

    /* Another one's acceptance does not help, nor does any go past max_hold. */
    refused("steps: [{ hold: touch_left, for: 20 s }]\n", NULL, "becomes-factory",
            "HP-1 reset: error: rule hazard `dfu`: touch_left would be down for 20.006 s; hazard "
            "beyond 15 s (bricks it; source article-2026); add --accept-hazard dfu to accept it "
            "for this run\n");
    refused("steps: [{ hold: touch_left, for: 21 s }]\n", NULL, "dfu",
            "HP-1 reset: error: rule max-hold: touch_left would be down for 21.006 s; its limit is "
            "21 s (max_hold in profile); shorten the step\n");
}

static void test_unknown_hazard(void **state)
{
    static const char none[] = "hazards: []\n";
    (void)state;
    refused("steps: [{ hold: power, for: 1 s }]\n", NULL, "becomes-factry",
            "--accept-hazard: error: HP-1 has no hazard `becomes-factry`; did you mean "
            "`becomes-factory`?\n");
    refused("steps: [{ hold: power, for: 1 s }]\n", NULL, "xyz",
            "--accept-hazard: error: HP-1 has no hazard `xyz`; it has `becomes-factory`, `dfu`\n");
    struct made made = make_of(part_document(PART_PROFILE, none),
                               part_document(PART_STATION, station_part), "dfu");
    assert_string_equal(
        made.errors,
        "--accept-hazard: error: HP-1 has no hazard `dfu`; it has none: omit the option\n");
    made_free(&made);
}

/* All broken rules are told at once. */
static void test_all_at_once(void **state)
{
    static const char station[] =
        "actuators:\n"
        "  power: { line: 17, kind: relay, max_on: 5 s, duty: { max: 20 %, per: 10 s } }\n"
        "  nc_ambient: { line: 18, kind: relay, max_on: 10 s }\n"
        "interlock: [power, nc_ambient]\n";
    (void)state;
    refused(
        "steps: [{ hold: [power, nc_ambient, touch_left], for: 17 s }]\n", station, NULL,
        "HP-1 reset: error: rule unwired: touch_left has no actuator on station `A` (the station's "
        "actuators in bench:2); wire one and name it in the bench file, or use another station "
        "(--station)\n"
        "HP-1 reset: error: rule max-hold: power would be down for 17 s; its limit is 16 s "
        "(max_hold in profile); shorten the step\n"
        "HP-1 reset: error: rule max-on: the actuator of power would be on for 17 s; its limit is "
        "5 s "
        "(max_on in bench:4); shorten the step, or use an actuator rated for it\n"
        "HP-1 reset: error: rule duty: the actuator of power would be on for 10 s of 10 s; its "
        "limit is 2 s of 10 s (duty in bench:4); put a wait between the presses, or use an "
        "actuator rated for it\n"
        "HP-1 reset: error: rule max-hold: nc_ambient would be down for 17 s; its limit is 16 s "
        "(max_hold in profile); shorten the step\n"
        "HP-1 reset: error: rule max-on: the actuator of nc_ambient would be on for 17 s; its "
        "limit is "
        "10 s (max_on in bench:5); shorten the step, or use an actuator rated for it\n"
        "HP-1 reset: error: rule interlock: power + nc_ambient + touch_left would be down "
        "together; station `A` forbids it (interlock in bench:2); use a procedure that presses one "
        "of them at a time\n"
        "HP-1 reset: error: rule hazard `becomes-factory`: power + nc_ambient would be down "
        "together for 17 s; hazard beyond 8 s (erases all; source article-2026); add "
        "--accept-hazard becomes-factory to accept it for this run\n"
        "HP-1 reset: error: rule hazard `dfu`: touch_left would be down for 17 s; hazard beyond 15 "
        "s (bricks it; source article-2026); add --accept-hazard dfu to accept it for this run\n");
}

static void test_too_many(void **state)
{
    char text[2000] = "steps:\n";
    (void)state;
    for (int i = 0; i < 11; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "  - { tap: power, times: %d, on: 20 ms, off: 20 ms }\n", i < 10 ? 50 : 12);
    }
    accepted(text, NULL, NULL);
    text[0] = '\0';
    snprintf(text, sizeof(text), "steps:\n");
    for (int i = 0; i < 11; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "  - { tap: power, times: %d, on: 20 ms, off: 20 ms }\n", i < 10 ? 50 : 13);
    }
    struct made made = make(text, NULL, NULL);
    assert_string_equal(made.errors,
                        "HP-1 reset: error: the procedure has 513 presses, waits and questions; at "
                        "most 512 can be planned; split it into several procedures\n");
    made_free(&made);
}

/* ---- what is shipped ---- */

static void test_wf1000xm5_factory(void **state)
{
    static const struct {
        const char *accept;
        const char *errors;
    } cases[] = {
        {NULL,
         "WF-1000XM5 factory-reset: error: rule hazard `dfu`: touch_left would be down for 20.006 "
         "s; hazard beyond 15 s (forced firmware-upgrade (DFU) mode; interrupted, it bricks the "
         "unit; source article-2026); add --accept-hazard dfu to accept it for this run\n"},
        {"dfu", ""},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct diags diags = DIAGS_INIT;
        struct made made = {.profile = profile_load(&diags, "profiles/wf-1000xm5.yaml"),
                            .bench = bench_load(&diags, "hardware/benches/sim.yaml")};
        assert_non_null(made.profile);
        assert_non_null(made.bench);
        plan_it(&made, &diags, profile_procedure(made.profile, "factory-reset"),
                &made.bench->stations[0], cases[i].accept);
        assert_string_equal(made.errors, cases[i].errors);
        assert_true((made.plan != NULL) == (cases[i].accept != NULL));
        if (made.plan) {
            assert_int_equal(made.plan->accepted_count, 1);
            assert_true(made.plan->actions[0].worst_ns == MS(20006));
        }
        made_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_travel),
        cmocka_unit_test(test_chord_of_different_travels),
        cmocka_unit_test(test_hazard_of_different_travels),
        cmocka_unit_test(test_unwired),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_alias_on_the_reference_bench),
        cmocka_unit_test(test_max_hold),
        cmocka_unit_test(test_max_on),
        cmocka_unit_test(test_duty),
        cmocka_unit_test(test_too_short),
        cmocka_unit_test(test_gap_too_short),
        cmocka_unit_test(test_interlock),
        cmocka_unit_test(test_hazard_longer_than),
        cmocka_unit_test(test_hazard_at_any_length),
        cmocka_unit_test(test_hazard_intended),
        cmocka_unit_test(test_hazard_accepted),
        cmocka_unit_test(test_unknown_hazard),
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_wf1000xm5_factory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
