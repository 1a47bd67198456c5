#include "rig/journal/journal_pack.h"

#include "rig/bench/bench.h"
#include "rig/record/record.h"
#include "rig/record/record_internal.h"

#include <stdbool.h>
#include <string.h>

enum {
    TEXTS_MAX = 256,       /* texts of a chunk that can be meant again */
    TEXT_BYTES_MAX = 4096, /* of one text; a timeline's are shorter */
    ENTRY_BYTES_MAX = 192, /* of one entry without its texts */
    NUMBER_BYTES_MAX = 10,
};

/* Which members an entry has. */
enum member {
    HAS_CODE = 1 << 0,
    HAS_PULSE = 1 << 1,
    HAS_AT = 1 << 2,
    HAS_UNTIL = 1 << 3,
    HAS_TEXT = 1 << 4,
    HAS_VALUE = 1 << 5,
    HAS_PRESS = 1 << 6,
    HAS_MASK = 1 << 7,
    HAS_INPUT = 1 << 8,
    HAS_TEXT2 = 1 << 9,
    HAS_OBJECT = 1 << 10,
    HAS_ERROR = 1 << 11,
    MEMBERS_ALL = (1 << 12) - 1,
};

enum { PULSE_OPEN = 1 << 4, PULSE_CLIPPED = 1 << 5, PULSE_COLOUR = 15 };

/* ---- packing ------------------------------------------------------------------------------ */

struct packer {
    struct arena *arena;
    uint8_t *data;
    size_t length;
    size_t room;
    int64_t last_ns;
    const char *texts[TEXTS_MAX];
    size_t text_count;
};

static void make_room(struct packer *packer, size_t more)
{
    if (packer->room - packer->length >= more) {
        return;
    }
    packer->room = 2 * packer->room + more;
    uint8_t *data = arena_alloc(packer->arena, packer->room);
    if (packer->length > 0) {
        memcpy(data, packer->data, packer->length);
    }
    packer->data = data;
}

static void put_number(struct packer *packer, uint64_t number)
{
    for (; number > 127; number >>= 7) {
        packer->data[packer->length++] = (uint8_t)(number | 128);
    }
    packer->data[packer->length++] = (uint8_t)number;
}

/* Small of either sign is few bytes. */
static void put_signed(struct packer *packer, int64_t number)
{
    put_number(packer, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

static int64_t difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* Its index + 1 when the chunk has it, else 0, its length and its bytes. */
static void put_text(struct packer *packer, const char *text)
{
    for (size_t i = 0; i < packer->text_count; i++) {
        if (strcmp(packer->texts[i], text) == 0) {
            put_number(packer, i + 1);
            return;
        }
    }
    size_t length = strlen(text);
    length = length < TEXT_BYTES_MAX ? length : TEXT_BYTES_MAX;
    make_room(packer, length + ENTRY_BYTES_MAX);
    put_number(packer, 0);
    put_number(packer, length);
    memcpy(packer->data + packer->length, text, length);
    packer->length += length;
    if (packer->text_count < TEXTS_MAX) {
        packer->texts[packer->text_count++] = text;
    }
}

static void put_pulse(struct packer *packer, const struct entry *entry)
{
    const struct pulse *pulse = &entry->pulse;

    put_number(packer, (pulse->colour & PULSE_COLOUR) | (pulse->open ? PULSE_OPEN : 0) |
                           (pulse->clipped ? PULSE_CLIPPED : 0));
    put_signed(packer, difference(pulse->start_ns, entry->at_ns));
    put_signed(packer, difference(pulse->end_ns, entry->until_ns));
    for (size_t i = 0; i < LED_CHANNELS; i++) {
        put_number(packer, pulse->duty_permille[i]);
    }
}

static unsigned members_of(const struct entry *entry)
{
    return (entry->code ? HAS_CODE : 0U) | (record_has_pulse(entry->kind) ? HAS_PULSE : 0U) |
           (entry->at_ns ? HAS_AT : 0U) | (entry->until_ns ? HAS_UNTIL : 0U) |
           (entry->text ? HAS_TEXT : 0U) | (entry->value ? HAS_VALUE : 0U) |
           (entry->press ? HAS_PRESS : 0U) | (entry->mask ? HAS_MASK : 0U) |
           (entry->input ? HAS_INPUT : 0U) | (entry->text2 ? HAS_TEXT2 : 0U) |
           (entry->object ? HAS_OBJECT : 0U) | (entry->error ? HAS_ERROR : 0U);
}

static void put_entry(struct packer *packer, const struct entry *entry)
{
    unsigned members = members_of(entry);

    make_room(packer, ENTRY_BYTES_MAX);
    packer->data[packer->length++] = (uint8_t)entry->kind;
    put_number(packer, members);
    put_signed(packer, difference(entry->time_ns, packer->last_ns));
    packer->last_ns = entry->time_ns;
    if (members & HAS_CODE) {
        put_number(packer, entry->code);
    }
    if (members & HAS_INPUT) {
        put_signed(packer, entry->input);
    }
    if (members & HAS_PRESS) {
        put_number(packer, entry->press);
    }
    if (members & HAS_MASK) {
        put_number(packer, entry->mask);
    }
    if (members & HAS_VALUE) {
        put_signed(packer, entry->value);
    }
    if (members & HAS_AT) {
        put_signed(packer, difference(entry->at_ns, entry->time_ns));
    }
    if (members & HAS_UNTIL) {
        put_signed(packer, difference(entry->until_ns, entry->time_ns));
    }
    if (members & HAS_PULSE) {
        put_pulse(packer, entry);
    }
    const char *const texts[] = {entry->text, entry->text2, entry->object, entry->error};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i]) {
            put_text(packer, texts[i]);
        }
    }
}

