/*
 * The words of a script's line: escapes, times, objects, values. Every value is checked here, so
 * that nothing can be wrong with it later.
 */
#include "tests/fakes/fake_reader.h"

#include "rig/base/units.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int wrong(struct reader *reader, const char *fmt, ...)
{
    char text[DIAG_TEXT_MAX];
    va_list arguments;
    va_start(arguments, fmt);
    vsnprintf(text, sizeof(text), fmt, arguments);
    va_end(arguments);
    struct place place = {.file = reader->file, .line = reader->line};
    return diag_error(reader->diags, place, NULL, "%s", text);
}

/* ---- words -------------------------------------------------------------------------------------
 */

static size_t put_utf8(char *out, unsigned long code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[length] | code);
    return length;
}

/* The escape after a backslash; what it stands for goes to *out. Returns where it ends, or NULL. */
static const char *escape(const char *at, char **out)
{
    static const char plain[][2] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'e', '\x1b'}};
    char *end;
    if (at[0] == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
        char digits[3] = {at[1], at[2], '\0'};
        *(*out)++ = (char)strtoul(digits, NULL, 16);
        return at + 3;
    }
    if (at[0] == 'u' && at[1] == '{' && isxdigit((unsigned char)at[2])) {
        unsigned long code = strtoul(at + 2, &end, 16);
        if (*end != '}' || code > 0x10FFFF) {
            return NULL;
        }
        *out += put_utf8(*out, code);
        return end + 1;
    }
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (at[0] == plain[i][0]) {
            *(*out)++ = plain[i][1];
            return at + 1;
        }
    }
    if (at[0] && strchr("\\\"# ", at[0])) {
        *(*out)++ = at[0];
        return at + 1;
    }
    return NULL;
}

/* Cut the line into words. What an escape stands for is never longer than the escape. */
int split(struct reader *reader, const char *at)
{
    reader->count = reader->next = 0;
    reader->words = arena_array(reader->arena, strlen(at) / 2 + 1, sizeof(struct bytes));
    for (;;) {
        at += strspn(at, " \t");
        if (*at == '\0' || *at == '#') {
            return 0;
        }
        char *word = arena_alloc(reader->arena, strlen(at) + 1);
        char *out = word;
        bool quoted = false;
        while (*at && (quoted || !strchr(" \t", *at))) {
            if (*at == '"') {
                quoted = !quoted;
                at++;
            } else if (*at == '\\') {
                at = escape(at + 1, &out);
                if (!at) {
                    return wrong(reader, "there is no such escape; \\xNN, \\u{N}, \\n, \\t, \\r, "
                                         "\\e, \\\\, \\\" and \\# are");
                }
            } else {
                *out++ = *at++;
            }
        }
        if (quoted) {
            return wrong(reader, "a quote is not closed");
        }
        reader->words[reader->count++] =
            (struct bytes){.data = word, .length = (size_t)(out - word)};
    }
}

const char *peek(const struct reader *reader)
{
    return reader->next < reader->count ? reader->words[reader->next].data : NULL;
}

bool take_if(struct reader *reader, const char *word)
{
    const char *next = peek(reader);
    bool is = next && strcmp(next, word) == 0;
    reader->next += is ? 1 : 0;
    return is;
}

/* The next word, NULL after an error when there is none. */
const char *take(struct reader *reader, const char *what)
{
    const char *word = peek(reader);
    if (!word) {
        wrong(reader, "the line ends where %s is expected", what);
        return NULL;
    }
    reader->next++;
    return word;
}

int take_time(struct reader *reader, int64_t *time_ns)
{
    const char *word = take(reader, "a time");
    const char *why = word ? units_duration_parse(word, time_ns) : NULL;
    if (why) {
        return wrong(reader, "the time '%s' %s", word, why);
    }
    return word ? 0 : -1;
}

const char *qualified(struct reader *reader, const char *interface)
{
    if (strchr(interface, '.')) {
        return interface;
    }
    return arena_printf(reader->arena, "%s.%s", BLUEZ, interface);
}

/* ---- paths: hci0, AA:BB:CC:DD:EE:FF, hci1/AA:BB:CC:DD:EE:FF, with more after a slash -----------
 */

