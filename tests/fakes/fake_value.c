/*
 * Values: from the text of a script to D-Bus, and from a message to a line of the log.
 *
 * A basic value is written as it is; `ay` as its bytes; an array of another basic type with commas
 * between; what is more than that as busctl does, words with the counts of arrays and the types of
 * variants in between: a{qv} as `1 76 ay 2 1 2`.
 */
#include "tests/fakes/fake_bluez.h"

#include "rig/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

int sure(int result)
{
    if (result < 0) {
        fprintf(stderr, "fake_bluez: sd-bus: %s\n", strerror(-result));
        abort();
    }
    return result;
}

char *copied(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xcalloc(size), text, size);
}

struct bytes bytes_of(const char *text)
{
    return (struct bytes){.data = (char *)text, .length = strlen(text)};
}

const char *property_type(const char *name)
{
    static const struct {
        const char *type;
        const char *names;
    } known[] = {
        {"b",
         " Powered Discoverable Pairable Discovering Connectable Paired Bonded Connected Trusted"
         " Blocked WakeAllowed LegacyPairing CablePairing ServicesResolved Primary Notifying "},
        {"s", " Address AddressType Name Alias PowerState Modalias Icon UUID Source"
              " PreferredBearer "},
        {"u", " Class DiscoverableTimeout PairableTimeout "},
        {"as", " UUIDs Roles ExperimentalFeatures Flags "},
        {"o", " Adapter Device Service Characteristic "},
        {"n", " RSSI TxPower "},
        {"q", " Appearance MTU Manufacturer "},
        {"y", " Percentage Version "},
        {"ay", " Value AdvertisingFlags "},
        {"a{qv}", " ManufacturerData "},
        {"a{sv}", " ServiceData "},
        {"a{yv}", " AdvertisingData "},
    };
    char word[64];
    if (snprintf(word, sizeof(word), " %s ", name) >= (int)sizeof(word)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strstr(known[i].names, word)) {
            return known[i].type;
        }
    }
    return NULL;
}

/* ---- types -------------------------------------------------------------------------------------
 */

static bool is_basic(char type)
{
    return type && strchr("ybnqiuxtdso", type);
}

/* Where the complete type ends that begins here, NULL: none does. */
static const char *type_end(const char *type, int depth)
{
    if (depth > DEPTH_MAX) {
        return NULL;
    }
    if (type[0] == 'a' && type[1] == '{') {
        const char *end = is_basic(type[2]) ? type_end(type + 3, depth + 1) : NULL;
        return end && *end == '}' ? end + 1 : NULL;
    }
    if (type[0] == 'a') {
        return type_end(type + 1, depth + 1);
    }
    if (type[0] == '(' && type[1] != ')') {
        for (type++; type && *type && *type != ')';) {
            type = type_end(type, depth + 1);
        }
        return type && *type == ')' ? type + 1 : NULL;
    }
    return type[0] == 'v' || is_basic(type[0]) ? type + 1 : NULL;
}

bool type_is_one(const char *type)
{
    const char *end = type_end(type, 0);
    return end && *end == '\0';
}

/* ---- from text ---------------------------------------------------------------------------------
 * `message` NULL: only look whether it can be done. */

static const char *append_number(sd_bus_message *message, char type, const char *text)
{
    static const struct {
        char type;
        int64_t low;
        uint64_t high;
    } ranges[] = {
        {'y', 0, UINT8_MAX},         {'n', INT16_MIN, INT16_MAX}, {'q', 0, UINT16_MAX},
        {'i', INT32_MIN, INT32_MAX}, {'u', 0, UINT32_MAX},        {'x', INT64_MIN, INT64_MAX},
        {'t', 0, UINT64_MAX},
    };
    size_t range = 0;
    while (ranges[range].type != type) {
        range++;
    }
    char *end;
    bool negative = text[0] == '-';
    errno = 0;
    int64_t low = negative ? strtoll(text, &end, 0) : 0;
    uint64_t number = negative ? (uint64_t)low : strtoull(text, &end, 0);
    if (end == text || *end || strchr(" \t+", text[0])) {
        return "is no number";
    }
    if (errno || (negative ? low < ranges[range].low : number > ranges[range].high)) {
        return "is out of its type's range";
    }
    if (!message) {
        return NULL;
    }
    union {
        uint8_t y;
        uint16_t q;
        uint32_t u;
        uint64_t t;
    } as;
    switch (type) {
    case 'y':
        as.y = (uint8_t)number;
        break;
    case 'n':
    case 'q':
        as.q = (uint16_t)number;
        break;
    case 'i':
    case 'u':
        as.u = (uint32_t)number;
        break;
    default:
        as.t = number;
    }
    sure(sd_bus_message_append_basic(message, type, &as));
    return NULL;
}

