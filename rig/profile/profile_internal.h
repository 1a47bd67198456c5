/*
 * Between the files that load a profile (rig/profile/profile*.c), and the tests of its
 * documentation.
 *
 * One file a part: profile_load.c the document, its sources, controls and hazards;
 * profile_procedure.c a procedure and its requirements; profile_steps.c its steps;
 * profile_expect.c what is to be seen. Parts are read in the order of their tables, so a part can
 * count on those above it; after an error what was read may be incomplete, never dangling.
 */
#ifndef LONGPRESS_RIG_PROFILE_INTERNAL_H
#define LONGPRESS_RIG_PROFILE_INTERNAL_H

#include "rig/format/fields.h"
#include "rig/profile/profile.h"

enum {
    PROFILE_SOURCES_MAX = 32,
    PROFILE_PROCEDURES_MAX = 64,
    PROFILE_REQUIRES_MAX = 24,
    PROFILE_LIST_MAX = 32, /* aliases of one control; what one procedure preserves, or clears */
};

/* Longest window, wait and cooldown that make sense; keeps sums of times far from overflow. */
#define PROFILE_TIME_MAX_NS (INT64_C(3600) * 1000000000)

/* A source by id, or a map of `id` and `note`; fills a struct source. */
field_reader profile_read_source;
/* `procedures`. */
field_reader profile_read_procedures;
/* `steps`. */
field_reader profile_read_steps;
/* `expect`: reads what the steps are, so stands after them. */
field_reader profile_read_expect;

/* The controls a node names, as one name or a list of them; 0 after an error. */
control_mask profile_read_controls(const struct loading *loading, const struct yaml_node *node,
                                   const char *what);

/* `answers` of a question of one's own. False after an error. */
bool profile_read_answers(const struct loading *loading, const struct yaml_node *list,
                          struct question *question);

/* Is `other` one of the earlier names, letter case ignored? */
bool profile_same_name(const char *name, const char *other);

/* All tables of keys, ended by one without fields. */
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
/* What a window counts from where the profile does not say. */
enum anchor profile_default_anchor(const struct procedure *procedure);
void profile_check_window(const struct loading *loading, const struct procedure *procedure,
                          const struct yaml_node *node, const struct expectation *expectation);
/* A link that drops as soon as a finger comes near is not the reset's. */
void profile_warn_early(const struct loading *loading, const struct procedure *procedure,
                        const struct yaml_node *list);
/* A look-alike before the effect lets go of a hold that is not long enough yet. */
void profile_warn_release_on(const struct loading *loading, const struct procedure *procedure,
                             const struct yaml_node *steps);

#endif
