#include "tests/fuzz/bluez_bytes.h"

#include <string.h>

#define HCI  "/org/bluez/hci0"
#define UNIT HCI "/dev_AA_BB_CC_DD_EE_01"
/* Longer than those that are kept. */
#define MANY_LETTERS "a123456789b123456789c123456789d123456789e123456789"
#define LONG_PATH    "/" MANY_LETTERS "/" MANY_LETTERS

uint8_t take_byte(struct input_bytes *in)
{
    if (in->size == 0) {
        return 0;
    }
    in->size--;
    return *in->data++;
}

static const char *const texts[] = {
    "AA:BB:CC:DD:EE:01",
    "HP-1",
    ADAPTER_ADDRESS,
    "public",
    "random",
    "LE_HP-1",
    "AA:BB:CC:DD:EE:02",
    "0000110b-0000-1000-8000-00805f9b34fb",
    "00002a26-0000-1000-8000-00805f9b34fb",
    "usb:v1D6Bp0246d0552",
    "off-blocked",
    "org.bluez.Reason.Authentication",
    "br-connection-refused",
    "br-connection-key-missing",
    "br-connection-canceled",
    "rfkill",
    "",
    HCI,
};

static const char *const paths[] = {
    HCI,
    UNIT,
    HCI "/dev_AA_BB_CC_DD_EE_02",
    UNIT "/service0001/char0002",
    "/org/bluez/hci1",
    "/org/bluez",
    "/",
    "/org/longpress/agent",
    "/org/longpress/handsfree",
    LONG_PATH,
};

static const char *const interfaces[] = {BLUEZ_ADAPTER,           BLUEZ_DEVICE,
                                         "org.bluez.Battery1",    "org.bluez.GattCharacteristic1",
                                         "org.bluez.Agent1",      "org.bluez.Profile1",
                                         "org.bluez.GattService1"};

/* With the type that bluetoothd gives them. */
static const struct known_property {
    const char *key;
    const char *type;
} properties[] = {
    {"Address", "s"},  {"Adapter", "o"},    {"Name", "s"},        {"RSSI", "n"},
    {"Paired", "b"},   {"Powered", "b"},    {"Connected", "b"},   {"ServicesResolved", "b"},
    {"UUIDs", "as"},   {"Class", "u"},      {"AddressType", "s"}, {"AdvertisingFlags", "ay"},
    {"Modalias", "s"}, {"UUID", "s"},       {"Discovering", "b"}, {"Percentage", "y"},
    {"Alias", "s"},    {"PowerState", "s"},
};

static const char *const types[] = {"s", "b",  "n",     "u",    "y",   "as", "ay",
                                    "o", "ai", "a{sv}", "(sv)", "aas", "v",  "d"};

const char *any_path(struct input_bytes *in)
{
    return PICK(in, paths);
}

const char *any_path_of_three(uint8_t which)
{
    return paths[which % 3];
}

const char *any_interface(struct input_bytes *in)
{
    return PICK(in, interfaces);
}

const char *any_property(struct input_bytes *in)
{
    return PICK(in, properties).key;
}

const char *any_type(struct input_bytes *in)
{
    return PICK(in, types);
}

/* Known ones, whatever bytes come (no UTF-8, NUL), or huge. */
void put_text(struct wire *out, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    char text[1100];
    size_t size = 0;
    if (how < 128) {
        wire_string(out, texts[how % (sizeof(texts) / sizeof(texts[0]))]);
        return;
    }
    if (how < 224) {
        for (size = 0; size < (how & 31U); size++) {
            text[size] = (char)take_byte(in);
        }
    } else {
        size = (size_t)(how - 223) * 32;
        memset(text, how & 1 ? 'A' : '\xC3', size);
    }
    wire_text(out, text, size);
}

void put_basic(struct wire *out, struct input_bytes *in, char type)
{
    uint8_t value = 0;
    switch (type) {
    case 's':
        put_text(out, in);
        break;
    case 'o':
        wire_string(out, PICK(in, paths));
        break;
    case 'b':
        value = take_byte(in);
        wire_u32(out, value < 250 ? value & 1 : value);
        break;
    case 'n':
        wire_u16(out, (uint16_t)(int16_t) - (int)take_byte(in));
        break;
    case 'y':
        wire_u8(out, take_byte(in));
        break;
    case 'd':
        wire_align(out, 8);
        wire_u32(out, take_byte(in));
        wire_u32(out, take_byte(in));
        break;
    default: /* i, u */
        wire_u32(out, (uint32_t)take_byte(in) << 8);
        break;
    }
}

