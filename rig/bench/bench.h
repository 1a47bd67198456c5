/*
 * A bench file: the wiring of each station, and the limits of each actuator. Pure data; hardware/
 * opens the lines it names. Every key is described in hardware/benches/README.md. Immutable once
 * loaded; owns everything in its arena.
 */
#ifndef LONGPRESS_RIG_BENCH_H
#define LONGPRESS_RIG_BENCH_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/bench/actuator_kind.h"
#include "rig/signal/senses.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_STATIONS_MAX = 32,
    BENCH_ACTUATORS_MAX = 16, /* per station; bit masks of them are uint32_t */
    BENCH_INPUTS_MAX = SENSES_INPUTS_MAX,
    BENCH_UNITS_MAX = 200,
};

/* One GPIO line: a chip (name, label or path; NULL: look for the name on all chips), and a line
 * name or an offset. */
struct line_ref {
    const char *chip;
    const char *name; /* NULL: by offset */
    unsigned offset;
    bool active_low;
    enum line_bias { BIAS_AS_IS, BIAS_OFF, BIAS_UP, BIAS_DOWN } bias;
    struct place place; /* in the bench file */
};

struct actuator {
    const char *control; /* the control it presses */
    const struct actuator_kind *kind;
    struct line_ref line;
    int64_t max_on_ns;     /* never energised for longer at a time: the keeper's hard limit */
    int duty_percent_x100; /* at most this much on in any duty_window_ns; 10000: no limit */
    int64_t duty_window_ns;
    int64_t travel_press_ns;     /* from energising to the button being down */
    int64_t travel_release_ns;   /* from releasing to the button being up */
    int64_t travel_tolerance_ns; /* either may be off by this */
};

enum input_role {
    INPUT_LED_R,
    INPUT_LED_G,
    INPUT_LED_B,
    INPUT_LED, /* one clear channel */
    INPUT_SOUND,
    INPUT_CONTACT,  /* senses that actuator `actuator` really is down */
    INPUT_QUESTION, /* answers question `question` */
    INPUT_ESTOP,
};

struct input {
    enum input_role role;
    const char *name; /* as in the bench file, for messages and captures: led_r, sound, lid, ... */
    struct line_ref line;
    int actuator;              /* INPUT_CONTACT; else -1 */
    const char *question;      /* INPUT_QUESTION: name of the question, else NULL */
    const char *when_active;   /* INPUT_QUESTION: the answer an active line gives ... */
    const char *when_inactive; /* ... and an inactive one */
};

struct station {
    const char *name;
    struct place place;
    struct actuator *actuators;
    size_t actuator_count;
    struct input *inputs;
    size_t input_count;
    uint32_t interlock; /* set of actuators of which only one may be down at a time; 0: none */
    struct blink_settings led; /* .channels 0 with one clear channel */
    bool has_led;
    struct blink_settings sound;
    bool has_sound;
    const char *adapter;  /* Bluetooth adapter address, NULL: no radio on this station */
    int rssi_floor;       /* dBm: weaker units are not on this bench */
    int rssi_margin;      /* dB: if two units differ by less, the operator chooses */
    bool forget;          /* remove the rig's bond with a unit after its run */
    const char *firmware; /* simulated: of the units here, NULL: the bench's; see bench_firmware */
};

/* Simulated: a unit with its own firmware file. */
struct bench_unit {
    const char *serial;
    const char *firmware; /* path of its firmware file */
};

struct bench {
    struct arena arena;
    const char *path;
    const char *text; /* the file as it was read; stored with each run */
    size_t text_length;
    const char *name;
    bool simulated;       /* `simulated: yes`: no line is ever opened for it */
    const char *firmware; /* simulated: path of the firmware file, NULL: the model's nominal one */
    struct bench_unit *units; /* simulated: firmware files by serial number */
    size_t unit_count;
    int64_t heartbeat_ns;  /* the keeper releases when it has heard nothing for this long */
    int64_t spin_ns;       /* final part of the wait for a deadline that is busy-waited; 0: none */
    int realtime_priority; /* SCHED_FIFO priority asked for; 0: none */
    struct station *stations;
    size_t station_count;
};

struct bench *bench_load(struct diags *diags, const char *path);
struct bench *bench_load_text(struct diags *diags, const char *name, const char *text,
                              size_t length);
void bench_free(struct bench *bench);

/* Find a station by name. A NULL name means the only station; NULL with an error when there are
 * several. */
const struct station *bench_station(const struct bench *bench, const char *name,
                                    struct diags *diags);
/* Simulated: path of the firmware file of the unit of that serial number (letter case ignored;
 * NULL: not known) in that station: its own, else the station's, else the bench's; NULL: the
 * model's nominal one. */
const char *bench_firmware(const struct bench *bench, const struct station *station,
                           const char *serial);
/* Index of the actuator for a control name, -1 if it is not wired. */
int bench_station_actuator(const struct station *station, const char *control);
/* Index of the first input of a role, -1 if none. */
int bench_station_input(const struct station *station, enum input_role role);
/* Index of the input that answers this question, -1: none is wired for it. */
int bench_station_question_input(const struct station *station, const char *question);
/* Does it have three colour channels? */
bool bench_station_sees_colour(const struct station *station);

/* How its inputs are wired to the senses; borrows the station's settings. */
struct senses_wiring bench_station_senses(const struct station *station);

/* Channel of the blink decoder that an input of that role feeds, -1 for none. */
int bench_input_led_channel(enum input_role role);
const char *bench_input_role_name(enum input_role role);

#endif
