/*
 * The shipped profiles against the facts they were made from: every procedure that a source claims
 * is there, with its sequence, LED, sound and effect, and none that no source claims.
 */
#include "rig/base/units.h"
#include "rig/profile/profile.h"
#include "tests/unit/parts.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARTICLE     "article-2026"
#define NETWORK_LED "blue x2, white x1"

/* The facts. `steps` in the words of steps_text below; `led` NULL: not said. */
static const struct fact {
    const char *model;
    const char *procedure;
    enum procedure_kind kind;
    const char *source;
    const char *steps;
    const char *led;
    const char *sound;     /* NULL: not said */
    const char *preserves; /* one thing that is kept; "": nothing; NULL: not said */
} facts[] = {
    {"WH-1000XM5", "network-reset", KIND_NETWORK, ARTICLE,
     "hold power + nc_ambient 7 s, release on " NETWORK_LED, NETWORK_LED, "Bluetooth disconnected",
     "eq"},
    {"WH-1000XM5", "factory-reset", KIND_FACTORY, ARTICLE, "hold power + nc_ambient 15 s", "red x5",
     NULL, ""},
    {"WH-1000XM5", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"WH-1000XM4", "network-reset", KIND_NETWORK, ARTICLE,
     "hold power + nc_ambient 7 s, release on " NETWORK_LED, NETWORK_LED, "Bluetooth disconnected",
     "eq"},
    {"WH-1000XM4", "factory-reset", KIND_FACTORY, ARTICLE, "hold power + nc_ambient 15 s", "red x5",
     NULL, ""},
    {"WH-1000XM4", "pairing", KIND_PAIRING, "wiki-xm4", "hold power 7 s", "blue blinking",
     "Bluetooth pairing", NULL},
    {"WH-1000XM4", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"WH-1000XM3", "network-reset", KIND_NETWORK, ARTICLE,
     "hold power + custom 7 s, release on " NETWORK_LED, NETWORK_LED, "Bluetooth disconnected",
     "anc"},
    {"WH-1000XM3", "factory-reset@gist-toymil", KIND_FACTORY, "gist-toymil",
     "hold power + custom 7 s, release on blue x4", "blue x4", NULL, NULL},
    {"WH-1000XM3", "pairing", KIND_PAIRING, "gist-curz46", "hold power 7 s", NULL, NULL, NULL},
    {"WH-1000XM3", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"WH-CH720N", "factory-reset", KIND_FACTORY, ARTICLE, "hold power + volume_down 10 s", "off",
     "Settings initialized", ""},
    {"WH-CH720N", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"WF-1000XM5", "network-reset", KIND_NETWORK, ARTICLE, "hold touch_left 10 s", "amber x3", NULL,
     "eq"},
    {"WF-1000XM5", "factory-reset", KIND_FACTORY, ARTICLE, "hold touch_left 20 s",
     "amber blinking then red solid", NULL, ""},
    {"WF-1000XM5", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"WF-1000XM4", "network-reset", KIND_NETWORK, ARTICLE, "hold touch_left 12 s", "white x3", NULL,
     "eq"},
    {"WF-1000XM4", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"LinkBuds S", "network-reset", KIND_NETWORK, ARTICLE, "hold touch_right 10 s", "white x2",
     NULL, "eq"},
    {"LinkBuds S", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
    {"LinkBuds", "network-reset", KIND_NETWORK, ARTICLE,
     "tap touch_right x5; tap touch_left x3; hold touch_right 5 s", NULL, NULL, NULL},
    {"LinkBuds", "soft-reset", KIND_SOFT, ARTICLE, "ask power_cycled", NULL, NULL, "anc"},
};
enum { FACTS = sizeof(facts) / sizeof(facts[0]), MODELS = 8, TEXT_MAX = 512 };

static struct profile *profiles[MODELS];

static int load_all(void **state)
{
    (void)state;
    glob_t found;
    struct diags diags = DIAGS_INIT;
    assert_int_equal(glob("profiles/*.yaml", 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, MODELS);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        profiles[i] = profile_load(&diags, found.gl_pathv[i]);
    }
    globfree(&found);
    char *told = diags_text(&diags); /* warnings, too */
    assert_string_equal(told, "");
    free(told);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODELS; i++) {
        profile_free(profiles[i]);
    }
    return 0;
}

