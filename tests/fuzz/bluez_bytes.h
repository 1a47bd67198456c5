/*
 * What bluetoothd could say, from a fuzzer's bytes: objects, properties and values on the wire,
 * known ones, of wrong types, huge, and in no encoding at all. Bytes that have run out are zeros.
 */
#ifndef LONGPRESS_TESTS_FUZZ_BLUEZ_BYTES_H
#define LONGPRESS_TESTS_FUZZ_BLUEZ_BYTES_H

#include "hardware/radio/bluez.h"
#include "tests/fuzz/wire.h"

#include <stddef.h>
#include <stdint.h>

#define ADAPTER_ADDRESS "00:1A:7D:DA:71:13"

struct input_bytes {
    const uint8_t *data;
    size_t size;
};

uint8_t take_byte(struct input_bytes *in);

/* One of a table's, as the next byte says. */
#define PICK(in, table) ((table)[take_byte(in) % (sizeof(table) / sizeof((table)[0]))])

/* Object paths (the adapter, two units, and others), interfaces, and types of values. */
const char *any_path(struct input_bytes *in);
const char *any_path_of_three(uint8_t which);
const char *any_interface(struct input_bytes *in);
const char *any_property(struct input_bytes *in);
const char *any_type(struct input_bytes *in);

/* A string; a value of a basic type; of any of `any_type`; a{sv}; a{sa{sv}}; a{oa{sa{sv}}}. */
void put_text(struct wire *out, struct input_bytes *in);
void put_basic(struct wire *out, struct input_bytes *in, char type);
void put_value(struct wire *out, struct input_bytes *in, const char *type);
void put_properties(struct wire *out, struct input_bytes *in);
void put_interfaces(struct wire *out, struct input_bytes *in);
void put_objects(struct wire *out, struct input_bytes *in);

#endif
