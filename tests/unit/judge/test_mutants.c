/*
 * Runs that passed, of all models on the simulated bench, changed by one event at a time, their
 * digest made anew, and judged again. What each change must give is in the table below: it comes
 * from what the profiles say is needed, and asks nothing of the judge.
 *
 *     MUTANTS=10000 SEED=N build/tests/unit/test_mutants
 */
#include "rig/base/units.h"
#include "rig/judge/judge_again.h"
#include "rig/record/record.h"
#include "tests/unit/parts.h"
#include "tests/unit/sim_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MUTANTS = 400, SEED = 12, ENTRIES_MAX = 4096 };

#define S(n)  ((n)*NS_PER_S)
#define MS(n) ((n)*NS_PER_MS)

/* ---- runs that passed --------------------------------------------------------------------- */

static const struct {
    const char *profile;
    const char *procedure;
    const char *firmware;
} scenes[] = {
    {"wh-1000xm5", NULL, "wh-1000xm5"},
    {"wh-1000xm4", NULL, "wh-1000xm4"},
    {"wh-1000xm3", NULL, "wh-1000xm3"},
    {"wh-ch720n", NULL, "wh-ch720n"},
    {"wf-1000xm5", NULL, "wf-1000xm5"},
    {"wf-1000xm4", NULL, "wf-1000xm4"},
    {"linkbuds", NULL, "linkbuds"},
    {"linkbuds-s", NULL, "linkbuds-s"},
    {"wh-1000xm5", "factory-reset", "wh-1000xm5"},
    {"wh-1000xm5", "soft-reset", "wh-1000xm5"},
    {"wh-1000xm4", "factory-reset", "wh-1000xm4"},
    {"wf-1000xm5", "factory-reset", "wf-1000xm5"},
    {"wh-1000xm4", "pairing", "wh-1000xm4-off"},
    {"wh-1000xm3", "factory-reset@gist-toymil", "wh-1000xm3-gist"},
};
enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static struct sim_run runs[SCENES];

/* As a real radio tells of which unit each event was. */
static const char object_path[] = "/org/bluez/hci0/dev_88_C9_E8_00_00_01";
static const char other_object[] = "/org/bluez/hci0/dev_88_C9_E8_00_00_02";

static void open_scene(size_t scene)
{
    struct sim_options options = {.seed = 1 + scene, .start_ns = S(1000)};
    struct run_hooks hooks = {.context = NULL};
    struct judgement *judgement = calloc(1, sizeof(*judgement));
    struct sim_run *run = &runs[scene];
    char profile[128];
    char firmware[128];

    snprintf(profile, sizeof(profile), "profiles/%s.yaml", scenes[scene].profile);
    snprintf(firmware, sizeof(firmware), "hardware/sim/firmware/%s.yaml", scenes[scene].firmware);
    assert_true(sim_run_open(run, profile, scenes[scene].procedure, firmware, &options));
    run_drive(run->engine, run->port, &run->timeline, &hooks);
    judge(run->profile, run->procedure, &run->sensors, &run->timeline, END_COMPLETE, judgement);
    if (judgement->verdict != VERDICT_PASS) {
        fail_msg("%s: %s", profile, judgement->reason);
    }
    for (size_t i = 0; i < run->timeline.count; i++) {
        struct entry *entry = &run->timeline.entries[i];
        bool order = radio_event_is_order((enum radio_event)entry->code);
        entry->object = entry->kind == ENTRY_RADIO && !order ? object_path : entry->object;
    }
    assert_in_range(run->timeline.count, 1, ENTRIES_MAX - 2);
    free(judgement);
}

/* ---- what the profile says of an entry ---------------------------------------------------- */

enum role {
    ROLE_NOTHING, /* the profile needs nothing of it */
    ROLE_UNSURE,  /* it is one of several, or its part is not simply said */
    ROLE_PRESS,   /* ordered, pressed */
    ROLE_RELEASED,
    ROLE_CONTACT_DOWN,
    ROLE_CONTACT_UP,
    ROLE_ANSWER,    /* to a precondition that does not take anything */
    ROLE_LIGHT,     /* one pulse of a pattern that is counted, all of which it needs */
    ROLE_LINK_DROP, /* the only one in the window of `disconnects` */
    ROLE_REFUSAL,   /* ... of `bond_rejected` */
    ROLE_SIGHTING,  /* ... of `discoverable`, by the unit's name */
    ROLE_TRIAL,     /* the last trial of a bond that is to be kept, or to stay refused */
    ROLE_FOUND,     /* the unit, before the press */
    ROLE_BOND,      /* ... and what is needed rests on the bond that this tells of */
    ROLES,
};