static const char *append_basic(sd_bus_message *message, char type, struct bytes text)
{
    if (strlen(text.data) != text.length) {
        return "has a NUL in it, which no D-Bus string has";
    }
    switch (type) {
    case 's':
        if (!text_is_utf8(text.data, text.length, NULL)) {
            return "is no UTF-8: the bus would cut off who sends it";
        }
        break;
    case 'o':
        if (!sd_bus_object_path_is_valid(text.data)) {
            return "is no object path";
        }
        break;
    case 'b': {
        int truth = strcmp(text.data, "true") == 0;
        if (!truth && strcmp(text.data, "false") != 0) {
            return "is neither true nor false";
        }
        if (message) {
            sure(sd_bus_message_append_basic(message, 'b', &truth));
        }
        return NULL;
    }
    case 'd': {
        char *end;
        double number = strtod(text.data, &end);
        if (end == text.data || *end) {
            return "is no number";
        }
        if (message) {
            sure(sd_bus_message_append_basic(message, 'd', &number));
        }
        return NULL;
    }
    default:
        return append_number(message, type, text.data);
    }
    if (message) {
        sure(sd_bus_message_append_basic(message, type, text.data));
    }
    return NULL;
}

/* The words of a value; `text` is cut in place. */
struct words {
    char *text;
    const char *between;
};

static const char *next_word(struct words *words)
{
    return words->text ? strsep(&words->text, words->between) : NULL;
}

static void open_container(sd_bus_message *message, char kind, const char *type, size_t length)
{
    char contents[256];
    snprintf(contents, sizeof(contents), "%.*s", (int)length, type);
    if (message) {
        sure(sd_bus_message_open_container(message, kind, contents));
    }
}

static void close_container(sd_bus_message *message)
{
    if (message) {
        sure(sd_bus_message_close_container(message));
    }
}

/* Append the complete type at `type`, from as many words as it takes. */
static const char *append_words(sd_bus_message *message, const char *type, struct words *words,
                                int depth)
{
    const char *wrong = NULL;
    if (depth > DEPTH_MAX) {
        return "goes too deep";
    }
    if (*type == '(' || *type == '{') {
        const char *end = type + 1;
        while (*end != ')' && *end != '}') {
            end = type_end(end, depth);
        }
        open_container(message, *type == '(' ? 'r' : 'e', type + 1, (size_t)(end - type - 1));
        for (type++; type < end && !wrong; type = type_end(type, depth)) {
            wrong = append_words(message, type, words, depth + 1);
        }
        close_container(message);
        return wrong;
    }
    const char *word = next_word(words);
    if (!word) {
        return "ends too early for its type";
    }
    if (*type == 'v') {
        if (!type_is_one(word)) {
            return "has a variant of no known type";
        }
        open_container(message, 'v', word, strlen(word));
        wrong = append_words(message, word, words, depth + 1);
        close_container(message);
        return wrong;
    }
    if (*type != 'a') {
        return append_basic(message, *type, bytes_of(word));
    }
    char *end;
    unsigned long count = strtoul(word, &end, 10);
    if (end == word || *end || count > 100000) {
        return "lacks the count of an array";
    }
    const char *element = type + 1;
    const char *after = type_end(type, depth);
    open_container(message, 'a', element, (size_t)(after - element));
    for (; count > 0 && !wrong; count--) {
        wrong = append_words(message, element, words, depth + 1);
    }
    close_container(message);
    return wrong;
}

