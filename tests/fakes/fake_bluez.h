/*
 * The parts of fake_bluez: values, the table of objects, the script, what it does by itself
 * (events) and what it does when called (calls). README.md has the language of the script.
 *
 * Values are kept as they are written in the script, each beside its D-Bus type, and become D-Bus
 * only in a message. Memory: the script lives in an arena, the table and the rest are malloc'd.
 */
#ifndef LONGPRESS_TESTS_FAKES_FAKE_BLUEZ_H
#define LONGPRESS_TESTS_FAKES_FAKE_BLUEZ_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#define BLUEZ     "org.bluez"
#define ADAPTER   BLUEZ ".Adapter1"
#define DEVICE    BLUEZ ".Device1"
#define BATTERY   BLUEZ ".Battery1"
#define CHARACTER BLUEZ ".GattCharacteristic1"
#define AGENTS    BLUEZ ".AgentManager1"
#define PROFILES  BLUEZ ".ProfileManager1"
#define DBUS      "org.freedesktop.DBus"

/* ---- values: fake_value.c ----------------------------------------------------------------------
 */

/* Ends in a NUL that does not count; may hold others (of type `ay`). */
struct bytes {
    char *data;
    size_t length;
};

char *copied(const char *text);          /* for free() */
struct bytes bytes_of(const char *text); /* borrowed */
bool type_is_one(const char *type);      /* one complete D-Bus type that a script can write */
/* NULL, or a sentence fit to follow the quoted text. */
const char *value_check(const char *type, struct bytes text);
/* Append a checked value. */
void value_append(sd_bus_message *message, const char *type, struct bytes text);
void value_append_variant(sd_bus_message *message, const char *type, struct bytes text);
/* Read a basic value, as the script would write it, into a malloc'd text. NULL: not a basic one. */
char *value_read(sd_bus_message *message, char type);
/* What is left of the message's arguments, each after a space. */
void value_print(FILE *out, sd_bus_message *message);
/* Type of a property of BlueZ, NULL: not known. */
const char *property_type(const char *name);
/* The program ends with a word when sd-bus fails: for calls that only fail without memory. */
int sure(int result);

/* ---- objects: fake_table.c ---------------------------------------------------------------------
 * Changes are announced together, by table_flush, as bluetoothd does when it gets idle. */

struct property {
    char *name;
    char *type;
    struct bytes value;
    bool changed;
};

struct interface {
    char *name;
    struct property *properties;
    size_t count;
    char **invalidated;
    size_t invalidated_count;
    bool announced;
};

struct object {
    char *path;
    struct interface **interfaces;
    size_t count;
};

struct table {
    struct object **objects;
    size_t count;
};

struct interface *table_find(const struct table *table, const char *path, const char *interface);
bool table_has(const struct table *table, const char *path);
/* The interface, made if it is not there (then *made is set). */
struct interface *table_add(struct table *table, const char *path, const char *interface,
                            bool *made);
const struct property *interface_get(const struct interface *interface, const char *name);
void interface_set(struct interface *interface, const char *name, const char *type,
                   struct bytes value);
/* Set, if it is there and has another value. */
void interface_turn(struct interface *interface, const char *name, const char *value);
bool interface_is(const struct interface *interface, const char *name, const char *value);
/* Take the property away; told as invalidated. */
void interface_invalidate(struct interface *interface, const char *name);
void interface_append(const struct interface *interface, sd_bus_message *message); /* a{sv} */
void table_append(const struct table *table, sd_bus_message *message); /* a{oa{sa{sv}}} */
/* `interface` NULL: the object with all below it. `bus` may be NULL. */
void table_remove(struct table *table, sd_bus *bus, const char *path, const char *interface);
void table_flush(struct table *table, sd_bus *bus);
void table_announce_all(struct table *table, sd_bus *bus); /* as if all were new */
void table_free(struct table *table);

/* ---- script: fake_script.c ---------------------------------------------------------------------
 */

struct assignment {
    const char *interface;
    const char *name;
    const char *type;
    struct bytes value;
};

enum action_kind {
    ACTION_ADD,
    ACTION_SET,
    ACTION_INVALIDATE,
    ACTION_REMOVE,
    ACTION_EMIT,
    ACTION_LEAVE,
    ACTION_HANG,
    ACTION_CROWD,
    ACTION_CALL,
    ACTION_NOTE,
};