enum change {
    DROPPED,
    DOUBLED,
    LATE,  /* 3 s */
    EARLY, /* 3 s */
    OTHER_COLOUR,
    OTHER_NAME,
    OTHER_ADDRESS,
    OTHER_MASK,
    OTHER_INPUT,
    OTHER_ANSWER,
    BEFORE_EDGE, /* of its window: 1 s before it begins */
    BEHIND_EDGE, /* 1 s after it ends */
    NOT_FELT,    /* no contact at all, of a bench that has them */
    NOT_SIMULATED,
    TIME_ALONE, /* only `time_ns`, 3 s late: the other times of the entry stay */
    UNORDERED,  /* the order of a trial of the key is missing */
    CHANGES,
};

static const char *const role_names[ROLES] = {
    "nothing", "unsure",    "press",   "released", "contact down", "contact up", "answer",
    "light",   "link drop", "refusal", "sighting", "trial",        "found",      "bond"};
static const char *const change_names[CHANGES] = {
    "dropped",      "doubled",       "3 s late",          "3 s early",
    "other colour", "other name",    "other address",     "other mask",
    "other input",  "other answer",  "before its window", "behind its window",
    "not felt",     "not simulated", "other time alone",  "not ordered"};

enum must {
    FREE, /* it may do either */
    NO_PASS,
    STAYS, /* a pass */
};

/* What each change must give. */
static const enum must table[ROLES][CHANGES] = {
    [ROLE_NOTHING] = {[DROPPED] = STAYS, [NOT_FELT] = NO_PASS, [NOT_SIMULATED] = NO_PASS},
    [ROLE_PRESS] = {[DROPPED] = NO_PASS,
                    [DOUBLED] = NO_PASS,
                    [LATE] = NO_PASS,
                    [EARLY] = NO_PASS,
                    [OTHER_MASK] = NO_PASS,
                    [TIME_ALONE] = NO_PASS},
    [ROLE_RELEASED] = {[DROPPED] = NO_PASS,
                       [DOUBLED] = NO_PASS,
                       [LATE] = NO_PASS,
                       [EARLY] = NO_PASS,
                       [OTHER_MASK] = NO_PASS,
                       [TIME_ALONE] = NO_PASS},
    [ROLE_CONTACT_DOWN] = {[DROPPED] = NO_PASS, [EARLY] = NO_PASS, [OTHER_INPUT] = NO_PASS},
    [ROLE_CONTACT_UP] = {[DROPPED] = NO_PASS, [LATE] = NO_PASS, [OTHER_INPUT] = NO_PASS},
    [ROLE_ANSWER] = {[DROPPED] = NO_PASS, [OTHER_ANSWER] = NO_PASS},
    [ROLE_LIGHT] = {[DROPPED] = NO_PASS,
                    [DOUBLED] = NO_PASS,
                    [OTHER_COLOUR] = NO_PASS,
                    [BEFORE_EDGE] = NO_PASS,
                    [BEHIND_EDGE] = NO_PASS,
                    [TIME_ALONE] = NO_PASS},
    [ROLE_LINK_DROP] = {[DROPPED] = NO_PASS,
                        [OTHER_ADDRESS] = NO_PASS,
                        [BEFORE_EDGE] = NO_PASS,
                        [BEHIND_EDGE] = NO_PASS},
    [ROLE_REFUSAL] = {[DROPPED] = NO_PASS,
                      [OTHER_ADDRESS] = NO_PASS,
                      [BEHIND_EDGE] = NO_PASS,
                      [UNORDERED] = NO_PASS},
    [ROLE_SIGHTING] = {[DROPPED] = NO_PASS,
                       [OTHER_NAME] = NO_PASS,
                       [OTHER_ADDRESS] = NO_PASS,
                       [BEFORE_EDGE] = NO_PASS,
                       [BEHIND_EDGE] = NO_PASS},
    [ROLE_TRIAL] = {[DROPPED] = NO_PASS, [OTHER_ADDRESS] = NO_PASS, [UNORDERED] = NO_PASS},
    [ROLE_FOUND] = {[OTHER_ADDRESS] = NO_PASS},
    [ROLE_BOND] = {[DROPPED] = NO_PASS, [OTHER_ADDRESS] = NO_PASS},
};