struct packed journal_pack(struct arena *arena, const struct timeline *timeline, size_t first,
                           size_t *pulses, size_t *unkept)
{
    struct packer packer = {.arena = arena, .last_ns = timeline->origin_ns};
    size_t entries = 0;

    for (size_t i = first; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (record_has_pulse(entry->kind) && ++*pulses > JOURNAL_PULSES_MAX) {
            ++*unkept;
            continue;
        }
        put_entry(&packer, entry);
        entries++;
    }
    return (struct packed){.data = packer.data, .length = packer.length, .entries = entries};
}

/* ---- unpacking ---------------------------------------------------------------------------- */

struct unpacker {
    const uint8_t *at;
    const uint8_t *end;
    bool wrong;
    int64_t origin_ns;
    int64_t last_ns;
    struct {
        const char *text; /* in the chunk, not terminated */
        size_t length;
    } texts[TEXTS_MAX];
    size_t text_count;
    char copies[4][TEXT_BYTES_MAX + 1];
};

/* 0 and `wrong` past the end, or when it has no end itself. */
static uint64_t get_number(struct unpacker *unpacker)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < NUMBER_BYTES_MAX && unpacker->at < unpacker->end; i++) {
        uint8_t byte = *unpacker->at++;
        number |= (uint64_t)(byte & 127) << 7 * i;
        if (byte < 128) {
            return number;
        }
    }
    unpacker->wrong = true;
    return 0;
}

static uint64_t get_number_below(struct unpacker *unpacker, uint64_t limit)
{
    uint64_t number = get_number(unpacker);

    if (number >= limit) {
        unpacker->wrong = true;
        return 0;
    }
    return number;
}

