/* Loads the windows of expectations: their anchors, and whether they make sense. */
#include "rig/base/units.h"
#include "rig/profile/profile_internal.h"

#include <string.h>

/* The link may drop this much earlier than the LED shows the effect. */
#define EARLY_SLACK_NS NS_PER_S

/* `press`, `release+1.5 s`, `led - 200 ms`. NULL, or what is wrong. */
static const char *parse_after(const char *text, enum anchor *anchor, int64_t *after_ns)
{
    static const enum anchor anchors[] = {ANCHOR_PRESS, ANCHOR_RELEASE, ANCHOR_LED, ANCHOR_ANSWER,
                                          ANCHOR_WAIT};

    for (size_t i = 0; i < sizeof(anchors) / sizeof(*anchors); i++) {
        const char *name = profile_anchor_name(anchors[i]);
        size_t length = strlen(name);
        if (strncmp(text, name, length) != 0) {
            continue;
        }
        const char *rest = text + length + strspn(text + length, " ");
        *anchor = anchors[i];
        *after_ns = 0;
        if (*rest == '\0') {
            return NULL;
        }
        if (*rest != '+' && *rest != '-') {
            return "is not a known instant";
        }
        const char *wrong = units_duration_parse(rest + 1 + strspn(rest + 1, " "), after_ns);
        if (wrong) {
            return wrong;
        }
        if (*after_ns > PROFILE_TIME_MAX_NS) {
            return "is more than an hour away";
        }
        *after_ns = *rest == '-' ? -*after_ns : *after_ns;
        return NULL;
    }
    return "is not a known instant";
}

void profile_read_after(const struct loading *loading, const struct field *field,
                        const struct yaml_node *map, void *object)
{
    struct expectation *expectation = object;
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`after`")) {
        return;
    }
    const char *wrong = parse_after(node->text, &expectation->anchor, &expectation->after_ns);
    if (wrong) {
        diag_error(loading->diags, node->place,
                   "write press, release, led, answer or wait, optionally with a time: press+6 s",
                   "`after: %s` %s", node->text, wrong);
    }
}

/* The first of a kind, NULL if none. */
const struct expectation *profile_expectation(const struct procedure *procedure,
                                              enum expect_kind kind)
{
    for (size_t i = 0; i < procedure->expect_count; i++) {
        if (procedure->expect[i].kind == kind) {
            return &procedure->expect[i];
        }
    }
    return NULL;
}

static bool presses(const struct procedure *procedure)
{
    return profile_last_press_ns(procedure) > 0;
}

static bool asks(const struct procedure *procedure)
{
    for (size_t i = 0; i < procedure->step_count; i++) {
        if (procedure->steps[i].kind == STEP_ASK) {
            return true;
        }
    }
    return false;
}

/* The default anchor of a window. */
enum anchor profile_default_anchor(const struct procedure *procedure)
{
    return presses(procedure) ? ANCHOR_RELEASE : asks(procedure) ? ANCHOR_ANSWER : ANCHOR_WAIT;
}

/* Does the procedure have that anchor? */
static bool check_anchor(const struct loading *loading, const struct procedure *procedure,
                         const struct yaml_node *node, const struct expectation *expectation)
{
    enum anchor anchor = expectation->anchor;
    const char *name = expect_kind_name(expectation->kind);

    if (anchor == ANCHOR_ANSWER && !asks(procedure)) {
        diag_error(loading->diags, node->place, "count its window from another instant",
                   "%s comes after `answer`, but no step asks anything", name);
        return false;
    }
    if (anchor == ANCHOR_WAIT && (presses(procedure) || asks(procedure))) {
        diag_error(loading->diags, node->place, "count its window from press, release or answer",
                   "%s comes after `wait`, which is for procedures that only wait", name);
        return false;
    }
    if ((anchor == ANCHOR_PRESS || anchor == ANCHOR_RELEASE) && !presses(procedure) &&
        procedure->step_count > 0) {
        diag_warning(
            loading->diags, node->place,
            asks(procedure) ? "write `after: answer`" : "write `after: wait`",
            "%s comes after `%s`, but nothing is pressed: the end of the last step is used", name,
            profile_anchor_name(anchor));
    }
    return true;
}

