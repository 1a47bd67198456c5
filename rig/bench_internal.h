/*
 * Between the files that load a bench file, and the tests of its documentation.
 *
 * bench_load.c reads the document, bench_station.c a station; bench_line.c what each wire has.
 */
#ifndef LONGPRESS_RIG_BENCH_INTERNAL_H
#define LONGPRESS_RIG_BENCH_INTERNAL_H

#include "rig/bench.h"
#include "rig/fields.h"

/* `stations` of the document, into a struct bench. */
field_reader bench_read_stations;

/* The keys that every wire has, filling `member` of `type`, a struct line_ref. `chip` stands
 * before `line`, which needs it. */
#define BENCH_LINE_KEYS(type, member)                                                              \
    {.key = "chip", .read = field_sentence, .offset = offsetof(type, member.chip)},                \
        {.key = "line",                                                                            \
         .need = FIELD_REQUIRED,                                                                   \
         .read = bench_read_line,                                                                  \
         .offset = offsetof(type, member)},                                                        \
        {.key = "active", .read = bench_read_active, .offset = offsetof(type, member)},            \
    {                                                                                              \
        .key = "bias", .read = field_word, .offset = offsetof(type, member.bias),                  \
        .words = bench_biases                                                                      \
    }

field_reader bench_read_line;
field_reader bench_read_active;
extern const char *const bench_biases[];

/* A map of nothing but a wire's keys, at `line`, whose `chip` is the station's already. */
bool bench_line_only(const struct loading *loading, const struct yaml_node *map, const char *what,
                     struct line_ref *line);

/* Errors for lines that are on the bench twice. */
void bench_check_lines(const struct loading *loading, const struct bench *bench);

/* All tables of keys, ended by one without fields. */
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
