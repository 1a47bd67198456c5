#include "rig/signal/signal_json.h"

json_t *signal_json_pulse(const struct pulse *pulse, int64_t origin_ns)
{
    json_t *object = json_put_object();
    json_t *duty = json_put_array();

    for (int i = 0; i < LED_CHANNELS; i++) {
        json_put_new(duty, json_put_int(pulse->duty_permille[i]));
    }
    json_put(object, "start_ns", json_put_int(pulse->start_ns - origin_ns));
    json_put(object, "end_ns", json_put_int(pulse->end_ns - origin_ns));
    json_put(object, "colour", json_put_text(colour_name(pulse->colour)));
    json_put(object, "duty", duty);
    json_put(object, "open", json_boolean(pulse->open));
    json_put(object, "clipped", json_boolean(pulse->clipped));
    return object;
}

json_t *signal_json_pattern(const struct pattern *pattern)
{
    char text[PATTERN_TEXT_MAX];
    return json_put_text(pattern_format(text, pattern));
}
