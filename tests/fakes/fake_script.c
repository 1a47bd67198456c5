/*
 * The lines of a script: README.md has its language.
 */
#include "tests/fakes/fake_reader.h"

#include "rig/base/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- actions -----------------------------------------------------------------------------------
 */

static void room_for_values(struct reader *reader, struct action *action)
{
    action->values =
        arena_array(reader->arena, reader->count - reader->next + 1, sizeof(*action->values));
}

static int read_add(struct reader *reader, struct action *action)
{
    const char *word = take(reader, "adapter, device or an interface");
    if (!word) {
        return -1;
    }
    action->interface = strcmp(word, "adapter") == 0  ? ADAPTER
                        : strcmp(word, "device") == 0 ? DEVICE
                                                      : qualified(reader, word);
    if (!sd_bus_interface_name_is_valid(action->interface)) {
        return wrong(reader, "'%s' is no name of an interface", action->interface);
    }
    action->path = take_path(reader, false);
    if (!action->path) {
        return -1;
    }
    room_for_values(reader, action);
    while (peek(reader)) {
        struct bytes word_bytes = reader->words[reader->next++];
        char *equals = strchr(word_bytes.data, '=');
        if (!equals) {
            return wrong(reader, "'%s' is not PROPERTY=VALUE", word_bytes.data);
        }
        size_t name_length = (size_t)(equals - word_bytes.data) + 1;
        char *name = arena_strndup(reader->arena, word_bytes.data, name_length - 1);
        struct bytes value = {.data = equals + 1, .length = word_bytes.length - name_length};
        if (read_assignment(reader, name, value, &action->values[action->count++]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int read_set(struct reader *reader, struct action *action)
{
    action->path = take_path(reader, true);
    if (!action->path) {
        return -1;
    }
    room_for_values(reader, action);
    do {
        struct assignment *to = &action->values[action->count++];
        const char *name = take(reader, "a property");
        if (!name || !take(reader, "its value")) {
            return -1;
        }
        to->interface = DEVICE;
        if (read_assignment(reader, name, reader->words[reader->next - 1], to) < 0) {
            return -1;
        }
    } while (peek(reader));
    return 0;
}

static int read_invalidate(struct reader *reader, struct action *action)
{
    action->path = "*";
    if (peek(reader) && is_path(peek(reader))) {
        action->path = take_path(reader, true);
        if (!action->path) {
            return -1;
        }
    }
    room_for_values(reader, action);
    do {
        struct assignment *to = &action->values[action->count++];
        const char *name = take(reader, "a property");
        to->interface = DEVICE;
        if (!name || read_name(reader, name, to) < 0) {
            return -1;
        }
    } while (peek(reader));
    return 0;
}

static int read_remove(struct reader *reader, struct action *action)
{
    action->path = take_path(reader, true);
    room_for_values(reader, action);
    while (action->path && peek(reader)) {
        action->values[action->count++].interface = qualified(reader, take(reader, "an interface"));
    }
    return action->path ? 0 : -1;
}

static int read_emit(struct reader *reader, struct action *action)
{
    struct assignment signal = {.interface = DEVICE};
    action->path = take_path(reader, false);
    const char *name = action->path ? take(reader, "a signal") : NULL;
    if (!name || read_name(reader, name, &signal) < 0) {
        return -1;
    }
    action->interface = signal.interface;
    action->member = signal.name;
    room_for_values(reader, action);
    return take_typed(reader, action->values, &action->count);
}

static int read_leave(struct reader *reader, struct action *action)
{
    if (take_if(reader, "the") && !take_if(reader, "bus")) {
        return wrong(reader, "leave the bus, or leave");
    }
    action->time_ns = INT64_MAX;
    return take_if(reader, "for") ? take_time(reader, &action->time_ns) : 0;
}

static int take_count(struct reader *reader, unsigned long most, unsigned *count)
{
    const char *word = take(reader, "a number");
    char *end = NULL;
    unsigned long number = word ? strtoul(word, &end, 10) : 0;
    if (word && (end == word || *end || number > most)) {
        return wrong(reader, "'%s' is no number up to %lu", word, most);
    }
    *count = (unsigned)number;
    return word ? 0 : -1;
}

static int read_crowd(struct reader *reader, struct action *action)
{
    action->path = "/org/bluez/hci0";
    action->time_ns = INT64_MAX;
    if (take_count(reader, 65535, &action->number) < 0 ||
        (take_if(reader, "every") && take_time(reader, &action->time_ns) < 0)) {
        return -1;
    }
    if (action->time_ns < NS_PER_MS) {
        return wrong(reader, "a crowd moves every millisecond at most");
    }
    if (take_if(reader, "on")) {
        action->path = take_path(reader, false);
    }
    return action->path ? 0 : -1;
}

/* What a client's object may be asked, and with what. */
static const struct {
    const char *interface;
    const char *member;
    const char *types;
} client_methods[] = {
    {"agent", "Release", ""},
    {"agent", "Cancel", ""},
    {"agent", "RequestPinCode", "o"},
    {"agent", "DisplayPinCode", "os"},
    {"agent", "RequestPasskey", "o"},
    {"agent", "DisplayPasskey", "ouq"},
    {"agent", "RequestConfirmation", "ou"},
    {"agent", "RequestAuthorization", "o"},
    {"agent", "AuthorizeService", "os"},
    {"profile", "Release", ""},
    {"profile", "Cancel", ""},
    {"profile", "NewConnection", "o"},
    {"profile", "RequestDisconnection", "o"},
};

static const char *take_expected(struct reader *reader)
{
    static const char *const words[][2] = {
        {"accept", "accepted"}, {"reject", "rejected"}, {"cancel", "canceled"},
        {"silence", "silence"}, {"nobody", "nobody"},
    };
    const char *word = take(reader, "what is expected");
    if (word && strcmp(word, "error") == 0) {
        return take(reader, "the name of an error");
    }
    for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    if (word) {
        wrong(reader,
              "'%s' cannot be expected; accept, reject, cancel, silence, nobody and "
              "error NAME can",
              word);
    }
    return NULL;
}

static int read_call(struct reader *reader, struct action *action)
{
    const char *who = take(reader, "agent or profile");
    action->member = who ? take(reader, "a method") : NULL;
    const char *types = NULL;
    for (size_t i = 0; action->member && i < sizeof(client_methods) / sizeof(client_methods[0]);
         i++) {
        if (strcmp(who, client_methods[i].interface) == 0 &&
            strcmp(action->member, client_methods[i].member) == 0) {
            types = client_methods[i].types;
        }
    }
    if (!types) {
        return action->member ? wrong(reader, "no %s has a method %s", who, action->member) : -1;
    }
    action->interface = strcmp(who, "agent") == 0 ? BLUEZ ".Agent1" : BLUEZ ".Profile1";
    action->time_ns = 2 * NS_PER_S;
    action->values = arena_array(reader->arena, strlen(types) + 1, sizeof(*action->values));
    for (; *types; types++) {
        struct assignment *to = &action->values[action->count++];
        to->type = arena_strndup(reader->arena, types, 1);
        const char *word = *types == 'o' ? take_path(reader, false) : take(reader, "an argument");
        if (!word) {
            return -1;
        }
        to->value = bytes_of(word);
        if (check_value(reader, to->type, to->value) < 0) {
            return -1;
        }
    }
    if (take_if(reader, "expect") && !(action->expect = take_expected(reader))) {
        return -1;
    }
    return take_if(reader, "within") ? take_time(reader, &action->time_ns) : 0;
}

static int read_note(struct reader *reader, struct action *action)
{
    action->member = "";
    while (peek(reader)) {
        action->member = arena_printf(reader->arena, "%s%s%s", action->member,
                                      *action->member ? " " : "", take(reader, "a word"));
    }
    return 0;
}

static int read_action(struct reader *reader, struct action *action)
{
    static const struct {
        const char *word;
        enum action_kind kind;
        int (*read)(struct reader *reader, struct action *action);
    } verbs[] = {
        {"add", ACTION_ADD, read_add},
        {"set", ACTION_SET, read_set},
        {"invalidate", ACTION_INVALIDATE, read_invalidate},
        {"remove", ACTION_REMOVE, read_remove},
        {"emit", ACTION_EMIT, read_emit},
        {"leave", ACTION_LEAVE, read_leave},
        {"hang", ACTION_HANG, NULL},
        {"crowd", ACTION_CROWD, read_crowd},
        {"call", ACTION_CALL, read_call},
        {"note", ACTION_NOTE, read_note},
    };
    const char *word = take(reader, "what is to be done");
    for (size_t i = 0; word && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(word, verbs[i].word) == 0) {
            action->kind = verbs[i].kind;
            action->line = reader->line;
            return verbs[i].read ? verbs[i].read(reader, action)
                                 : take_time(reader, &action->time_ns);
        }
    }
    return word ? wrong(reader, "'%s' is nothing that can be done", word) : -1;
}

/* ---- lines -------------------------------------------------------------------------------------
 */

/* METHOD [OBJECT], up to `end`, which may be glued to the last word (a colon). */
static int take_pattern(struct reader *reader, const char *end, struct pattern *pattern)
{
    bool ended = false;
    pattern->path = "*";
    for (int i = 0; !ended && !take_if(reader, end); i++) {
        const char *word = take(reader, end);
        if (!word) {
            return -1;
        }
        struct bytes *bytes = &reader->words[reader->next - 1];
        if (*end == ':' && bytes->length > 1 && bytes->data[bytes->length - 1] == ':') {
            bytes->data[--bytes->length] = '\0';
            ended = true;
        }
        if (i == 0) {
            pattern->method = word;
        } else if (i == 1) {
            reader->next--;
            pattern->path = take_path(reader, true);
        } else {
            return wrong(reader, "'%s' is not expected before '%s'", word, end);
        }
        if (!pattern->path) {
            return -1;
        }
    }
    return pattern->method ? 0 : wrong(reader, "a method is expected before '%s'", end);
}

static int read_at(struct reader *reader)
{
    struct script *script = reader->script;
    struct timed *timed = &script->timed[script->timed_count++];
    return take_time(reader, &timed->at_ns) < 0 ? -1 : read_action(reader, &timed->action);
}

static int read_when(struct reader *reader)
{
    struct script *script = reader->script;
    struct trigger *trigger = &script->triggers[script->trigger_count++];
    const char *word = peek(reader);
    if (word && isdigit((unsigned char)word[0])) {
        char *end;
        trigger->nth = (unsigned)strtoul(word, &end, 10);
        if (trigger->nth == 0 || strspn(end, "stndrh") != strlen(end)) {
            return wrong(reader, "'%s' is not 1st, 2nd, 3rd and so on", word);
        }
        reader->next++;
    }
    if (take_pattern(reader, "at", &trigger->pattern) < 0) {
        return -1;
    }
    if (peek(reader) && peek(reader)[0] == '+') {
        reader->words[reader->next].data++;
    }
    return take_time(reader, &trigger->delay_ns) < 0 ? -1 : read_action(reader, &trigger->action);
}

static int read_clause(struct reader *reader, struct clause *clause)
{
    if (take_if(reader, "after") && take_time(reader, &clause->after_ns) < 0) {
        return -1;
    }
    if (take_if(reader, "ok")) {
        clause->outcome = OUTCOME_OK;
    } else if (take_if(reader, "silence")) {
        clause->outcome = OUTCOME_SILENCE;
    } else if (take_if(reader, "error")) {
        clause->outcome = OUTCOME_ERROR;
        clause->error = take(reader, "the name of an error");
        clause->text = clause->error ? take(reader, "the error's text") : NULL;
        if (!clause->text) {
            return -1;
        }
        if (!sd_bus_interface_name_is_valid(clause->error)) {
            return wrong(reader, "'%s' is no name of an error", clause->error);
        }
        return check_value(reader, "s", bytes_of(clause->text));
    } else if (take_if(reader, "return")) {
        clause->outcome = OUTCOME_RETURN;
        clause->values = arena_array(reader->arena, reader->count, sizeof(*clause->values));
        return take_typed(reader, clause->values, &clause->count);
    } else {
        return wrong(reader, "ok, error NAME TEXT, return or silence is expected");
    }
    return 0;
}

static int read_on(struct reader *reader)
{
    struct script *script = reader->script;
    struct rule *rule = &script->rules[script->rule_count++];
    if (take_pattern(reader, ":", &rule->pattern) < 0) {
        return -1;
    }
    rule->clauses = arena_array(reader->arena, reader->count, sizeof(*rule->clauses));
    do {
        if (read_clause(reader, &rule->clauses[rule->count++]) < 0) {
            return -1;
        }
    } while (take_if(reader, "then"));
    return 0;
}

static int read_line(struct reader *reader, const char *line)
{
    struct script *script = reader->script;
    if (split(reader, line) < 0) {
        return -1;
    }
    if (reader->count == 0) {
        return 0;
    }
    int result;
    if (take_if(reader, "at")) {
        result = read_at(reader);
    } else if (take_if(reader, "when")) {
        result = read_when(reader);
    } else if (take_if(reader, "on")) {
        result = read_on(reader);
    } else {
        struct action *action = &script->first[script->first_count++];
        result = read_action(reader, action);
        if (result == 0 && (action->kind == ACTION_EMIT || action->kind == ACTION_LEAVE ||
                            action->kind == ACTION_CALL || action->kind == ACTION_HANG)) {
            return wrong(reader, "this needs the bus, so a time: at 0s ...");
        }
    }
    if (result == 0 && peek(reader)) {
        return wrong(reader, "'%s' is not expected here", peek(reader));
    }
    return result;
}

static char *read_file(struct reader *reader)
{
    FILE *file = fopen(reader->file, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t length = file ? getdelim(&text, &size, '\0', file) : -1;
    if (!file || (length < 0 && !feof(file))) {
        wrong(reader, "%s", strerror(errno));
        free(text);
        text = NULL;
    } else if (length < 0) {
        text = xrealloc_array(text, 1, 1);
        text[0] = '\0';
    } else if (!feof(file)) {
        wrong(reader, "a script is text without NUL");
    }
    if (file) {
        fclose(file);
    }
    return text;
}

int script_read(struct diags *diags, const char *file, struct script *script)
{
    *script = (struct script){.arena = ARENA_INIT};
    struct reader reader = {
        .diags = diags, .file = file, .script = script, .arena = &script->arena};
    char *text = read_file(&reader);
    if (!text) {
        return -1;
    }
    size_t lines = 1;
    for (const char *at = text; *at; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    script->first = arena_array(&script->arena, lines, sizeof(*script->first));
    script->timed = arena_array(&script->arena, lines, sizeof(*script->timed));
    script->triggers = arena_array(&script->arena, lines, sizeof(*script->triggers));
    script->rules = arena_array(&script->arena, lines, sizeof(*script->rules));
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        reader.line++;
        read_line(&reader, line);
    }
    free(text);
    return diags->errors ? -1 : 0;
}

void script_free(struct script *script)
{
    arena_free(&script->arena);
}
