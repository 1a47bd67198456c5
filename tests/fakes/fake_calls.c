/*
 * Calls: each is written to the log, sets off what the script ties to it, and is answered as the
 * script says, or as bluetoothd would.
 */
#include "tests/fakes/fake_bluez.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 600 };

/* Interface.Method; Set:Interface.Property and Get:Interface.Property for those two. */
static void call_name(sd_bus_message *call, char *name, size_t size)
{
    const char *interface = sd_bus_message_get_interface(call);
    const char *member = sd_bus_message_get_member(call);
    const char *owner;
    const char *property;

    sure(sd_bus_message_rewind(call, true));
    if (interface && strcmp(interface, DBUS ".Properties") == 0 &&
        (strcmp(member, "Get") == 0 || strcmp(member, "Set") == 0) &&
        sd_bus_message_has_signature(call, member[0] == 'G' ? "ss" : "ssv")) {
        sure(sd_bus_message_read(call, "ss", &owner, &property));
        snprintf(name, size, "%s:%s.%s", member, short_name(owner), property);
    } else {
        snprintf(name, size, "%s.%s", interface ? short_name(interface) : "", member);
    }
}

static void log_call(struct fake *fake, sd_bus_message *call, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out) {
        value_print(out, call);
        fclose(out);
    }
    say(fake, "call %s %s%s", sd_bus_message_get_path(call), name, text ? text : "");
    free(text);
}

/* `StartDiscovery` stands for `Adapter1.StartDiscovery`, `Set:Powered` for `Set:Adapter1.Powered`.
 */
static bool matches(const struct pattern *pattern, const char *path, const char *name)
{
    if (fnmatch(pattern->path, path, 0) != 0) {
        return false;
    }
    if (fnmatch(pattern->method, name, 0) == 0) {
        return true;
    }
    const char *colon = strchr(name, ':');
    const char *dot = strrchr(name, '.');
    char brief[NAME_MAX_LENGTH];
    snprintf(brief, sizeof(brief), "%.*s%s", colon ? (int)(colon - name) + 1 : 0, name, dot + 1);
    return fnmatch(pattern->method, brief, 0) == 0;
}

static void pull_triggers(struct fake *fake, const char *path, const char *name)
{
    for (size_t i = 0; i < fake->script.trigger_count; i++) {
        struct trigger *trigger = &fake->script.triggers[i];
        if (!matches(&trigger->pattern, path, name)) {
            continue;
        }
        trigger->seen++;
        if (trigger->nth == 0 || trigger->nth == trigger->seen) {
            events_add(fake, now_ns() + trigger->delay_ns, &trigger->action);
        }
    }
}

/* What the script says of this call. The last clause of a rule stays. */
static const struct clause *find_clause(struct fake *fake, const char *path, const char *name)
{
    static const struct clause as_usual = {.outcome = OUTCOME_OK};
    for (size_t i = 0; i < fake->script.rule_count; i++) {
        struct rule *rule = &fake->script.rules[i];
        if (matches(&rule->pattern, path, name)) {
            const struct clause *clause = &rule->clauses[rule->next];
            rule->next += rule->next + 1 < rule->count ? 1 : 0;
            return clause;
        }
    }
    return &as_usual;
}

/* ---- answering ---------------------------------------------------------------------------------
 */

static void answer_values(struct fake *fake, sd_bus_message *call, const struct clause *clause)
{
    sd_bus_message *reply;
    if (!sd_bus_message_get_expect_reply(call)) {
        return;
    }
    sure(sd_bus_message_new_method_return(call, &reply));
    for (size_t i = 0; i < clause->count; i++) {
        value_append(reply, clause->values[i].type, clause->values[i].value);
    }
    sd_bus_send(fake->bus, reply, NULL);
    sd_bus_message_unref(reply);
}

static void answer(struct fake *fake, sd_bus_message *call, const struct clause *clause)
{
    switch (clause->outcome) {
    case OUTCOME_OK:
        sure(sd_bus_message_rewind(call, true));
        method_run(fake, call);
        break;
    case OUTCOME_ERROR:
        sd_bus_reply_method_errorf(call, clause->error, "%s", clause->text);
        break;
    case OUTCOME_RETURN:
        answer_values(fake, call, clause);
        break;
    case OUTCOME_SILENCE:
        break;
    }
}