struct action {
    enum action_kind kind;
    int line;
    const char *path;      /* or pattern; ACTION_CALL: unused */
    const char *interface; /* ADD, EMIT; CALL: of the client's object */
    const char *member;    /* EMIT, CALL; NOTE: the text */
    struct assignment *values;
    size_t count;
    int64_t time_ns;    /* LEAVE (INT64_MAX: for good), HANG, CROWD, CALL: how long it may take */
    unsigned number;    /* CROWD */
    const char *expect; /* CALL: what is logged when it is right; NULL: anything is */
    unsigned done;      /* CALL: how often it was answered */
};

struct timed {
    int64_t at_ns;
    struct action action;
};

struct pattern {
    const char *method;
    const char *path;
};

struct trigger {
    struct pattern pattern;
    unsigned nth; /* 0: at every call */
    unsigned seen;
    int64_t delay_ns;
    struct action action;
};

enum outcome { OUTCOME_OK, OUTCOME_ERROR, OUTCOME_SILENCE, OUTCOME_RETURN };

struct clause {
    enum outcome outcome;
    int64_t after_ns;
    const char *error;
    const char *text;
    struct assignment *values;
    size_t count;
};

struct rule {
    struct pattern pattern;
    struct clause *clauses;
    size_t count;
    size_t next;
};

struct script {
    struct arena arena;
    struct action *first; /* before it goes on the bus */
    size_t first_count;
    struct timed *timed;
    size_t timed_count;
    struct trigger *triggers;
    size_t trigger_count;
    struct rule *rules;
    size_t rule_count;
};

/* 0, or -1 after errors. */
int script_read(struct diags *diags, const char *file, struct script *script);
void script_free(struct script *script);

/* ---- the daemon: fake_bluez.c ------------------------------------------------------------------
 */

enum session_kind { SESSION_DISCOVERY, SESSION_AGENT, SESSION_PROFILE };

/* What a client has for as long as it stays on the bus. */
struct session {
    enum session_kind kind;
    bool is_default; /* agent */
    char *client;
    char *path;   /* of the adapter, or the client's own object */
    char *detail; /* profile: UUID */
};

/* A call not answered yet. */
struct held {
    sd_bus_message *call;
    const struct clause *clause;
    int64_t due_ns; /* INT64_MAX: never */
};

struct event {
    int64_t due_ns;
    uint64_t order;
    struct action *action;
};

struct crowd {
    unsigned count;
    const char *adapter;
    int64_t period_ns;
    int64_t next_ns;
    uint32_t random;
};

struct fake {
    sd_bus *bus; /* NULL: off the bus */
    FILE *log;
    const char *script_name;
    struct script script;
    struct table table;
    int64_t start_ns;
    int64_t back_ns; /* off the bus until */
    int64_t hung_ns; /* until */
    struct event *events;
    size_t event_count;
    uint64_t event_order;
    struct held *held;
    size_t held_count;
    struct session *sessions;
    size_t session_count;
    struct crowd crowd;
    int *ends; /* of the connections handed to profiles */
    size_t end_count;
    unsigned failures;
};

int64_t now_ns(void);
/* A line of the log: the time, then the text. */
void say(struct fake *fake, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An expectation that was not met, or a script that asks for what cannot be. */
void fail(struct fake *fake, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* `name` without "org.bluez." or "org.freedesktop.DBus." */
const char *short_name(const char *name);

/* ---- events: fake_events.c ---------------------------------------------------------------------
 */

void events_add(struct fake *fake, int64_t due_ns, struct action *action);
int64_t events_due_ns(const struct fake *fake); /* INT64_MAX: nothing is to come */
void events_run_next(struct fake *fake);        /* the first that is due; there is one */
void action_run(struct fake *fake, struct action *action);
/* Calls of the client that were never answered, or never made. */
void events_finish(struct fake *fake);

/* ---- calls: fake_calls.c and fake_methods.c ----------------------------------------------------
 */

int calls_on_message(sd_bus_message *message, void *fake, sd_bus_error *error);
int calls_on_owner(sd_bus_message *message, void *fake, sd_bus_error *error);
int64_t calls_due_ns(const struct fake *fake);
void calls_run_next(struct fake *fake); /* the first that is due; there is one */
/* Take back what the client has (NULL: what all have). */
void calls_forget(struct fake *fake, const char *client);
/* Answer the held calls of `member` at `path` with an error of BlueZ. How many. */
unsigned calls_cancel(struct fake *fake, const char *path, const char *member, const char *error,
                      const char *text);

/* Do as bluetoothd does, and answer. */
void method_run(struct fake *fake, sd_bus_message *call);
const struct session *session_find(const struct fake *fake, enum session_kind kind,
                                   const char *client, const char *path);
void session_end(struct fake *fake, const struct session *session);
void discovery_ended(struct fake *fake, const char *adapter);

#endif
