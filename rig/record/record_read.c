#include "rig/record/record.h"

#include "rig/base/units.h"
#include "rig/record/record_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char todo_whole[] = "use a run as `longpress run --json` prints it";

enum { PATH_MAX_SHOWN = 64, CODES_MAX = 64 };

struct reading {
    struct diags *diags;
    const char *file;
};

/* An object of the file, with its path for messages ("timeline[3]."; "" for the top). */
struct member_of {
    const json_t *object;
    char path[PATH_MAX_SHOWN];
};

enum need { OPTIONAL, REQUIRED };

/* ---- the file ----------------------------------------------------------------------------- */

/* Before anything is allocated: how many values and containers does the text contain? A container
 * counts for more, since an empty one takes two bytes here and hundreds in memory. */
static bool is_too_much(const char *text, size_t length)
{
    enum { CONTAINER_WEIGHT = 8, KEY_WEIGHT = 2 };
    size_t weight = 0;
    bool quoted = false;

    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '"':
            quoted = !quoted;
            break;
        case '\\':
            i += quoted;
            break;
        case '{':
        case '[':
            weight += quoted ? 0 : CONTAINER_WEIGHT;
            break;
        case ':':
            weight += quoted ? 0 : KEY_WEIGHT;
            break;
        case ',':
            weight += !quoted;
            break;
        default:
            break;
        }
    }
    return weight > RECORD_VALUES_MAX;
}

static json_t *parse(const struct reading *reading, const char *text, size_t length)
{
    struct place place = {.file = reading->file};
    json_error_t error;

    if (length > RECORD_BYTES_MAX || is_too_much(text, length)) {
        diag_error(reading->diags, place, todo_whole, "is larger than any stored run");
        return NULL;
    }
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        place.line = error.line > 0 ? error.line : 1;
        place.column = error.column > 0 ? error.column : 1;
        diag_error(reading->diags, place, todo_whole, "is not JSON: %s", error.text);
    } else if (!json_is_object(root)) {
        diag_error(reading->diags, place, todo_whole, "is not a stored run: it is not an object");
        json_decref(root);
        root = NULL;
    }
    return root;
}

/* The whole file, at most one byte more than the limit. NULL after an error. */
static char *read_whole(struct diags *diags, const char *name, FILE *in, size_t *length)
{
    enum { BLOCK = 64 * 1024 };
    char *text = NULL;
    size_t room = 0;

    *length = 0;
    while (*length <= RECORD_BYTES_MAX) {
        if (room - *length < BLOCK) {
            room = room ? 2 * room : 2 * (size_t)BLOCK;
            text = xrealloc_array(text, room, 1);
        }
        size_t got = fread(text + *length, 1, BLOCK, in);
        if (got == 0) {
            break;
        }
        *length += got;
    }
    if (ferror(in)) {
        diag_error(diags, place_of(name), NULL, "cannot be read: %s", strerror(errno));
        free(text);
        return NULL;
    }
    return text;
}

/* ---- members ------------------------------------------------------------------------------ */

static bool wrong(const struct reading *reading, const struct member_of *of, const char *key,
                  const char *what)
{
    diag_error(reading->diags, place_of(reading->file), todo_whole, "`%s%s` %s", of->path, key,
               what);
    return false;
}

/* The member; NULL if it is missing or null, after an error if it is required. */
static const json_t *find(const struct reading *reading, const struct member_of *of,
                          const char *key, enum need need)
{
    const json_t *value = json_object_get(of->object, key);

    if (value && !json_is_null(value)) {
        return value;
    }
    if (need == REQUIRED) {
        wrong(reading, of, key, "is missing");
    }
    return NULL;
}

static bool get_text(const struct reading *reading, const struct member_of *of, const char *key,
                     enum need need, const char **out)
{
    const json_t *value = find(reading, of, key, need);

    *out = NULL;
    if (!value) {
        return need == OPTIONAL;
    }
    if (!json_is_string(value)) {
        return wrong(reading, of, key, "is not a string");
    }
    *out = json_string_value(value);
    return true;
}

static bool get_int(const struct reading *reading, const struct member_of *of, const char *key,
                    enum need need, int64_t min, int64_t max, int64_t *out)
{
    const json_t *value = find(reading, of, key, need);

    *out = 0;
    if (!value) {
        return need == OPTIONAL;
    }
    if (!json_is_integer(value)) {
        return wrong(reading, of, key, "is not a whole number");
    }
    *out = json_integer_value(value);
    if (*out < min || *out > max) {
        char range[96];
        snprintf(range, sizeof(range), "is not between %" PRId64 " and %" PRId64, min, max);
        return wrong(reading, of, key, range);
    }
    return true;
}

