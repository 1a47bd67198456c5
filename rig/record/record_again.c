/* Writes a run judged again, as JSON. */
#include "rig/record/record.h"

#include "rig/format/json.h"
#include "rig/record/record_internal.h"
#include "rig/signal/signal_json.h"

static json_t *asked_item(const struct profile *profile, const struct asked_step *asked)
{
    json_t *object = tojson_object();
    char controls[PRESSES_WORDS_MAX];

    tojson_put(object, "up_ms", tojson_ms(asked->up_ns));
    if (asked->kind == ASKED_PERSON) {
        tojson_put(object, "ask", tojson_text(asked->prompt));
        return object;
    }
    profile_controls_text(profile, asked->controls, controls, sizeof(controls));
    tojson_put(object, "controls", record_controls(controls));
    tojson_put(object, "hold_ms", tojson_ms(asked->down_ns));
    tojson_put(object, "release_on",
               asked->release_on ? tojson_pattern(asked->release_on) : json_null());
    return object;
}

static json_t *presses_compared(const struct stored_run *run, const struct profile *profile,
                                const struct procedure *procedure, const struct judged_again *again)
{
    struct asked_walk walk = {.procedure = procedure};
    json_t *object = tojson_object();
    json_t *list = tojson_array();
    bool differ = again->difference[0] != '\0';
    struct asked_step asked;

    while ((asked = asked_next(&walk)).kind != ASKED_NOTHING) {
        tojson_add(list, asked_item(profile, &asked));
    }
    tojson_put(object, "as_asked", again->compared ? json_boolean(!differ) : json_null());
    tojson_put(object, "difference", tojson_text(differ ? again->difference : NULL));
    tojson_put(object, "made", record_presses(&run->timeline));
    tojson_put(object, "asked", list);
    return object;
}

int record_write_again(const struct stored_run *run, const struct profile *profile,
                       const struct procedure *procedure, const struct judged_again *again,
                       FILE *out)
{
    const struct judgement *judgement = &again->judgement;
    json_t *object = tojson_object();

    tojson_put(object, "verdict", tojson_text(verdict_name(judgement->verdict)));
    tojson_put(object, "verdict_then", tojson_text(verdict_name(run->verdict)));
    tojson_put(object, "reason", tojson_text(judgement->reason));
    tojson_put(object, "next", tojson_text(judgement->next));
    tojson_put(object, "record", tojson_text(record_state_name(run->state)));
    tojson_put(object, "simulated", json_boolean(run->simulated));
    tojson_put(object, "model", tojson_text(run->model));
    record_put_procedure(object, procedure);
    tojson_put(object, "unit", tojson_text(run->unit));
    tojson_put(object, "unit_firmware", tojson_text(run->unit_firmware));
    tojson_put(object, "started", record_started(run->timeline.wall_origin_ns));
    tojson_put(object, "led_seen",
               judgement->led_watched ? tojson_pattern(&judgement->led_seen) : json_null());
    tojson_put(object, "presses", presses_compared(run, profile, procedure, again));
    tojson_put(object, "expectations", tojson_findings(judgement));
    return tojson_write(object, out);
}
