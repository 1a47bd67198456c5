/*
 * D-Bus messages byte by byte (D-Bus Specification, "Message Protocol"), for peers that do not keep
 * to it: nothing is checked, so wrong types, invalid UTF-8 and lengths that lie can be written.
 */
#ifndef LONGPRESS_TESTS_FUZZ_WIRE_H
#define LONGPRESS_TESTS_FUZZ_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_MAX = 65536 };

/* What is written beyond WIRE_MAX is lost. */
struct wire {
    uint8_t bytes[WIRE_MAX];
    size_t size;
};

void wire_align(struct wire *wire, size_t to);
void wire_bytes(struct wire *wire, const void *bytes, size_t size);
void wire_u8(struct wire *wire, uint8_t value);
void wire_u16(struct wire *wire, uint16_t value);
void wire_u32(struct wire *wire, uint32_t value);
/* s and o; g. */
void wire_text(struct wire *wire, const char *text, size_t size);
void wire_string(struct wire *wire, const char *text);
void wire_signature(struct wire *wire, const char *signature);
/* An array whose elements are aligned to `to`: what comes between the two is in it. */
struct wire_array {
    size_t length_at;
    size_t begin;
};
struct wire_array wire_array(struct wire *wire, size_t to);
void wire_array_end(struct wire *wire, const struct wire_array *array);

enum wire_type { WIRE_CALL = 1, WIRE_RETURN = 2, WIRE_ERROR = 3, WIRE_SIGNAL = 4 };

/* What a message says of itself; NULL and 0: not. */
struct wire_head {
    enum wire_type type;
    uint32_t serial;
    uint32_t reply_to;
    const char *path;
    const char *interface;
    const char *member;
    const char *error;
    const char *signature;
    uint32_t fds;
};

/* The whole message into `out`, from :1.1 to :1.2. */
void wire_message(struct wire *out, const struct wire_head *head, const struct wire *body);

/* A message that came: how long it is (0: not all of it is there), whether it is a method call that
 * wants an answer, its serial, and its member cut to fit. */
struct wire_seen {
    size_t size;
    bool wants_answer;
    uint32_t serial;
    char member[32];
};
struct wire_seen wire_look(const uint8_t *bytes, size_t size);

#endif