static bool get_bool(const struct reading *reading, const struct member_of *of, const char *key,
                     bool *out)
{
    const json_t *value = find(reading, of, key, REQUIRED);

    if (!value) {
        return false;
    }
    if (!json_is_boolean(value)) {
        return wrong(reading, of, key, "is neither true nor false");
    }
    *out = json_boolean_value(value);
    return true;
}

static const json_t *get_list(const struct reading *reading, const struct member_of *of,
                              const char *key)
{
    const json_t *value = find(reading, of, key, REQUIRED);

    if (value && !json_is_array(value)) {
        wrong(reading, of, key, "is not a list");
        return NULL;
    }
    return value;
}

static bool get_object(const struct reading *reading, const struct member_of *of, const char *key,
                       struct member_of *out)
{
    const json_t *value = find(reading, of, key, REQUIRED);

    if (!value) {
        return false;
    }
    if (!json_is_object(value)) {
        return wrong(reading, of, key, "is not an object");
    }
    out->object = value;
    snprintf(out->path, sizeof(out->path), "%.40s%.20s.", of->path, key);
    return true;
}

/* An instant, from the run's origin on. */
static bool get_instant(const struct reading *reading, const struct member_of *of, const char *key,
                        int64_t origin_ns, int64_t *out_ns)
{
    if (!get_int(reading, of, key, REQUIRED, -RECORD_NS_MAX, RECORD_NS_MAX, out_ns)) {
        return false;
    }
    *out_ns += origin_ns;
    return true;
}

/* ---- the timeline ------------------------------------------------------------------------- */

static bool get_duty(const struct reading *reading, const struct member_of *of, struct pulse *pulse)
{
    const json_t *list = get_list(reading, of, "duty");

    if (!list) {
        return false;
    }
    if (json_array_size(list) != LED_CHANNELS) {
        return wrong(reading, of, "duty", "is not a list of three numbers");
    }
    for (size_t i = 0; i < LED_CHANNELS; i++) {
        const json_t *value = json_array_get(list, i);
        json_int_t duty = json_integer_value(value);
        if (!json_is_integer(value) || duty < 0 || duty > 1000) {
            return wrong(reading, of, "duty", "is not three whole numbers from 0 to 1000");
        }
        pulse->duty_permille[i] = (uint16_t)duty;
    }
    return true;
}

static bool get_pulse(const struct reading *reading, const struct member_of *entry,
                      int64_t origin_ns, struct pulse *pulse)
{
    struct member_of of;
    const char *name;

    if (!get_object(reading, entry, "pulse", &of) ||
        !get_instant(reading, &of, "start_ns", origin_ns, &pulse->start_ns) ||
        !get_instant(reading, &of, "end_ns", origin_ns, &pulse->end_ns) ||
        !get_text(reading, &of, "colour", REQUIRED, &name) ||
        !get_bool(reading, &of, "open", &pulse->open) ||
        !get_bool(reading, &of, "clipped", &pulse->clipped) || !get_duty(reading, &of, pulse)) {
        return false;
    }
    int found = colour_from_name(name);
    if (found <= COLOUR_DARK) {
        return wrong(reading, &of, "colour", "is not a colour");
    }
    pulse->colour = (colour)found;
    if (pulse->end_ns < pulse->start_ns) {
        return wrong(reading, &of, "end_ns", "is before its start_ns");
    }
    return true;
}

static bool get_code(const struct reading *reading, const struct member_of *of, struct entry *entry)
{
    const char *key = record_code_key(entry->kind);
    const char *word;

    if (!key) {
        return true;
    }
    if (!get_text(reading, of, key, REQUIRED, &word)) {
        return false;
    }
    for (int code = 0; code < CODES_MAX; code++) {
        const char *known = record_code_word(entry->kind, code);
        if (!known) {
            break;
        }
        if (strcmp(known, word) == 0) {
            entry->code = (uint8_t)code;
            return true;
        }
    }
    return wrong(reading, of, key, "is not one of its values");
}

/* Members that an entry of this kind must have. */
static bool check_texts(const struct reading *reading, const struct member_of *of,
                        const struct entry *entry)
{
    bool text = entry->kind == ENTRY_QUESTION || entry->kind == ENTRY_ANSWER ||
                entry->kind == ENTRY_ORDER || entry->kind == ENTRY_ABORT ||
                entry->kind == ENTRY_FAULT || entry->kind == ENTRY_NOTE ||
                entry->kind == ENTRY_CONTACT;
    if (text && !entry->text) {
        return wrong(reading, of, "text", "is missing");
    }
    if (entry->kind == ENTRY_ANSWER && !entry->text2) {
        return wrong(reading, of, "text2", "is missing");
    }
    return true;
}