static int64_t get_signed(struct unpacker *unpacker)
{
    uint64_t number = get_number(unpacker);
    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

static int64_t get_instant(struct unpacker *unpacker, int64_t base_ns)
{
    int64_t instant_ns = (int64_t)((uint64_t)base_ns + (uint64_t)get_signed(unpacker));

    /* So that the difference of any two never overflows. */
    if (instant_ns > unpacker->origin_ns + RECORD_NS_MAX ||
        instant_ns < unpacker->origin_ns - RECORD_NS_MAX) {
        unpacker->wrong = true;
        return 0;
    }
    return instant_ns;
}

static const char *get_text(struct unpacker *unpacker, char copy[TEXT_BYTES_MAX + 1])
{
    uint64_t index = get_number_below(unpacker, unpacker->text_count + 1);
    const char *text;
    size_t length;

    if (index > 0) {
        text = unpacker->texts[index - 1].text;
        length = unpacker->texts[index - 1].length;
    } else {
        length = (size_t)get_number_below(unpacker, TEXT_BYTES_MAX + 1);
        if (unpacker->wrong || length > (size_t)(unpacker->end - unpacker->at)) {
            unpacker->wrong = true;
            return NULL;
        }
        text = (const char *)unpacker->at;
        unpacker->at += length;
        if (unpacker->text_count < TEXTS_MAX) {
            unpacker->texts[unpacker->text_count].text = text;
            unpacker->texts[unpacker->text_count++].length = length;
        }
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static void get_pulse(struct unpacker *unpacker, struct entry *entry)
{
    struct pulse *pulse = &entry->pulse;
    uint64_t bits = get_number_below(unpacker, 2 * PULSE_CLIPPED);

    pulse->colour = (colour)(bits & PULSE_COLOUR);
    pulse->open = bits & PULSE_OPEN;
    pulse->clipped = bits & PULSE_CLIPPED;
    pulse->start_ns = get_instant(unpacker, entry->at_ns);
    pulse->end_ns = get_instant(unpacker, entry->until_ns);
    for (size_t i = 0; i < LED_CHANNELS; i++) {
        pulse->duty_permille[i] = (uint16_t)get_number_below(unpacker, 1001);
    }
    if (pulse->colour == COLOUR_DARK || pulse->colour >= COLOUR_COUNT ||
        pulse->end_ns < pulse->start_ns) {
        unpacker->wrong = true;
    }
}

static struct entry get_entry(struct unpacker *unpacker)
{
    struct entry entry = {.kind = (enum entry_kind)get_number_below(unpacker, ENTRY_END + 1)};
    uint64_t members = get_number_below(unpacker, MEMBERS_ALL + 1);

    entry.time_ns = unpacker->last_ns = get_instant(unpacker, unpacker->last_ns);
    if (members & HAS_CODE) {
        entry.code = (uint8_t)get_number_below(unpacker, UINT8_MAX + 1);
    }
    if (members & HAS_INPUT) {
        int64_t input = get_signed(unpacker);
        if (input < -1 || input >= BENCH_INPUTS_MAX) {
            unpacker->wrong = true;
        }
        entry.input = (int16_t)input;
    }
    if (members & HAS_PRESS) {
        entry.press = (uint32_t)get_number_below(unpacker, UINT64_C(1) << 32);
    }
    if (members & HAS_MASK) {
        entry.mask = (uint32_t)get_number_below(unpacker, UINT64_C(1) << 32);
    }
    if (members & HAS_VALUE) {
        entry.value = get_signed(unpacker);
    }
    if (members & HAS_AT) {
        entry.at_ns = get_instant(unpacker, entry.time_ns);
    }
    if (members & HAS_UNTIL) {
        entry.until_ns = get_instant(unpacker, entry.time_ns);
    }
    if (members & HAS_PULSE) {
        get_pulse(unpacker, &entry);
    }
    const struct {
        enum member member;
        const char **text;
    } texts[] = {{HAS_TEXT, &entry.text},
                 {HAS_TEXT2, &entry.text2},
                 {HAS_OBJECT, &entry.object},
                 {HAS_ERROR, &entry.error}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (members & texts[i].member && !unpacker->wrong) {
            *texts[i].text = get_text(unpacker, unpacker->copies[i]);
        }
    }
    if (record_has_pulse(entry.kind) != ((members & HAS_PULSE) != 0)) {
        unpacker->wrong = true;
    }
    return entry;
}

/* The invariants that readers of a timeline rely on. */
static bool is_sound(const struct entry *entry)
{
    if (entry->code &&
        (!record_code_key(entry->kind) || !record_code_word(entry->kind, entry->code))) {
        return false;
    }
    switch (entry->kind) {
    case ENTRY_ANSWER:
        return entry->text && entry->text2;
    case ENTRY_QUESTION:
    case ENTRY_ORDER:
    case ENTRY_ABORT:
    case ENTRY_FAULT:
    case ENTRY_NOTE:
    case ENTRY_CONTACT:
        return entry->text;
    default:
        return true;
    }
}

const char *journal_unpack(const uint8_t *data, size_t length, struct timeline *timeline)
{
    struct unpacker unpacker = {
        .at = data,
        .end = length ? data + length : data, /* SQLite's empty blob is at no address */
        .origin_ns = timeline->origin_ns,
        .last_ns = timeline->origin_ns,
    };

    while (unpacker.at < unpacker.end) {
        struct entry entry = get_entry(&unpacker);
        if (unpacker.wrong) {
            return "its timeline is truncated or invalid";
        }
        if (!is_sound(&entry)) {
            return "an entry of its timeline is incomplete";
        }
        timeline_add(timeline, &entry);
    }
    return NULL;
}