struct span {
    int64_t start_ns;
    int64_t end_ns;
};

/* "after" and "within" as the schema has them: from the last press of a hold or tap on, or from the
 * last release. False: counted from something else. */
static bool window_of(const struct sim_run *run, const struct expectation *expectation,
                      struct span *window)
{
    const struct entry *anchor = NULL;
    bool from_press = expectation->anchor == ANCHOR_PRESS;

    if (expectation->anchor != ANCHOR_PRESS && expectation->anchor != ANCHOR_RELEASE) {
        return false;
    }
    for (size_t i = 0; i < run->timeline.count; i++) {
        const struct entry *entry = &run->timeline.entries[i];
        if (entry->kind == (from_press ? ENTRY_PRESSED : ENTRY_RELEASED) &&
            (!from_press || !anchor || run->procedure->step_count > 1)) {
            anchor = entry;
        }
    }
    if (!anchor || (from_press && anchor->press != 1)) {
        return false; /* of which press it counts is another test's */
    }
    int64_t at_ns = from_press ? anchor->at_ns : anchor->until_ns;
    *window = (struct span){at_ns + expectation->after_ns,
                            at_ns + expectation->after_ns + expectation->within_ns};
    return true;
}

static const struct expectation *needed(const struct procedure *procedure, enum expect_kind kind)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        const struct expectation *expectation = &procedure->expect[i];
        if (expectation->kind == kind && expectation->needed && !expectation->unknown) {
            return expectation;
        }
    }
    return NULL;
}

static bool within(const struct span *span, int64_t time_ns)
{
    return time_ns >= span->start_ns && time_ns <= span->end_ns;
}

static bool named_so(const struct sim_run *run, const struct entry *entry)
{
    return entry->text && strcmp(entry->text, run->profile->bluetooth_name) == 0;
}

/* The entry is the only one of its kind in the expectation's window. */
static enum role only_one(const struct sim_run *run, const struct entry *entry,
                          enum expect_kind kind, enum role role, struct span *window)
{
    const struct expectation *expectation = needed(run->procedure, kind);
    size_t count = 0;

    if (!expectation || !window_of(run, expectation, window) || !within(window, entry->time_ns)) {
        return ROLE_UNSURE;
    }
    for (size_t i = 0; i < run->timeline.count; i++) {
        const struct entry *other = &run->timeline.entries[i];
        count += other->kind == ENTRY_RADIO && other->code == entry->code &&
                 within(window, other->time_ns) && (role != ROLE_SIGHTING || named_so(run, other));
    }
    return count == 1 && (role != ROLE_SIGHTING || named_so(run, entry)) ? role : ROLE_UNSURE;
}

/* The last outcome of its kind in the run, where the profile needs the expectation. */
static bool last_of(const struct sim_run *run, const struct entry *entry, enum expect_kind kind)
{
    bool behind = false;
    bool another = false;

    for (size_t i = 0; i < run->timeline.count; i++) {
        const struct entry *other = &run->timeline.entries[i];
        another = another || (behind && other->kind == ENTRY_RADIO && other->code == entry->code);
        behind = behind || other == entry;
    }
    return !another && needed(run->procedure, kind);
}

static enum role role_of_light(const struct sim_run *run, const struct entry *entry,
                               struct span *window)
{
    const struct expectation *led = needed(run->procedure, EXPECT_LED);
    size_t wanted = 0;
    size_t count = 0;

    if (!led || led->extra != EXTRA_NONE || !window_of(run, led, window) ||
        !within(window, entry->pulse.start_ns)) {
        return ROLE_UNSURE;
    }
    for (size_t i = 0; i < led->pattern.count; i++) {
        if (led->pattern.segments[i].kind != SEGMENT_COUNT) {
            return ROLE_UNSURE;
        }
        wanted += (size_t)led->pattern.segments[i].count;
    }
    for (size_t i = 0; i < run->timeline.count; i++) {
        const struct entry *other = &run->timeline.entries[i];
        count += other->kind == ENTRY_PULSE && within(window, other->pulse.start_ns);
    }
    return count == wanted ? ROLE_LIGHT : ROLE_UNSURE;
}

