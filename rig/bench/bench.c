#include "rig/bench/bench.h"

#include "rig/base/text.h"
#include "rig/format/fields.h"

#include <stdio.h>
#include <string.h>

void bench_free(struct bench *bench)
{
    if (bench) {
        struct arena arena = bench->arena; /* the bench itself lives in it */
        arena_free(&arena);
    }
}

const struct station *bench_station(const struct bench *bench, const char *name,
                                    struct diags *diags)
{
    const char *names[BENCH_STATIONS_MAX];
    for (size_t i = 0; i < bench->station_count; i++) {
        names[i] = bench->stations[i].name;
        if (name && text_equal_nocase(names[i], name)) {
            return &bench->stations[i];
        }
    }
    char todo[DIAG_TEXT_MAX];
    fields_suggest(todo, sizeof(todo), name ? name : "", names, bench->station_count,
                   "check the names under `stations`");
    if (name) {
        diag_error(diags, place_of(bench->path), todo, "there is no station `%s`", name);
        return NULL;
    }
    if (bench->station_count == 1) {
        return &bench->stations[0];
    }
    diag_error(diags, place_of(bench->path), "say which with --station",
               "this bench has %zu stations, %s to %s", bench->station_count, names[0],
               names[bench->station_count - 1]);
    return NULL;
}

const char *bench_firmware(const struct bench *bench, const struct station *station,
                           const char *serial)
{
    for (size_t i = 0; serial && i < bench->unit_count; i++) {
        if (text_equal_nocase(bench->units[i].serial, serial)) {
            return bench->units[i].firmware;
        }
    }
    return station->firmware ? station->firmware : bench->firmware;
}

int bench_station_actuator(const struct station *station, const char *control)
{
    for (size_t i = 0; i < station->actuator_count; i++) {
        if (text_equal_nocase(station->actuators[i].control, control)) {
            return (int)i;
        }
    }
    return -1;
}

int bench_station_input(const struct station *station, enum input_role role)
{
    for (size_t i = 0; i < station->input_count; i++) {
        if (station->inputs[i].role == role) {
            return (int)i;
        }
    }
    return -1;
}

int bench_station_question_input(const struct station *station, const char *question)
{
    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        if (input->role == INPUT_QUESTION && strcmp(input->question, question) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool bench_station_sees_colour(const struct station *station)
{
    return bench_station_input(station, INPUT_LED_R) >= 0 &&
           bench_station_input(station, INPUT_LED_G) >= 0 &&
           bench_station_input(station, INPUT_LED_B) >= 0;
}

int bench_input_led_channel(enum input_role role)
{
    switch (role) {
    case INPUT_LED_R:
    case INPUT_LED:
        return 0;
    case INPUT_LED_G:
        return 1;
    case INPUT_LED_B:
        return 2;
    case INPUT_SOUND:
    case INPUT_CONTACT:
    case INPUT_QUESTION:
    case INPUT_ESTOP:
        break;
    }
    return -1;
}

struct senses_wiring bench_station_senses(const struct station *station)
{
    struct senses_wiring wiring = {
        .light = station->has_led ? &station->led : NULL,
        .sound = station->has_sound ? &station->sound : NULL,
        .input_count = station->input_count,
    };
    for (size_t i = 0; i < station->input_count; i++) {
        enum input_role role = station->inputs[i].role;
        wiring.sense_of[i] =
            role == INPUT_SOUND ? (int8_t)SENSES_SOUND : (int8_t)bench_input_led_channel(role);
    }
    return wiring;
}

const char *bench_input_role_name(enum input_role role)
{
    static const char *const names[] = {
        [INPUT_LED_R] = "led_r",       [INPUT_LED_G] = "led_g", [INPUT_LED_B] = "led_b",
        [INPUT_LED] = "led",           [INPUT_SOUND] = "sound", [INPUT_CONTACT] = "contact",
        [INPUT_QUESTION] = "question", [INPUT_ESTOP] = "estop",
    };
    return names[role];
}
