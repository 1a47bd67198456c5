/*
 * Shared by the files that load a bench file and the tests of its documentation.
 *
 * bench_load.c reads the document; bench_station.c a station and its actuators; bench_inputs.c its
 * inputs; bench_led.c its LED channels and sound detector; bench_line.c the keys of each wire.
 */
#ifndef LONGPRESS_RIG_BENCH_INTERNAL_H
#define LONGPRESS_RIG_BENCH_INTERNAL_H

#include "rig/bench/bench.h"
#include "rig/format/fields.h"

/* A station while it is being read. */
struct bench_reading {
    struct station station;
    const char *chip; /* for lines that do not name one */
};

/* `stations` of the document, into a struct bench. */
field_reader bench_read_stations;

/* Parts of a station, into a struct bench_reading; the actuators have been read already. */
field_reader bench_read_contact;
field_reader bench_read_inputs;
field_reader bench_read_estop;
field_reader bench_read_led;
field_reader bench_read_sound;

/* The path of the firmware file that a node names. NULL after an error, as on a real bench. */
const char *bench_firmware_path(const struct loading *loading, const struct yaml_node *node);

/* The actuator that a node names, -1 after an error. */
int bench_actuator_named(const struct loading *loading, const struct station *station,
                         const struct yaml_node *node);

/* A new input, or NULL after an error at `node`. */
struct input *bench_add_input(const struct loading *loading, struct bench_reading *reading,
                              const struct yaml_node *node, enum input_role role, const char *name);

/* An input with no keys but its line; `what` names it in messages. */
void bench_read_plain_input(const struct loading *loading, struct bench_reading *reading,
                            const struct yaml_node *node, enum input_role role, const char *what);

/* The keys of every wire, filling `member` of `type`, a struct line_ref. `chip` comes before
 * `line`, which needs it. */
#define BENCH_LINE_KEYS(type, member)                                                              \
    {.key = "chip",                                                                                \
     .read = fields_sentence,                                                                      \
     .offset = offsetof(type, member) + offsetof(struct line_ref, chip)},                          \
        {.key = "line",                                                                            \
         .need = FIELD_REQUIRED,                                                                   \
         .read = bench_read_line,                                                                  \
         .offset = offsetof(type, member)},                                                        \
        {.key = "active", .read = bench_read_active, .offset = offsetof(type, member)},            \
    {                                                                                              \
        .key = "bias", .read = fields_word,                                                        \
        .offset = offsetof(type, member) + offsetof(struct line_ref, bias), .words = bench_biases  \
    }

field_reader bench_read_line;
field_reader bench_read_active;
extern const char *const bench_biases[];

/* A map with only a wire's keys, into `line`, whose `chip` is already set to the station's. */
bool bench_line_only(const struct loading *loading, const struct yaml_node *map, const char *what,
                     struct line_ref *line);

/* Report lines that are used twice on the bench. */
void bench_check_lines(const struct loading *loading, const struct bench *bench);

/* All key tables, terminated by one without fields. */
const struct field_table *bench_tables(void);

extern const struct field bench_station_fields[];
extern const struct field bench_actuator_fields[];
extern const struct field bench_duty_fields[];
extern const struct field bench_travel_fields[];
extern const struct field bench_line_fields[];
extern const struct field bench_led_fields[];
extern const struct field bench_sound_fields[];
extern const struct field bench_input_fields[];
extern const struct field bench_bluetooth_fields[];

#endif