static enum role role_of_radio(const struct sim_run *run, const struct entry *entry,
                               struct span *window)
{
    switch ((enum radio_event)entry->code) {
    case RADIO_DISCONNECTED:
        return only_one(run, entry, EXPECT_DISCONNECTS, ROLE_LINK_DROP, window);
    case RADIO_CONNECT_REFUSED:
        if (!needed(run->procedure, EXPECT_DISCOVERABLE) &&
            last_of(run, entry, EXPECT_BOND_REJECTED)) {
            return ROLE_TRIAL;
        }
        return only_one(run, entry, EXPECT_BOND_REJECTED, ROLE_REFUSAL, window);
    case RADIO_SEEN:
        return only_one(run, entry, EXPECT_DISCOVERABLE, ROLE_SIGHTING, window);
    case RADIO_CONNECT_OK:
        return last_of(run, entry, EXPECT_BOND_KEPT) ? ROLE_TRIAL : ROLE_UNSURE;
    case RADIO_READY:
        return needed(run->procedure, EXPECT_BOND_REJECTED) ||
                       needed(run->procedure, EXPECT_BOND_KEPT) ||
                       needed(run->procedure, EXPECT_DISCONNECTS)
                   ? ROLE_BOND
                   : ROLE_FOUND;
    case RADIO_NOTE:
    case RADIO_BATTERY:
    case RADIO_FIRMWARE:
        return ROLE_NOTHING;
    default:
        return ROLE_UNSURE;
    }
}

static enum role role_of_answer(const struct sim_run *run, const struct entry *entry)
{
    const struct requirement *requirement = profile_requirement(run->procedure, entry->text);

    if (!requirement) {
        return ROLE_UNSURE;
    }
    return requirement->accept_count > 0 || requirement->at_least_x100 >= 0 ? ROLE_ANSWER
                                                                            : ROLE_UNSURE;
}

static enum role role_of(const struct sim_run *run, const struct entry *entry, struct span *window)
{
    switch (entry->kind) {
    case ENTRY_ORDER:
    case ENTRY_PRESSED:
        return ROLE_PRESS;
    case ENTRY_RELEASED:
        return ROLE_RELEASED;
    case ENTRY_CONTACT:
        return entry->code == CONTACT_DOWN ? ROLE_CONTACT_DOWN : ROLE_CONTACT_UP;
    case ENTRY_ANSWER:
        return role_of_answer(run, entry);
    case ENTRY_PULSE:
        return role_of_light(run, entry, window);
    case ENTRY_RADIO:
        return role_of_radio(run, entry, window);
    case ENTRY_QUESTION:
        return ROLE_NOTHING;
    case ENTRY_NOTE:
        return entry->code == NOTE_PLAIN || entry->code == NOTE_GLITCHES ? ROLE_NOTHING
                                                                         : ROLE_UNSURE;
    default:
        return ROLE_UNSURE;
    }
}

/* ---- changes ------------------------------------------------------------------------------ */

static void move(struct entry *entry, int64_t by_ns)
{
    entry->time_ns += by_ns;
    entry->at_ns += entry->at_ns ? by_ns : 0;
    entry->until_ns += entry->until_ns ? by_ns : 0;
    entry->pulse.start_ns += by_ns;
    entry->pulse.end_ns += by_ns;
}

/* A second light stands behind the last one of the window. */
static void double_light(const struct sim_run *run, const struct span *window, struct entry *entry)
{
    int64_t last_ns = 0;

    for (size_t i = 0; i < run->timeline.count; i++) {
        const struct entry *other = &run->timeline.entries[i];
        if (other->kind == ENTRY_PULSE && within(window, other->pulse.start_ns)) {
            last_ns = other->pulse.end_ns;
        }
    }
    move(entry, last_ns + MS(400) - entry->pulse.start_ns);
}

/* A contact bounces: all its closings, or openings, are one event. Their number after it. */
static size_t change_contact(struct entry *entries, size_t count, size_t at, enum change change)
{
    const struct entry which = entries[at];
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct entry entry = entries[i];
        if (entry.kind == ENTRY_CONTACT && entry.code == which.code && entry.input == which.input) {
            if (change == DROPPED) {
                continue;
            }
            move(&entry, change == LATE ? S(3) : change == EARLY ? -S(3) : 0);
            entry.input = (int16_t)(entry.input + (change == OTHER_INPUT ? 6 : 0));
        }
        entries[kept++] = entry;
    }
    return kept;
}

