/* A loaded firmware file; only for the simulated unit (hardware/sim/unit.c) and the loader. */
#ifndef LONGPRESS_HARDWARE_SIM_FIRMWARE_DATA_H
#define LONGPRESS_HARDWARE_SIM_FIRMWARE_DATA_H

#include "hardware/sim/firmware.h"
#include "rig/base/arena.h"
#include "rig/signal/colour.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIRMWARE_BUTTONS_MAX = 16,
    FIRMWARE_TRIGGERS_MAX = 16,
    FIRMWARE_ACTIONS_MAX = 32,
    FIRMWARE_LIGHTS_MAX = 32,
    FIRMWARE_EVENTS_MAX = 16,
    FIRMWARE_TAPS_MAX = 8,
    FIRMWARE_ANSWERS_MAX = 16,
};

/* A stretch of light and the dark behind it, `times` over. */
struct light {
    colour colour;
    int64_t for_ns;
    int64_t gap_ns;
    int times;
    bool breathe; /* swells from 5 % duty to full and back */
};

struct firmware_event {
    int64_t at_ns; /* after the action began */
    enum firmware_do {
        DO_DISCONNECT,
        DO_CONNECT, /* links to the rig again, if the bond is still there */
        DO_CLEAR_BONDS,
        DO_DISCOVERABLE,
        DO_HIDDEN,
        DO_POWER_OFF,
        DO_POWER_ON,
        DO_BRICK,
    } what;
};

struct action {
    const char *name;
    int64_t led_delay_ns;
    struct light *led;
    size_t led_count;
    struct light *led_loop; /* after `led`, over and over */
    size_t led_loop_count;
    struct firmware_event *events;
    size_t event_count;
    int64_t sound_after_ns;
    int64_t sound_for_ns; /* 0: silent */
};

struct tap {
    int button;
    int times;
};

/* What must be so for a trigger to do its action. */
struct condition {
    const char *name; /* of an answer, or `power` */
    const char *value;
    int at_least_x100; /* battery: percent x 100; else -1 */
};

struct trigger {
    const char *name;
    uint32_t hold;        /* exactly these buttons down ... */
    int64_t threshold_ns; /* ... for this long ... */
    int64_t jitter_ns;    /* ... give or take (standard deviation, cut at three) */
    struct tap *taps;     /* ... after these taps, and nothing else between */
    size_t tap_count;
    bool taps_told;     /* false: whatever was tapped before */
    int64_t tap_gap_ns; /* from one press to the next at most */
    struct condition *needs;
    size_t need_count;
    int does;      /* action */
    int otherwise; /* action when `needs` are not met; -1: nothing happens */
};

struct firmware_answer {
    const char *question;
    const char *say;
    int does; /* action that begins when it is asked; -1 */
};

/* What happens to the bench around the unit; after_ns 0: it does not. */
struct bench_fault {
    int64_t after_ns; /* the run's beginning, or ... */
    bool after_press; /* ... its first press */
};

struct firmware {
    struct arena arena;
    const char *path;
    const char *name;
    const char *model;
    const char *version;

    bool power_on;
    bool bonded;
    bool connected;
    bool discoverable;
    struct firmware_answer *answers;
    size_t answer_count;

    const char *radio_name;
    const char *radio_reset_name; /* once the bonds were cleared */
    int rssi_dbm;

    int64_t pwm_period_ns; /* 0: no PWM */
    int pwm_duty_x100;
    int64_t lag_ns[LED_CHANNELS];
    bool led_dead;
    colour led_stuck; /* COLOUR_DARK: it is not */

    const char *buttons[FIRMWARE_BUTTONS_MAX];
    size_t button_count;
    int bounces;       /* up and down again at each end of a press ... */
    int64_t bounce_ns; /* ... all within this time */

    struct action *actions;
    size_t action_count;
    struct trigger *triggers;
    size_t trigger_count;

    /* Of the bench around the unit, for tests. */
    struct bench_fault lose_edges;
    struct bench_fault estop;
    struct bench_fault chip_gone;
};

#endif
