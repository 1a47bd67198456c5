#include "rig/signal/signal_json.h"

json_t *tojson_pulse(const struct pulse *pulse, int64_t origin_ns)
{
    json_t *object = tojson_object();
    json_t *duty = tojson_array();

    for (int i = 0; i < LED_CHANNELS; i++) {
        tojson_add(duty, tojson_int(pulse->duty_permille[i]));
    }
    tojson_put(object, "start_ns", tojson_int(pulse->start_ns - origin_ns));
    tojson_put(object, "end_ns", tojson_int(pulse->end_ns - origin_ns));
    tojson_put(object, "colour", tojson_text(colour_name(pulse->colour)));
    tojson_put(object, "duty", duty);
    tojson_put(object, "open", json_boolean(pulse->open));
    tojson_put(object, "clipped", json_boolean(pulse->clipped));
    return object;
}

json_t *tojson_pattern(const struct pattern *pattern)
{
    char text[PATTERN_TEXT_MAX];
    return tojson_text(pattern_format(text, pattern));
}