static const struct profile *model(const char *name)
{
    for (size_t i = 0; i < MODELS; i++) {
        if (strcmp(profiles[i]->model, name) == 0) {
            return profiles[i];
        }
    }
    fail_msg("there is no profile of %s", name);
    return NULL;
}

static const struct procedure *procedure(const char *of_model, const char *name)
{
    const struct procedure *found = profile_procedure(model(of_model), name);
    if (!found) {
        fail_msg("%s has no %s", of_model, name);
    }
    return found;
}

static const struct expectation *expects(const struct procedure *of, enum expect_kind kind)
{
    for (size_t i = 0; i < of->expect_count; i++) {
        if (of->expect[i].kind == kind) {
            return &of->expect[i];
        }
    }
    return NULL;
}

/* "tap touch_right x5; hold power + custom 7 s, release on blue x2". */
static void steps_text(const struct profile *profile, const struct procedure *of, char *out,
                       size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < of->step_count; i++) {
        const struct step *step = &of->steps[i];
        char controls[TEXT_MAX];
        char time[DURATION_TEXT_MAX];
        char pattern[PATTERN_TEXT_MAX];
        profile_controls_text(profile, step->controls, controls, sizeof(controls));
        used += (size_t)snprintf(out + used, size - used, "%s", i ? "; " : "");
        switch (step->kind) {
        case STEP_HOLD:
            used += (size_t)snprintf(
                out + used, size - used, "hold %s %s%s%s", controls,
                units_duration_format(time, step->for_ns),
                step->has_release_on ? ", release on " : "",
                step->has_release_on ? pattern_format(pattern, &step->release_on) : "");
            break;
        case STEP_TAP:
            used += (size_t)snprintf(out + used, size - used, "tap %s x%d", controls, step->times);
            break;
        case STEP_WAIT:
            used += (size_t)snprintf(out + used, size - used, "wait");
            break;
        case STEP_ASK:
            used += (size_t)snprintf(out + used, size - used, "ask %s", step->ask.name);
            break;
        }
        assert_true(used < size);
    }
}

static void every_claim_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct fact *fact = &facts[i];
        const struct procedure *found = procedure(fact->model, fact->procedure);
        char text[TEXT_MAX];
        char pattern[PATTERN_TEXT_MAX];
        assert_int_equal(found->kind, fact->kind);
        assert_string_equal(found->source.id, fact->source);
        steps_text(model(fact->model), found, text, sizeof(text));
        assert_string_equal(text, fact->steps);
        const struct expectation *led = expects(found, EXPECT_LED);
        assert_non_null(led);
        assert_int_equal(led->unknown, fact->led == NULL);
        if (fact->led) {
            assert_string_equal(pattern_format(pattern, &led->pattern), fact->led);
        }
        const struct expectation *sound = expects(found, EXPECT_SOUND);
        assert_non_null(sound);
        assert_int_equal(sound->unknown, fact->sound == NULL);
        if (fact->sound) {
            assert_string_equal(sound->prompt, fact->sound);
        }
        assert_int_equal(found->preserves_unknown, fact->preserves == NULL);
        if (!fact->preserves) {
            continue;
        }
        bool kept = fact->preserves[0] == '\0' && found->preserves_count == 0;
        for (size_t k = 0; k < found->preserves_count; k++) {
            kept = kept || strcmp(found->preserves[k], fact->preserves) == 0;
        }
        assert_true(kept);
    }
}

static void nothing_is_made_up(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < MODELS; i++) {
        count += profiles[i]->procedure_count;
    }
    assert_int_equal(count, FACTS); /* all facts are there, so these are all */
}