struct mutant {
    const struct sim_run *run;
    size_t at;
    enum role role;
    enum change change;
    struct span window;
    bool simulated;
};

/* Where it stands in time: a record's pulses are in their order. */
static void sort_pulses(struct entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && entries[k].kind == ENTRY_PULSE; k--) {
            if (entries[k - 1].kind == ENTRY_PULSE &&
                entries[k - 1].pulse.start_ns <= entries[k].pulse.start_ns) {
                break;
            }
            struct entry other = entries[k - 1];
            entries[k - 1] = entries[k];
            entries[k] = other;
        }
    }
}

/* The order to try the key, of which that entry is the result. False: it is not one. */
static bool remove_order(struct entry *entries, size_t *count, size_t result)
{
    for (size_t i = result; i-- > 0;) {
        if (entries[i].kind == ENTRY_RADIO && entries[i].code == RADIO_RIG_CONNECTS) {
            memmove(&entries[i], &entries[i + 1], (*count - i - 1) * sizeof(*entries));
            (*count)--;
            return true;
        }
    }
    return false;
}

/* False: the change says nothing of such an entry. */
static bool apply(struct mutant *mutant, struct entry *entries, size_t *count)
{
    struct entry *entry = &entries[mutant->at];
    bool light = entry->kind == ENTRY_PULSE;
    struct entry copy = *entry;
    bool moved = mutant->change == DROPPED || mutant->change == LATE || mutant->change == EARLY ||
                 mutant->change == OTHER_INPUT;

    if (entry->kind == ENTRY_CONTACT && moved) {
        *count = change_contact(entries, *count, mutant->at, mutant->change);
        return true;
    }
    switch (mutant->change) {
    case DROPPED:
        memmove(entry, entry + 1, (*count - mutant->at - 1) * sizeof(*entry));
        (*count)--;
        return entry->kind != ENTRY_START;
    case DOUBLED:
        if (light && mutant->role == ROLE_LIGHT) {
            double_light(mutant->run, &mutant->window, &copy);
            if (copy.pulse.start_ns > mutant->window.end_ns) {
                return false;
            }
        }
        memmove(entry + 1, entry, (*count - mutant->at) * sizeof(*entry));
        entry[light ? 1 : 0] = copy;
        (*count)++;
        break;
    case LATE:
        move(entry, S(3));
        break;
    case EARLY:
        move(entry, -S(3));
        break;
    case OTHER_COLOUR:
        entry->pulse.colour = entry->pulse.colour == COLOUR_GREEN ? COLOUR_RED : COLOUR_GREEN;
        return light;
    case OTHER_NAME:
        entry->text = "SOMETHING-ELSE";
        return entry->kind == ENTRY_RADIO && entry->code == RADIO_SEEN;
    case OTHER_ADDRESS:
        entry->object = other_object;
        return entry->kind == ENTRY_RADIO;
    case OTHER_MASK:
        entry->mask ^= 1;
        return mutant->role == ROLE_PRESS || mutant->role == ROLE_RELEASED;
    case OTHER_INPUT:
        return false; /* contacts only */
    case OTHER_ANSWER:
        entry->text2 = "no";
        return entry->kind == ENTRY_ANSWER;
    case BEFORE_EDGE:
        move(entry,
             mutant->window.start_ns - S(1) - (light ? entry->pulse.end_ns : entry->time_ns));
        return mutant->window.end_ns != 0;
    case BEHIND_EDGE:
        move(entry,
             mutant->window.end_ns + S(1) - (light ? entry->pulse.start_ns : entry->time_ns));
        return mutant->window.end_ns != 0;
    case NOT_FELT: {
        size_t kept = 0;
        for (size_t i = 0; i < *count; i++) {
            if (entries[i].kind != ENTRY_CONTACT) {
                entries[kept++] = entries[i];
            }
        }
        bool any = kept < *count;
        *count = kept;
        return any;
    }
    case NOT_SIMULATED:
        mutant->simulated = false;
        return true;
    case TIME_ALONE:
        entry->time_ns += S(3);
        return true;
    case UNORDERED:
        return remove_order(entries, count, mutant->at);
    case CHANGES:
        return false;
    }
    return true;
}