void profile_check_window(const struct loading *loading, const struct procedure *procedure,
                          const struct yaml_node *node, const struct expectation *expectation)
{
    int64_t end_ns = expectation->after_ns + expectation->within_ns;
    int64_t press_ns =
        expectation->anchor == ANCHOR_RELEASE ? -profile_last_press_ns(procedure) : 0;
    if (!check_anchor(loading, procedure, node, expectation)) {
        return;
    }
    if (expectation->anchor != ANCHOR_LED) {
        if (end_ns <= press_ns) {
            diag_error(loading->diags, node->place, "make `within` longer, or `after` later",
                       "the window for %s ends before the %s", expect_kind_name(expectation->kind),
                       expectation->anchor == ANCHOR_ANSWER ? "answer"
                       : expectation->anchor == ANCHOR_WAIT ? "wait is over"
                                                            : "press begins");
        }
        return;
    }
    /* The LED is read first, so it exists by now if it is expected at all. */
    const struct expectation *led = profile_expectation(procedure, EXPECT_LED);
    if (expectation->kind == EXPECT_LED) {
        diag_error(loading->diags, node->place, "count its window from press or release",
                   "the LED pattern cannot come after itself");
    } else if (!led || led->unknown || led->pattern.count == 0) {
        diag_error(loading->diags, node->place, "count its window from press or release",
                   "%s comes after `led`, but no LED pattern is expected",
                   expect_kind_name(expectation->kind));
    }
}

/* The earliest start of the effect after the press, by the LED's or the sound's window; 0 when
 * unknown. */
static int64_t effect_ns(const struct procedure *procedure)
{
    static const enum expect_kind kinds[] = {EXPECT_LED, EXPECT_SOUND};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct expectation *shown = profile_expectation(procedure, kinds[i]);
        /* Flashes allowed before it may belong to an earlier effect. */
        if (shown && !shown->unknown && shown->anchor == ANCHOR_PRESS && shown->after_ns > 0 &&
            !(shown->extra & EXTRA_BEFORE)) {
            return shown->after_ns;
        }
    }
    return 0;
}

/* A link that drops at the first touch was not dropped by the reset. */
void profile_warn_early(const struct loading *loading, const struct procedure *procedure,
                        const struct yaml_node *list)
{
    const struct expectation *link = profile_expectation(procedure, EXPECT_DISCONNECTS);
    int64_t effect = effect_ns(procedure);
    char begins[DURATION_TEXT_MAX];
    char text[DURATION_TEXT_MAX];

    if (!link || link->unknown || effect == 0 ||
        (link->anchor != ANCHOR_PRESS && link->anchor != ANCHOR_RELEASE)) {
        return;
    }
    int64_t start_ns =
        link->after_ns + (link->anchor == ANCHOR_RELEASE ? profile_last_press_ns(procedure) : 0);
    if (start_ns < effect - EARLY_SLACK_NS) {
        diag_warning(
            loading->diags, list->place, "start the window of `disconnects` no earlier than that",
            "the window of `disconnects` starts %s after the press, but no effect is expected "
            "before %s: a link that drops for another reason would be taken for the effect",
            units_duration_format(begins, start_ns > 0 ? start_ns : 0),
            units_duration_format(text, effect));
    }
}

void profile_warn_release_on(const struct loading *loading, const struct procedure *procedure,
                             const struct yaml_node *steps)
{
    const struct step *last = NULL;
    size_t at = 0;
    int64_t effect = effect_ns(procedure);
    char text[DURATION_TEXT_MAX];

    for (size_t i = 0; i < procedure->step_count; i++) {
        const struct step *step = &procedure->steps[i];
        if (step->kind == STEP_HOLD || step->kind == STEP_TAP) {
            last = step;
            at = i;
        }
    }
    if (last && last->has_release_on && last->not_before_ns == 0 && effect > EARLY_SLACK_NS &&
        steps->count == procedure->step_count) {
        diag_warning(loading->diags, steps->items[at]->place,
                     "add `not_before`, set to the start of the LED's window",
                     "`release_on` accepts light from the press on, but none is expected before "
                     "%s: a similar light before that would end the hold too early",
                     units_duration_format(text, effect));
    }
}
