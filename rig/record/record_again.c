/* Writes a run judged again, as JSON. */
#include "rig/record/record.h"

#include "rig/format/json.h"
#include "rig/record/record_internal.h"
#include "rig/signal/signal_json.h"

static json_t *asked_item(const struct profile *profile, const struct asked_step *asked)
{
    json_t *object = json_put_object();
    char controls[PRESSES_WORDS_MAX];

    json_put(object, "up_ms", json_put_ms(asked->up_ns));
    if (asked->kind == ASKED_PERSON) {
        json_put(object, "ask", json_put_text(asked->prompt));
        return object;
    }
    profile_controls_text(profile, asked->controls, controls, sizeof(controls));
    json_put(object, "controls", record_controls(controls));
    json_put(object, "hold_ms", json_put_ms(asked->down_ns));
    json_put(object, "release_on",
             asked->release_on ? signal_json_pattern(asked->release_on) : json_null());
    return object;
}

static json_t *presses_compared(const struct stored_run *run, const struct profile *profile,
                                const struct procedure *procedure, const struct judged_again *again)
{
    struct asked_walk walk = {.procedure = procedure};
    json_t *object = json_put_object();
    json_t *list = json_put_array();
    bool differ = again->difference[0] != '\0';
    struct asked_step asked;

    while ((asked = judge_asked_next(&walk)).kind != ASKED_NOTHING) {
        json_put_new(list, asked_item(profile, &asked));
    }
    json_put(object, "as_asked", again->compared ? json_boolean(!differ) : json_null());
    json_put(object, "difference", json_put_text(differ ? again->difference : NULL));
    json_put(object, "made", record_presses(&run->timeline));
    json_put(object, "asked", list);
    return object;
}

int record_write_again(const struct stored_run *run, const struct profile *profile,
                       const struct procedure *procedure, const struct judged_again *again,
                       FILE *out)
{
    const struct judgement *judgement = &again->judgement;
    json_t *object = json_put_object();

    json_put(object, "verdict", json_put_text(judge_verdict_name(judgement->verdict)));
    json_put(object, "verdict_then", json_put_text(judge_verdict_name(run->verdict)));
    json_put(object, "reason", json_put_text(judgement->reason));
    json_put(object, "next", json_put_text(judgement->next));
    json_put(object, "record", json_put_text(record_state_name(run->state)));
    json_put(object, "simulated", json_boolean(run->simulated));
    json_put(object, "model", json_put_text(run->model));
    record_put_procedure(object, procedure);
    json_put(object, "unit", json_put_text(run->unit));
    json_put(object, "unit_firmware", json_put_text(run->unit_firmware));
    json_put(object, "started", record_started(run->timeline.wall_origin_ns));
    json_put(object, "led_seen",
             judgement->led_watched ? signal_json_pattern(&judgement->led_seen) : json_null());
    json_put(object, "presses", presses_compared(run, profile, procedure, again));
    json_put(object, "expectations", record_put_findings(judgement));
    return json_write(object, out);
}