static bool get_span(const struct reading *reading, const struct member_of *of, const char *key,
                     int64_t origin_ns, bool always, int64_t *out_ns)
{
    *out_ns = 0;
    return (!always && !json_object_get(of->object, key)) ||
           get_instant(reading, of, key, origin_ns, out_ns);
}

static bool get_entry(const struct reading *reading, const struct member_of *of, int64_t origin_ns,
                      struct entry *entry)
{
    const char *kind;
    int64_t input;
    int64_t press;
    int64_t mask;

    if (!get_text(reading, of, "kind", REQUIRED, &kind)) {
        return false;
    }
    int found = timeline_entry_kind_from_name(kind);
    if (found < 0) {
        return wrong(reading, of, "kind", "is not a kind of entry");
    }
    *entry = (struct entry){.kind = (enum entry_kind)found};
    bool span = record_has_span(entry->kind);
    if (!get_instant(reading, of, "time_ns", origin_ns, &entry->time_ns) ||
        !get_code(reading, of, entry) ||
        !get_int(reading, of, "input", OPTIONAL, -1, BENCH_INPUTS_MAX - 1, &input) ||
        !get_int(reading, of, "press", OPTIONAL, 0, UINT32_MAX, &press) ||
        !get_int(reading, of, "mask", OPTIONAL, 0, UINT32_MAX, &mask) ||
        !get_span(reading, of, "at_ns", origin_ns, span, &entry->at_ns) ||
        !get_span(reading, of, "until_ns", origin_ns, span, &entry->until_ns) ||
        !get_int(reading, of, "value", OPTIONAL, INT64_MIN, INT64_MAX, &entry->value) ||
        !get_text(reading, of, "text", OPTIONAL, &entry->text) ||
        !get_text(reading, of, "text2", OPTIONAL, &entry->text2) ||
        !get_text(reading, of, "object", OPTIONAL, &entry->object) ||
        !get_text(reading, of, "error", OPTIONAL, &entry->error) ||
        !check_texts(reading, of, entry)) {
        return false;
    }
    entry->input = (int16_t)input;
    entry->press = (uint32_t)press;
    entry->mask = (uint32_t)mask;
    return !record_has_pulse(entry->kind) || get_pulse(reading, of, origin_ns, &entry->pulse);
}

static bool get_timeline(const struct reading *reading, const struct member_of *top,
                         struct timeline *timeline)
{
    const json_t *list = get_list(reading, top, "timeline");
    int64_t dark_ns[] = {INT64_MIN, INT64_MIN}; /* the end of the last pulse, and sound */
    size_t index;
    const json_t *value;

    json_array_foreach(list, index, value)
    {
        struct member_of of = {.object = value};
        struct entry entry;
        char item[32];
        snprintf(item, sizeof(item), "timeline[%zu]", index);
        if (!json_is_object(value)) {
            return wrong(reading, top, item, "is not an object");
        }
        snprintf(of.path, sizeof(of.path), "%s.", item);
        if (!get_entry(reading, &of, timeline->origin_ns, &entry)) {
            return false;
        }
        if (record_has_pulse(entry.kind)) {
            int64_t *last_ns = &dark_ns[entry.kind == ENTRY_SOUND];
            if (entry.pulse.start_ns < *last_ns) {
                return wrong(reading, &of, "pulse", "begins before the previous one has ended");
            }
            *last_ns = entry.pulse.end_ns;
        }
        timeline_add(timeline, &entry);
    }
    return list != NULL;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* "2026-11-24T15:00:00.123456789Z" */
static bool parse_started(const char *text, int64_t *wall_ns)
{
    struct tm date = {0};
    int64_t fraction_ns = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &date);

    if (!rest || date.tm_year < 70 || date.tm_year >= 300) {
        return false;
    }
    if (*rest == '.') {
        int64_t digit_ns = NS_PER_S / 10;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
            fraction_ns += (*rest - '0') * digit_ns;
            digit_ns /= 10;
        }
    }
    *wall_ns = (int64_t)timegm(&date) * NS_PER_S + fraction_ns;
    return strcmp(rest, "Z") == 0;
}

static bool get_end(const struct reading *reading, const struct member_of *top, enum run_end *end)
{
    const char *word;

    if (!get_text(reading, top, "end", REQUIRED, &word)) {
        return false;
    }
    int found = timeline_run_end_from_name(word);
    if (found < 0) {
        return wrong(reading, top, "end", "is not one of its values");
    }
    *end = (enum run_end)found;
    return true;
}