static void resets_of_network_and_factory_are_proved_by_radio(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct procedure *found = procedure(facts[i].model, facts[i].procedure);
        if (found->kind == KIND_NETWORK || found->kind == KIND_FACTORY) {
            const struct expectation *bond = expects(found, EXPECT_BOND_REJECTED);
            assert_non_null(bond);
            assert_true(bond->needed);
        } else if (found->kind == KIND_SOFT) {
            assert_non_null(expects(found, EXPECT_BOND_KEPT));
        } else {
            assert_non_null(expects(found, EXPECT_DISCOVERABLE));
        }
    }
}

/* Only where no LED shows anything, the prompt is what counts. */
static void prompts_are_needed_where_they_are_the_evidence(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct procedure *found = procedure(facts[i].model, facts[i].procedure);
        assert_int_equal(expects(found, EXPECT_SOUND)->needed,
                         strcmp(facts[i].model, "WH-CH720N") == 0 && found->kind == KIND_FACTORY);
    }
}

static const struct requirement *requires(const struct procedure *of, const char *question)
{
    for (size_t i = 0; i < of->requires_count; i++) {
        if (strcmp(of->requires[i].question.name, question) == 0) {
            return &of->requires[i];
        }
    }
    return NULL;
}

static void the_article_wants_a_battery_of_20_percent(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct procedure *found = procedure(facts[i].model, facts[i].procedure);
        bool reset = found->kind == KIND_NETWORK || found->kind == KIND_FACTORY;
        if (reset && strcmp(found->source.id, ARTICLE) == 0) {
            assert_non_null(requires(found, "battery"));
            assert_int_equal(requires(found, "battery")->at_least_x100, 2000);
        }
        if (reset || found->kind == KIND_PAIRING) {
            assert_non_null(requires(found, "placed"));
        }
    }
}

static void other_preconditions_are_those_of_the_sources(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        const char *procedure;
        const char *question;
        const char *accept; /* NULL: recorded only */
    } wanted[] = {
        {"WF-1000XM5", "network-reset", "lid", "open"},
        {"WF-1000XM5", "network-reset", "in_case", "yes"},
        {"WF-1000XM4", "network-reset", "lid", "open"},
        {"WF-1000XM4", "network-reset", "in_case", "yes"},
        {"WH-1000XM3", "factory-reset@gist-toymil", "power", "off"},
        {"WH-1000XM3", "factory-reset@gist-toymil", "battery", NULL},
        {"WH-1000XM3", "pairing", "power", "off"},
        {"WH-1000XM4", "pairing", "power", "off"},
        {"WH-CH720N", "factory-reset", "power", NULL},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const struct requirement *found =
            requires(procedure(wanted[i].model, wanted[i].procedure), wanted[i].question);
        assert_non_null(found);
        assert_int_equal(found->accept_count, wanted[i].accept ? 1 : 0);
        if (wanted[i].accept) {
            assert_string_equal(found->accept[0], wanted[i].accept);
        }
    }
}

static void network_resets_are_tried_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct procedure *found = procedure(facts[i].model, facts[i].procedure);
        if (found->kind == KIND_NETWORK) {
            assert_int_equal(found->retry.times, 1);
            assert_int_equal(found->retry.cooldown_ns, 300 * NS_PER_S); /* the longer of two */
            assert_string_equal(found->retry.source.id, ARTICLE);
            assert_string_equal(found->retry.source.note, "more than 5 minutes");
            assert_int_equal(found->retry.other_count, 1); /* the shorter of the two */
            assert_int_equal(found->retry.others[0].cooldown_ns, 180 * NS_PER_S);
            assert_string_equal(found->retry.others[0].source.id, ARTICLE);
            assert_true(found->advice_count > 0);
        }
    }
}