/* ---- judged again ------------------------------------------------------------------------- */

/* Through a record of its own, whose digest is made anew. A record that is refused is no pass. */
static enum verdict judge_mutant(const struct mutant *mutant, const struct entry *entries,
                                 size_t count, char *reason)
{
    const struct sim_run *run = mutant->run;
    struct judgement *then = calloc(1, sizeof(*then));
    struct judged_again *again = calloc(1, sizeof(*again));
    struct diags diags = DIAGS_INIT;
    struct timeline timeline;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    timeline_init(&timeline);
    timeline.origin_ns = run->timeline.origin_ns;
    for (size_t i = 0; i < count; i++) {
        timeline_add(&timeline, &entries[i]);
    }
    struct record record = {.version = "0",
                            .simulated = mutant->simulated,
                            .bench = "sim",
                            .station = "sim",
                            .profile = run->profile,
                            .procedure = run->procedure,
                            .bench_station = run->station,
                            .sensors = run->sensors,
                            .timeline = &timeline,
                            .judgement = then};
    assert_int_equal(record_write(&record, out), 0);
    fclose(out);
    struct stored_run *stored = record_read_text(&diags, "mutant", text, size);
    enum verdict verdict = VERDICT_ERROR;
    snprintf(reason, JUDGE_TEXT_MAX, "refused");
    if (stored) {
        struct pressed pressed = {.timeline = &stored->timeline,
                                  .profile = run->profile,
                                  .procedure = run->procedure,
                                  .simulated = stored->simulated};
        assert_int_equal(stored->state, RECORD_AS_WRITTEN);
        judge_again(&pressed, &stored->sensors, stored->end, run->profile, run->procedure, again);
        verdict = again->judgement.verdict;
        snprintf(reason, JUDGE_TEXT_MAX, "%s", again->judgement.reason);
        record_stored_run_free(stored);
    }
    diags_clear(&diags);
    timeline_free(&timeline);
    free(text);
    free(again);
    free(then);
    return verdict;
}

/* xorshift64*: the same mutants on every machine. */
static uint64_t state_of_chance;

