/* Any bytes as a bench file: errors, or a bench that holds what rig/bench/bench.h promises. */
#include "rig/bench/bench.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct line_ref *line)
{
    assert(line->name || line->chip);
    assert(line->place.line > 0);
}

static void check_station(const struct station *station)
{
    assert(station->actuator_count >= 1 && station->actuator_count <= BENCH_ACTUATORS_MAX);
    assert(station->input_count <= BENCH_INPUTS_MAX);
    assert((uint64_t)station->interlock >> station->actuator_count == 0);
    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        check_line(&actuator->line);
        assert(bench_station_actuator(station, actuator->control) == (int)i);
        assert(actuator->max_on_ns > 0 && actuator->max_on_ns <= INT64_C(60000000000));
        assert(actuator->duty_percent_x100 > 0 && actuator->duty_percent_x100 <= 10000);
    }
    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        check_line(&input->line);
        assert((input->role == INPUT_CONTACT) == (input->actuator >= 0));
        assert((input->role == INPUT_QUESTION) ==
               (input->question && input->when_active && input->when_inactive));
    }
    assert(station->has_led ==
           (bench_station_sees_colour(station) || bench_station_input(station, INPUT_LED) >= 0));
    assert(station->has_sound == (bench_station_input(station, INPUT_SOUND) >= 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "fuzz", (const char *)data, size);
    assert((bench == NULL) == (diags.errors > 0));
    if (bench) {
        assert(bench->name && bench->heartbeat_ns > 0 && bench->spin_ns >= 0);
        for (size_t i = 0; i < bench->station_count; i++) {
            check_station(&bench->stations[i]);
        }
    }
    bench_free(bench);
    diags_clear(&diags);
    return 0;
}