static void hazards_are_those_of_the_article(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        const char *id;
        const char *controls;
        int64_t longer_than_ns;
        enum hazard_grade grade;
    } wanted[] = {
        {"WF-1000XM5", "dfu", "touch_left", 15 * NS_PER_S, HAZARD_BRICKS},
        {"WF-1000XM5", "update-mode", "touch_left + touch_right", 0, HAZARD_BRICKS},
        {"WF-1000XM4", "update-mode", "touch_left + touch_right", 0, HAZARD_BRICKS},
        {"WH-1000XM5", "becomes-factory", "power + nc_ambient", 8 * NS_PER_S, HAZARD_ERASES},
        {"WH-1000XM4", "becomes-factory", "power + nc_ambient", 8 * NS_PER_S, HAZARD_ERASES},
        {"LinkBuds S", "anc-off", "touch_left", 0, HAZARD_MODE},
    };
    size_t count = 0;
    for (size_t i = 0; i < MODELS; i++) {
        count += profiles[i]->hazard_count;
    }
    assert_int_equal(count, sizeof(wanted) / sizeof(wanted[0]));
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const struct profile *profile = model(wanted[i].model);
        const struct hazard *found = NULL;
        for (size_t h = 0; h < profile->hazard_count; h++) {
            if (strcmp(profile->hazards[h].id, wanted[i].id) == 0) {
                found = &profile->hazards[h];
            }
        }
        char controls[TEXT_MAX];
        assert_non_null(found);
        assert_string_equal(profile_controls_text(profile, found->hold, controls, sizeof(controls)),
                            wanted[i].controls);
        assert_int_equal(found->longer_than_ns, wanted[i].longer_than_ns);
        assert_int_equal(found->grade, wanted[i].grade);
        assert_string_equal(found->source.id, ARTICLE);
    }
    assert_int_equal(procedure("WH-1000XM5", "factory-reset")->intends, 1);
    assert_int_equal(procedure("WH-1000XM4", "factory-reset")->intends, 1);
    assert_int_equal(procedure("WF-1000XM5", "factory-reset")->intends, 0);
}

/* The WF-1000XM5 factory reset fits below max_hold, so that only the hazard stands in its way. */
static void holds_stay_below_their_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < FACTS; i++) {
        const struct profile *profile = model(facts[i].model);
        const struct procedure *found = procedure(facts[i].model, facts[i].procedure);
        for (size_t s = 0; s < found->step_count; s++) {
            for (size_t c = 0; c < profile->control_count; c++) {
                assert_true(profile->controls[c].max_hold_ns < 30 * NS_PER_S);
                if (found->steps[s].controls & (1U << c)) {
                    assert_true(found->steps[s].for_ns + NS_PER_S <=
                                profile->controls[c].max_hold_ns);
                }
            }
        }
    }
}

static void names_over_the_air(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODELS; i++) {
        assert_string_equal(profiles[i]->bluetooth_name, profiles[i]->model);
    }
    assert_string_equal(model("WH-1000XM3")->le_name, "LE_WH-1000XM3");
    assert_int_equal(profile_control(model("WH-1000XM3"), "nc_ambient"),
                     profile_control(model("WH-1000XM3"), "custom"));
}

static void defaults_are_network_resets_where_there_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODELS; i++) {
        bool ch720n = strcmp(profiles[i]->model, "WH-CH720N") == 0;
        assert_string_equal(profile_default(profiles[i])->name,
                            ch720n ? "factory-reset" : "network-reset");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_is_there),
        cmocka_unit_test(nothing_is_made_up),
        cmocka_unit_test(resets_of_network_and_factory_are_proved_by_radio),
        cmocka_unit_test(prompts_are_needed_where_they_are_the_evidence),
        cmocka_unit_test(the_article_wants_a_battery_of_20_percent),
        cmocka_unit_test(other_preconditions_are_those_of_the_sources),
        cmocka_unit_test(network_resets_are_tried_twice),
        cmocka_unit_test(hazards_are_those_of_the_article),
        cmocka_unit_test(holds_stay_below_their_limits),
        cmocka_unit_test(names_over_the_air),
        cmocka_unit_test(defaults_are_network_resets_where_there_is_one),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