static size_t chance(size_t below)
{
    state_of_chance ^= state_of_chance >> 12;
    state_of_chance ^= state_of_chance << 25;
    state_of_chance ^= state_of_chance >> 27;
    return (size_t)((state_of_chance * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

struct tally {
    long made[3]; /* by enum must */
    long passed[3];
    long wrong;
};

/* False: the change says nothing of that entry. */
static bool try_this(struct tally *tally, struct mutant *mutant)
{
    static struct entry entries[ENTRIES_MAX];
    const struct sim_run *run = mutant->run;
    enum must must = table[mutant->role][mutant->change];
    size_t count = run->timeline.count;
    char reason[JUDGE_TEXT_MAX];

    memcpy(entries, run->timeline.entries, count * sizeof(*entries));
    if (!apply(mutant, entries, &count)) {
        return false;
    }
    sort_pulses(entries, count);
    enum verdict verdict = judge_mutant(mutant, entries, count, reason);
    bool wrong =
        (must == NO_PASS && verdict == VERDICT_PASS) || (must == STAYS && verdict != VERDICT_PASS);
    tally->made[must]++;
    tally->passed[must] += verdict == VERDICT_PASS;
    tally->wrong += wrong;
    if (wrong) {
        const struct entry *entry = &run->timeline.entries[mutant->at];
        print_error("%s %s: %s (%s, entry %zu) %s: %s: %s\n", run->profile->model,
                    run->procedure->name, role_names[mutant->role],
                    timeline_entry_kind_name(entry->kind), mutant->at, change_names[mutant->change],
                    judge_verdict_name(verdict), reason);
    }
    return true;
}

static bool try_one(struct tally *tally)
{
    const struct sim_run *run = &runs[chance(SCENES)];
    struct mutant mutant = {.run = run,
                            .at = chance(run->timeline.count),
                            .change = (enum change)chance(CHANGES),
                            .simulated = true};

    mutant.role = role_of(run, &run->timeline.entries[mutant.at], &mutant.window);
    /* What is free is tried as well, so that it is seen to hold; but seldom. */
    if (table[mutant.role][mutant.change] == FREE && chance(8) != 0) {
        return false;
    }
    return try_this(tally, &mutant);
}

/* Each row of the table at least once, by the first run and entry that it says something of. False:
 * there is none. */
static bool try_row(struct tally *tally, enum role role, enum change change)
{
    for (size_t scene = 0; scene < SCENES; scene++) {
        for (size_t at = 0; at < runs[scene].timeline.count; at++) {
            struct mutant mutant = {
                .run = &runs[scene], .at = at, .change = change, .simulated = true};
            mutant.role = role_of(mutant.run, &mutant.run->timeline.entries[at], &mutant.window);
            if (mutant.role == role && try_this(tally, &mutant)) {
                return true;
            }
        }
    }
    return false;
}

static long number_from(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : otherwise;
}

static void none_passes_that_should_not(void **state)
{
    long wanted = number_from("MUTANTS", MUTANTS);
    static struct tally tally;
    long made = 0;

    (void)state;
    state_of_chance = (uint64_t)number_from("SEED", SEED) * UINT64_C(0x9E3779B97F4A7C15);
    for (size_t i = 0; i < SCENES; i++) {
        open_scene(i);
    }
    for (int role = 0; role < ROLES; role++) {
        for (int change = 0; change < CHANGES; change++) {
            if (table[role][change] != FREE &&
                !try_row(&tally, (enum role)role, (enum change)change)) {
                fail_msg("no run has what this row of the table is about: %s %s", role_names[role],
                         change_names[change]);
            }
            made += table[role][change] != FREE;
        }
    }
    while (made < wanted) {
        made += try_one(&tally);
    }
    print_message("%ld mutants: %ld must not pass, %ld do; %ld stay a pass, %ld do; %ld may do "
                  "either, %ld pass\n",
                  made, tally.made[NO_PASS], tally.passed[NO_PASS], tally.made[STAYS],
                  tally.passed[STAYS], tally.made[FREE], tally.passed[FREE]);
    for (size_t i = 0; i < SCENES; i++) {
        sim_run_close(&runs[i]);
    }
    assert_int_equal(tally.wrong, 0);
}

/* A press that begins late, and is as long as ordered: all of it, with what was felt of it, is
 * moved. Alone it may be half a second late; between others the time between them counts as well.
 */
static void a_press_may_begin_late(void **state)
{
    static struct entry entries[ENTRIES_MAX];
    const struct {
        const char *profile;
        int64_t late_ns;
        uint32_t press;
        enum verdict verdict;
    } cases[] = {
        {"wh-1000xm5", MS(400), 1, VERDICT_PASS},
        {"wh-1000xm5", MS(600), 1, VERDICT_INCONCLUSIVE},
        {"linkbuds", MS(40), 3, VERDICT_PASS},
        {"linkbuds", MS(60), 3, VERDICT_INCONCLUSIVE},
    };
    char reason[JUDGE_TEXT_MAX];

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        size_t scene = 0;
        while (strcmp(scenes[scene].profile, cases[c].profile) != 0) {
            scene++;
        }
        open_scene(scene);
        const struct timeline *timeline = &runs[scene].timeline;
        uint32_t press = 0;
        for (size_t i = 0; i < timeline->count; i++) {
            struct entry *entry = &entries[i];
            *entry = timeline->entries[i];
            press = entry->kind == ENTRY_PRESSED ? entry->press : press;
            if (press == cases[c].press &&
                (entry->kind == ENTRY_PRESSED || entry->kind == ENTRY_RELEASED ||
                 entry->kind == ENTRY_CONTACT)) {
                move(entry, cases[c].late_ns);
            }
        }
        struct mutant mutant = {.run = &runs[scene], .simulated = true};
        enum verdict verdict = judge_mutant(&mutant, entries, timeline->count, reason);
        if (verdict != cases[c].verdict ||
            (verdict == VERDICT_INCONCLUSIVE && !strstr(reason, "was not made at the ordered"))) {
            fail_msg("%s, %d ms late: %s: %s", cases[c].profile,
                     (int)(cases[c].late_ns / NS_PER_MS), judge_verdict_name(verdict), reason);
        }
        sim_run_close(&runs[scene]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_passes_that_should_not),
        cmocka_unit_test(a_press_may_begin_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