static bool get_verdict(const struct reading *reading, const struct member_of *top,
                        enum verdict *verdict)
{
    const char *word;

    if (!get_text(reading, top, "verdict", REQUIRED, &word)) {
        return false;
    }
    for (int i = 0; i <= VERDICT_ERROR; i++) {
        if (strcmp(judge_verdict_name((enum verdict)i), word) == 0) {
            *verdict = (enum verdict)i;
            return true;
        }
    }
    return wrong(reading, top, "verdict", "is not a verdict");
}

static bool get_eyes(const struct reading *reading, const struct member_of *top,
                     struct sensors *sensors)
{
    struct member_of of;
    int64_t contacts = 0;
    bool ok = get_object(reading, top, "eyes", &of) &&
              get_int(reading, &of, "contacts", OPTIONAL, 0, UINT32_MAX, &contacts);

    sensors->contacts = (uint32_t)contacts;
    return ok && get_bool(reading, &of, "led", &sensors->led) &&
           get_bool(reading, &of, "colour", &sensors->colour) &&
           get_bool(reading, &of, "sound", &sensors->sound) &&
           get_bool(reading, &of, "radio", &sensors->radio);
}

static bool get_texts(const struct reading *reading, const struct member_of *top,
                      struct stored_run *run)
{
    const struct {
        const char *key;
        enum need need;
        const char **out;
    } texts[] = {
        {"version", REQUIRED, &run->version},
        {"model", REQUIRED, &run->model},
        {"procedure", REQUIRED, &run->procedure},
        {"bench", OPTIONAL, &run->bench},
        {"station", OPTIONAL, &run->station},
        {"unit", OPTIONAL, &run->unit},
        {"unit_firmware", OPTIONAL, &run->unit_firmware},
    };
    bool ok = true;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok &= get_text(reading, top, texts[i].key, texts[i].need, texts[i].out);
        if (*texts[i].out) {
            *texts[i].out = arena_strdup(&run->arena, *texts[i].out);
        }
    }
    return ok;
}

/* Reports all errors at the top level at once, but only the first in the timeline. */
static bool get_run(const struct reading *reading, const json_t *root, struct stored_run *run)
{
    struct member_of top = {.object = root};
    struct timeline *timeline = &run->timeline;
    const char *started;
    int64_t format;

    if (!get_int(reading, &top, "format", REQUIRED, RECORD_FORMAT, RECORD_FORMAT, &format)) {
        return false;
    }
    bool ok = get_texts(reading, &top, run);
    ok &= get_verdict(reading, &top, &run->verdict);
    ok &= get_bool(reading, &top, "simulated", &run->simulated);
    ok &= get_eyes(reading, &top, &run->sensors);
    run->sensors.unit_firmware = run->unit_firmware;
    ok &= get_end(reading, &top, &run->end);
    ok &=
        get_int(reading, &top, "clock_origin_ns", REQUIRED, 0, RECORD_NS_MAX, &timeline->origin_ns);
    ok &= get_text(reading, &top, "started", OPTIONAL, &started);
    if (started && !parse_started(started, &timeline->wall_origin_ns)) {
        ok = wrong(reading, &top, "started", "is not a time in UTC");
    }
    return ok && get_timeline(reading, &top, timeline);
}

struct stored_run *record_read_text(struct diags *diags, const char *name, const char *text,
                                    size_t length)
{
    struct reading reading = {.diags = diags, .file = name};
    json_t *root = parse(&reading, text, length);

    if (!root) {
        return NULL;
    }
    struct stored_run *run = xrealloc_array(NULL, 1, sizeof(*run));
    *run = (struct stored_run){.arena = ARENA_INIT};
    timeline_init(&run->timeline);
    bool ok = get_run(&reading, root, run);
    run->state = record_state_of(root);
    json_decref(root);
    if (!ok) {
        record_stored_run_free(run);
        return NULL;
    }
    return run;
}

struct stored_run *record_read(struct diags *diags, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    FILE *in = standard ? stdin : fopen(path, "re");
    size_t length;

    if (!in) {
        diag_error(diags, place_of(path), "name a readable stored run", "cannot be read: %s",
                   strerror(errno));
        return NULL;
    }
    char *text = read_whole(diags, name, in, &length);
    if (!standard) {
        fclose(in);
    }
    struct stored_run *run = text ? record_read_text(diags, name, text, length) : NULL;
    free(text);
    return run;
}

void record_stored_run_free(struct stored_run *run)
{
    if (run) {
        timeline_free(&run->timeline);
        arena_free(&run->arena);
        free(run);
    }
}