static void hold(struct fake *fake, sd_bus_message *call, const struct clause *clause)
{
    int64_t due_ns = clause->outcome == OUTCOME_SILENCE ? INT64_MAX : now_ns() + clause->after_ns;
    fake->held = xrealloc_array(fake->held, fake->held_count + 1, sizeof(*fake->held));
    fake->held[fake->held_count++] =
        (struct held){.call = sd_bus_message_ref(call), .clause = clause, .due_ns = due_ns};
}

/* The call is the caller's to unref. */
static struct held release(struct fake *fake, size_t i)
{
    struct held held = fake->held[i];
    memmove(&fake->held[i], &fake->held[i + 1], (--fake->held_count - i) * sizeof(*fake->held));
    return held;
}

int64_t calls_due_ns(const struct fake *fake)
{
    int64_t due_ns = INT64_MAX;
    for (size_t i = 0; i < fake->held_count; i++) {
        due_ns = fake->held[i].due_ns < due_ns ? fake->held[i].due_ns : due_ns;
    }
    return due_ns;
}

void calls_run_next(struct fake *fake)
{
    size_t next = 0;
    for (size_t i = 1; i < fake->held_count; i++) {
        next = fake->held[i].due_ns < fake->held[next].due_ns ? i : next;
    }
    struct held held = release(fake, next);
    answer(fake, held.call, held.clause);
    sd_bus_message_unref(held.call);
}

unsigned calls_cancel(struct fake *fake, const char *path, const char *member, const char *error,
                      const char *text)
{
    unsigned canceled = 0;
    for (size_t i = 0; i < fake->held_count;) {
        sd_bus_message *call = fake->held[i].call;
        if (strcmp(sd_bus_message_get_path(call), path) != 0 ||
            strcmp(sd_bus_message_get_member(call), member) != 0) {
            i++;
            continue;
        }
        release(fake, i);
        sd_bus_reply_method_errorf(call, error, "%s", text);
        sd_bus_message_unref(call);
        canceled++;
    }
    return canceled;
}

int calls_on_message(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct fake *fake = context;
    const char *interface = sd_bus_message_get_interface(message);
    (void)error;
    if (!sd_bus_message_is_method_call(message, NULL, NULL) ||
        (interface && strcmp(interface, DBUS ".Peer") == 0)) {
        return 0; /* sd-bus's own business */
    }
    char name[NAME_MAX_LENGTH];
    const char *path = sd_bus_message_get_path(message);
    call_name(message, name, sizeof(name));
    log_call(fake, message, name);
    pull_triggers(fake, path, name);

    const struct clause *clause = find_clause(fake, path, name);
    if (clause->after_ns > 0 || clause->outcome == OUTCOME_SILENCE) {
        hold(fake, message, clause);
    } else {
        answer(fake, message, clause);
    }
    return 1;
}

/* ---- clients -----------------------------------------------------------------------------------
 */

void session_end(struct fake *fake, const struct session *session)
{
    size_t i = (size_t)(session - fake->sessions);
    struct session ended = fake->sessions[i];
    memmove(&fake->sessions[i], &fake->sessions[i + 1],
            (--fake->session_count - i) * sizeof(*fake->sessions));
    if (ended.kind == SESSION_DISCOVERY) {
        discovery_ended(fake, ended.path);
    }
    free(ended.client);
    free(ended.path);
    free(ended.detail);
}

void calls_forget(struct fake *fake, const char *client)
{
    for (size_t i = 0; i < fake->held_count;) {
        sd_bus_message *call = fake->held[i].call;
        if (client && strcmp(sd_bus_message_get_sender(call), client) != 0) {
            i++;
            continue;
        }
        release(fake, i);
        sd_bus_message_unref(call);
    }
    for (size_t i = 0; i < fake->session_count;) {
        if (client && strcmp(fake->sessions[i].client, client) != 0) {
            i++;
            continue;
        }
        session_end(fake, &fake->sessions[i]);
    }
}

int calls_on_owner(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct fake *fake = context;
    const char *name;
    const char *before;
    const char *after;
    (void)error;
    sure(sd_bus_message_read(message, "sss", &name, &before, &after));
    if (name[0] == ':' && *after == '\0') {
        bool had = false;
        for (size_t i = 0; i < fake->session_count; i++) {
            had = had || strcmp(fake->sessions[i].client, name) == 0;
        }
        if (had) {
            say(fake, "gone a client with a session");
        }
        calls_forget(fake, name);
        table_flush(&fake->table, fake->bus);
    }
    return 0;
}