static bool is_address(const char *text)
{
    for (int i = 0; i < 17; i++) {
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return text[17] == '\0' || text[17] == '/' || text[17] == ':';
}

bool is_path(const char *word)
{
    return word[0] == '/' || word[0] == '*' || strncmp(word, "hci", 3) == 0 || is_address(word);
}

static const char *full_path(struct reader *reader, const char *word)
{
    if (word[0] == '/' || word[0] == '*') {
        return word;
    }
    const char *slash = strchr(word, '/');
    const char *adapter = "hci0";
    const char *rest = word;
    if (!is_address(word)) {
        adapter = slash ? arena_strndup(reader->arena, word, (size_t)(slash - word)) : word;
        rest = slash ? slash + 1 : "";
    }
    if (!is_address(rest)) {
        return arena_printf(reader->arena, "/org/bluez/%s%s%s", adapter, slash ? "/" : "", rest);
    }
    char *device = arena_strdup(reader->arena, rest);
    for (int i = 0; i < 17; i++) {
        device[i] = (char)(device[i] == ':' ? '_' : toupper((unsigned char)device[i]));
    }
    return arena_printf(reader->arena, "/org/bluez/%s/dev_%s", adapter, device);
}

const char *take_path(struct reader *reader, bool may_be_pattern)
{
    const char *word = take(reader, "an object");
    if (!word) {
        return NULL;
    }
    const char *path = full_path(reader, word);
    bool pattern = may_be_pattern && strpbrk(path, "*?[");
    if (!is_path(word) || (!pattern && !sd_bus_object_path_is_valid(path))) {
        wrong(reader, "'%s' is no object: a path, hci0, or a device's address is", word);
        return NULL;
    }
    return path;
}

/* ---- values ------------------------------------------------------------------------------------
 */

int check_value(struct reader *reader, const char *type, struct bytes value)
{
    if (!type_is_one(type)) {
        return wrong(reader, "'%s' is no D-Bus type", type);
    }
    const char *why = value_check(type, value);
    return why ? wrong(reader, "'%s' %s", value.data, why) : 0;
}

/* UUIDs may be written short: 110b, or 0000110b-0000-1000-8000-00805f9b34fb. */
static struct bytes long_uuids(struct reader *reader, struct bytes value)
{
    char *all = arena_strdup(reader->arena, "");
    char *rest = arena_strdup(reader->arena, value.data);
    for (char *one; (one = strsep(&rest, ",")) != NULL;) {
        bool is_short = strlen(one) == 4;
        all =
            arena_printf(reader->arena, "%s%s%s%s%s", all, *all ? "," : "", is_short ? "0000" : "",
                         one, is_short ? "-0000-1000-8000-00805f9b34fb" : "");
    }
    return bytes_of(all);
}

int read_name(struct reader *reader, const char *text, struct assignment *to)
{
    const char *colon = strchr(text, ':');
    char *name = colon ? arena_strndup(reader->arena, text, (size_t)(colon - text))
                       : arena_strdup(reader->arena, text);
    char *dot = strrchr(name, '.');
    if (dot) {
        *dot = '\0';
        to->interface = qualified(reader, name);
        name = dot + 1;
    }
    to->name = name;
    to->type = colon ? colon + 1 : property_type(name);
    if (!sd_bus_member_name_is_valid(name)) {
        return wrong(reader, "'%s' is no name of a property", name);
    }
    if (to->interface && !sd_bus_interface_name_is_valid(to->interface)) {
        return wrong(reader, "'%s' is no name of an interface", to->interface);
    }
    return 0;
}

int read_assignment(struct reader *reader, const char *name, struct bytes value,
                    struct assignment *to)
{
    if (read_name(reader, name, to) < 0) {
        return -1;
    }
    if (!to->type) {
        return wrong(reader, "the type of '%s' is not known; write %s:TYPE", to->name, to->name);
    }
    bool uuids = strncmp(to->name, "UUID", 4) == 0;
    to->value = uuids ? long_uuids(reader, value) : value;
    return check_value(reader, to->type, to->value);
}

int take_typed(struct reader *reader, struct assignment *values, size_t *count)
{
    while (peek(reader) && strcmp(peek(reader), "then") != 0) {
        struct assignment *to = &values[(*count)++];
        to->type = take(reader, "a type");
        if (!take(reader, "a value")) {
            return -1;
        }
        to->value = reader->words[reader->next - 1];
        if (check_value(reader, to->type, to->value) < 0) {
            return -1;
        }
    }
    return 0;
}