static void put_variant(struct wire *out, struct input_bytes *in, const char *type);

void put_value(struct wire *out, struct input_bytes *in, const char *type)
{
    struct wire_array array;
    if (strcmp(type, "v") == 0) {
        put_variant(out, in, in->size > 0 ? PICK(in, types) : "y");
    } else if (strcmp(type, "a{sv}") == 0) {
        put_properties(out, in);
    } else if (type[0] == '(') {
        wire_align(out, 8);
        put_text(out, in);
        put_variant(out, in, in->size > 0 ? PICK(in, types) : "y");
    } else if (type[0] == 'a') {
        array = wire_array(out, 4 * (type[1] != 'y') + (type[1] == 'y'));
        for (int count = take_byte(in) % 32; count > 0 && in->size > 0; count--) {
            put_value(out, in, type + 1);
        }
        wire_array_end(out, &array);
    } else {
        put_basic(out, in, type[0]);
    }
}

static void put_variant(struct wire *out, struct input_bytes *in, const char *type)
{
    wire_signature(out, type);
    put_value(out, in, type);
}

/* a{sv}: most of them with their own types. */
void put_properties(struct wire *out, struct input_bytes *in)
{
    struct wire_array array = wire_array(out, 8);
    for (int count = take_byte(in) % 8; count > 0 && in->size > 0; count--) {
        uint8_t how = take_byte(in);
        const struct known_property *known =
            &properties[(how & 127) % (sizeof(properties) / sizeof(properties[0]))];
        wire_align(out, 8);
        wire_string(out, known->key);
        put_variant(out, in, how & 128 ? PICK(in, types) : known->type);
    }
    wire_array_end(out, &array);
}

/* a{sa{sv}} */
void put_interfaces(struct wire *out, struct input_bytes *in)
{
    struct wire_array array = wire_array(out, 8);
    for (int count = take_byte(in) % 4; count > 0 && in->size > 0; count--) {
        wire_align(out, 8);
        wire_string(out, PICK(in, interfaces));
        put_properties(out, in);
    }
    wire_array_end(out, &array);
}

static void put_pair(struct wire *out, const char *key, char type, const char *value)
{
    const char signature[] = {type, '\0'};
    wire_align(out, 8);
    wire_string(out, key);
    wire_signature(out, signature);
    if (type == 'b') {
        wire_u32(out, value[0] == '1');
    } else {
        wire_string(out, value);
    }
}

/* An adapter that works and, where the bits say so, a unit: the way into the depth. */
static void put_bench(struct wire *out, uint8_t how)
{
    wire_align(out, 8);
    wire_string(out, HCI);
    struct wire_array all = wire_array(out, 8);
    wire_align(out, 8);
    wire_string(out, BLUEZ_ADAPTER);
    struct wire_array array = wire_array(out, 8);
    put_pair(out, "Address", 's', ADAPTER_ADDRESS);
    put_pair(out, "Powered", 'b', how & 1 ? "0" : "1");
    wire_array_end(out, &array);
    wire_array_end(out, &all);
    if (how & 2) {
        wire_align(out, 8);
        wire_string(out, UNIT);
        all = wire_array(out, 8);
        wire_align(out, 8);
        wire_string(out, BLUEZ_DEVICE);
        array = wire_array(out, 8);
        put_pair(out, "Address", 's', "AA:BB:CC:DD:EE:01");
        put_pair(out, "Adapter", 'o', HCI);
        put_pair(out, "Name", 's', "HP-1");
        put_pair(out, "Paired", 'b', how & 4 ? "1" : "0");
        put_pair(out, "Connected", 'b', how & 8 ? "1" : "0");
        wire_array_end(out, &array);
        wire_array_end(out, &all);
    }
}

/* a{oa{sa{sv}}} */
void put_objects(struct wire *out, struct input_bytes *in)
{
    uint8_t how = take_byte(in);
    struct wire_array array = wire_array(out, 8);
    if (how < 200) {
        put_bench(out, how);
    }
    for (int count = how >> 4 & 3; count > 0 && in->size > 0; count--) {
        wire_align(out, 8);
        wire_string(out, PICK(in, paths));
        put_interfaces(out, in);
    }
    wire_array_end(out, &array);
}