static const char *append(sd_bus_message *message, const char *type, struct bytes text)
{
    if (is_basic(type[0])) {
        return append_basic(message, type[0], text);
    }
    if (strcmp(type, "ay") == 0) {
        if (message) {
            sure(sd_bus_message_append_array(message, 'y', text.data, text.length));
        }
        return NULL;
    }
    if (strlen(type) > 200) {
        return "has too long a type";
    }
    bool list = type[0] == 'a' && is_basic(type[1]);
    char *copy = copied(text.data);
    struct words words = {.text = *copy ? copy : NULL, .between = list ? "," : " "};
    const char *wrong = NULL;
    if (list) {
        open_container(message, 'a', type + 1, 1);
        while (words.text && !wrong) {
            wrong = append_basic(message, type[1], bytes_of(next_word(&words)));
        }
        close_container(message);
    } else {
        wrong = append_words(message, type, &words, 0);
        if (!wrong && words.text) {
            wrong = "goes on after its end";
        }
    }
    free(copy);
    return wrong;
}

const char *value_check(const char *type, struct bytes text)
{
    return append(NULL, type, text);
}

void value_append(sd_bus_message *message, const char *type, struct bytes text)
{
    if (append(message, type, text)) {
        sure(-EINVAL);
    }
}

void value_append_variant(sd_bus_message *message, const char *type, struct bytes text)
{
    sure(sd_bus_message_open_container(message, 'v', type));
    value_append(message, type, text);
    sure(sd_bus_message_close_container(message));
}

/* ---- to text -----------------------------------------------------------------------------------
 */

static char *number_text(sd_bus_message *message, char type)
{
    union {
        uint8_t y;
        int16_t n;
        uint16_t q;
        int32_t i;
        uint32_t u;
        int64_t x;
        uint64_t t;
        double d;
        int b;
    } as = {0};
    char text[64];
    sure(sd_bus_message_read_basic(message, type, &as));
    switch (type) {
    case 'y':
        snprintf(text, sizeof(text), "%u", as.y);
        break;
    case 'n':
        snprintf(text, sizeof(text), "%d", as.n);
        break;
    case 'q':
        snprintf(text, sizeof(text), "%u", as.q);
        break;
    case 'i':
        snprintf(text, sizeof(text), "%" PRId32, as.i);
        break;
    case 'u':
        snprintf(text, sizeof(text), "%" PRIu32, as.u);
        break;
    case 'x':
        snprintf(text, sizeof(text), "%" PRId64, as.x);
        break;
    case 't':
        snprintf(text, sizeof(text), "%" PRIu64, as.t);
        break;
    case 'd':
        snprintf(text, sizeof(text), "%.17g", as.d);
        break;
    default:
        snprintf(text, sizeof(text), "%s", as.b ? "true" : "false");
    }
    return copied(text);
}

char *value_read(sd_bus_message *message, char type)
{
    const char *text;
    if (type == 's' || type == 'o' || type == 'g') {
        sure(sd_bus_message_read_basic(message, type, &text));
        return copied(text);
    }
    return is_basic(type) ? number_text(message, type) : NULL;
}

static void print_one(FILE *out, sd_bus_message *message, char type, const char *contents)
{
    if (type == 'h') {
        int descriptor;
        sure(sd_bus_message_read_basic(message, type, &descriptor));
        fputs("fd", out);
        return;
    }
    char *text = value_read(message, type);
    if (text) {
        char printable[2048];
        bool quoted = type == 's';
        text_printable(printable, sizeof(printable), text);
        fprintf(out, quoted ? "\"%s\"" : "%s", printable);
        free(text);
        return;
    }
    const char *open = type == 'r' ? "(" : type != 'a' ? "" : contents[0] == '{' ? "{" : "[";
    const char *close = type == 'r' ? ")" : type != 'a' ? "" : contents[0] == '{' ? "}" : "]";
    const char *between = type == 'e' ? ": " : ", ";
    sure(sd_bus_message_enter_container(message, type, contents));
    fputs(open, out);
    char inner;
    const char *inner_contents;
    for (bool first = true; sure(sd_bus_message_peek_type(message, &inner, &inner_contents)) > 0;
         first = false) {
        fputs(first ? "" : between, out);
        print_one(out, message, inner, inner_contents);
    }
    fputs(close, out);
    sure(sd_bus_message_exit_container(message));
}

void value_print(FILE *out, sd_bus_message *message)
{
    char type;
    const char *contents;
    while (sure(sd_bus_message_peek_type(message, &type, &contents)) > 0) {
        fputc(' ', out);
        print_one(out, message, type, contents);
    }
}
