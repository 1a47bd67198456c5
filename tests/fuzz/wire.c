#include "tests/fuzz/wire.h"

#include <string.h>

void wire_bytes(struct wire *wire, const void *bytes, size_t size)
{
    if (size > WIRE_MAX - wire->size) {
        size = WIRE_MAX - wire->size;
    }
    if (size > 0) {
        memcpy(wire->bytes + wire->size, bytes, size);
    }
    wire->size += size;
}

void wire_u8(struct wire *wire, uint8_t value)
{
    wire_bytes(wire, &value, 1);
}

void wire_align(struct wire *wire, size_t to)
{
    while (wire->size % to != 0 && wire->size < WIRE_MAX) {
        wire_u8(wire, 0);
    }
}

void wire_u16(struct wire *wire, uint16_t value)
{
    const uint8_t bytes[] = {value & 0xff, value >> 8};
    wire_align(wire, 2);
    wire_bytes(wire, bytes, sizeof(bytes));
}

void wire_u32(struct wire *wire, uint32_t value)
{
    wire_align(wire, 4);
    for (int shift = 0; shift < 32; shift += 8) {
        wire_u8(wire, (uint8_t)(value >> shift));
    }
}

void wire_text(struct wire *wire, const char *text, size_t size)
{
    wire_u32(wire, (uint32_t)size);
    wire_bytes(wire, text, size);
    wire_u8(wire, 0);
}

void wire_string(struct wire *wire, const char *text)
{
    wire_text(wire, text, strlen(text));
}

void wire_signature(struct wire *wire, const char *signature)
{
    wire_u8(wire, (uint8_t)strlen(signature));
    wire_bytes(wire, signature, strlen(signature) + 1);
}

static void put_length(struct wire *wire, size_t at, uint32_t length)
{
    for (size_t i = 0; i < 4 && at + i < wire->size; i++) {
        wire->bytes[at + i] = (uint8_t)(length >> 8 * i);
    }
}

struct wire_array wire_array(struct wire *wire, size_t to)
{
    struct wire_array array;
    wire_align(wire, 4);
    array.length_at = wire->size;
    wire_u32(wire, 0);
    wire_align(wire, to);
    array.begin = wire->size;
    return array;
}

void wire_array_end(struct wire *wire, const struct wire_array *array)
{
    put_length(wire, array->length_at, (uint32_t)(wire->size - array->begin));
}

static void field(struct wire *out, uint8_t code, const char *type, const char *text)
{
    if (!text) {
        return;
    }
    wire_align(out, 8);
    wire_u8(out, code);
    wire_signature(out, type);
    if (type[0] == 'g') {
        wire_signature(out, text);
    } else {
        wire_string(out, text);
    }
}

static void number_field(struct wire *out, uint8_t code, uint32_t number)
{
    if (number) {
        wire_align(out, 8);
        wire_u8(out, code);
        wire_signature(out, "u");
        wire_u32(out, number);
    }
}

enum {
    FIELD_PATH = 1,
    FIELD_INTERFACE,
    FIELD_MEMBER,
    FIELD_ERROR,
    FIELD_REPLY_TO,
    FIELD_DESTINATION,
    FIELD_SENDER,
    FIELD_SIGNATURE,
    FIELD_FDS,
};

void wire_message(struct wire *out, const struct wire_head *head, const struct wire *body)
{
    const bool answers = head->type == WIRE_RETURN || head->type == WIRE_ERROR;
    const uint8_t fixed[] = {'l', (uint8_t)head->type, answers, 1};
    out->size = 0;
    wire_bytes(out, fixed, sizeof(fixed));
    wire_u32(out, (uint32_t)body->size);
    wire_u32(out, head->serial);
    struct wire_array fields = wire_array(out, 8);
    field(out, FIELD_PATH, "o", head->path);
    field(out, FIELD_INTERFACE, "s", head->interface);
    field(out, FIELD_MEMBER, "s", head->member);
    field(out, FIELD_ERROR, "s", head->error);
    number_field(out, FIELD_REPLY_TO, head->reply_to);
    field(out, FIELD_DESTINATION, "s", ":1.2");
    field(out, FIELD_SENDER, "s", ":1.1");
    field(out, FIELD_SIGNATURE, "g",
          head->signature && head->signature[0] ? head->signature : NULL);
    number_field(out, FIELD_FDS, head->fds);
    wire_array_end(out, &fields);
    wire_align(out, 8);
    wire_bytes(out, body->bytes, body->size);
}

static uint32_t number_at(const uint8_t *bytes)
{
    uint32_t number;
    memcpy(&number, bytes, sizeof(number)); /* the machine's own order, as sd-bus writes it */
    return number;
}

/* The member among the header's fields, all of which are texts but for the signature's length. */
static void find_member(struct wire_seen *seen, const uint8_t *bytes, size_t end)
{
    size_t at = 16;
    while (at + 8 < end) {
        uint8_t code = bytes[at];
        bool is_signature = bytes[at + 2] == 'g';
        size_t length = is_signature ? bytes[at + 4] : number_at(bytes + at + 4);
        const uint8_t *text = bytes + at + (is_signature ? 5 : 8);
        if (bytes[at + 2] == 'u') {
            at += 8;
            continue;
        }
        if (code == FIELD_MEMBER && length < sizeof(seen->member)) {
            memcpy(seen->member, text, length + 1);
        }
        at = (size_t)(text - bytes) + length + 1;
        at = (at + 7) & ~(size_t)7;
    }
}

struct wire_seen wire_look(const uint8_t *bytes, size_t size)
{
    struct wire_seen seen = {0};
    if (size < 16) {
        return seen;
    }
    size_t fields_end = 16 + number_at(bytes + 12);
    size_t whole = ((fields_end + 7) & ~(size_t)7) + number_at(bytes + 4);
    if (whole > size) {
        return seen;
    }
    seen.size = whole;
    seen.wants_answer = bytes[1] == WIRE_CALL && !(bytes[2] & 1);
    seen.serial = number_at(bytes + 8);
    find_member(&seen, bytes, fields_end);
    return seen;
}
