/*
 * Shared by the files that load a profile (rig/profile/profile*.c) and the tests of its
 * documentation.
 *
 * One file per part: profile_load.c the document, its sources, controls and hazards;
 * profile_procedure.c a procedure and its requirements; profile_steps.c its steps; profile_expect.c
 * the expectations. Parts are read in table order, so a part can rely on those above it; after an
 * error the data may be incomplete, but never dangling.
 */
#ifndef LONGPRESS_RIG_PROFILE_INTERNAL_H
#define LONGPRESS_RIG_PROFILE_INTERNAL_H

#include "rig/format/fields.h"
#include "rig/profile/profile.h"

enum {
    PROFILE_SOURCES_MAX = 32,
    PROFILE_PROCEDURES_MAX = 64,
    PROFILE_REQUIRES_MAX = 24,
    PROFILE_LIST_MAX = 32, /* aliases of a control; items a procedure preserves, or clears */
};

/* The longest sensible window, wait and cooldown; keeps sums of times far from overflow. */
#define PROFILE_TIME_MAX_NS (INT64_C(3600) * 1000000000)

/* A source by id, or a map of `id` and `note`; fills a struct source. */
field_reader profile_read_source;
/* `procedures`. */
field_reader profile_read_procedures;
/* `steps`. */
field_reader profile_read_steps;
/* `expect`: depends on the steps, so it comes after them. */
field_reader profile_read_expect;

/* The controls a node names, as one name or a list of them; 0 after an error. */
control_mask profile_read_controls(const struct loading *loading, const struct yaml_node *node,
                                   const char *what);

/* `answers` of a custom question. False after an error. */
bool profile_read_answers(const struct loading *loading, const struct yaml_node *list,
                          struct question *question);

/* Is `other` one of the earlier names, letter case ignored? */
bool profile_same_name(const char *name, const char *other);

/* All key tables, terminated by one without fields. */
const struct field_table *profile_tables(void);

extern const struct field profile_source_fields[];
extern const struct field profile_procedure_fields[];
extern const struct field profile_requirement_fields[];
extern const struct field profile_retry_fields[];
extern const struct field profile_cooldown_fields[];
extern const struct field profile_hold_fields[];
extern const struct field profile_tap_fields[];
extern const struct field profile_wait_fields[];
extern const struct field profile_ask_fields[];
extern const struct field profile_expect_fields[];
extern const struct field profile_led_fields[];
extern const struct field profile_sound_fields[];
extern const struct field profile_radio_fields[];
extern const struct field profile_discoverable_fields[];
extern const struct field profile_services_fields[];

/* profile_window.c */
field_reader profile_read_after; /* `press`, `release+1.5 s` */
/* The first of a kind, NULL if none. */
const struct expectation *profile_expectation(const struct procedure *procedure,
                                              enum expect_kind kind);
/* The default anchor of a window. */
enum anchor profile_default_anchor(const struct procedure *procedure);
void profile_check_window(const struct loading *loading, const struct procedure *procedure,
                          const struct yaml_node *node, const struct expectation *expectation);
/* Warn about a `disconnects` window that opens before the reset can take effect. */
void profile_warn_early(const struct loading *loading, const struct procedure *procedure,
                        const struct yaml_node *list);
/* Warn about a `release_on` that an earlier, similar light could end too early. */
void profile_warn_release_on(const struct loading *loading, const struct procedure *procedure,
                             const struct yaml_node *steps);

#endif
