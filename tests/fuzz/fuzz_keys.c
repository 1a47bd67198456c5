/* Any bytes at any pace, on any terminal: keys are sane, and the decoder comes to rest. */
#include "tui/term/keys.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A terminal whose keys are what the input's first bytes say. */
struct table {
    const uint8_t *bytes;
    size_t count;
};

static int look_up(void *context, const char *sequence, size_t length)
{
    const struct table *table = context;
    assert(length >= 1 && length <= KEYS_PENDING_MAX && sequence[0] == '\033');
    for (size_t i = 0; i + 4 <= table->count; i += 4) {
        const uint8_t *entry = table->bytes + i;
        size_t whole = 1 + entry[0] % 2U + 1;
        if (memcmp(entry + 1, sequence + 1, (length < whole ? length : whole) - 1) == 0) {
            int means = KEY_CODE_ENTER + entry[3] % (KEY_CODE_MOUSE - KEY_CODE_ENTER + 1);
            return length < whole   ? KEYS_MORE
                   : length > whole ? KEYS_NO
                   : entry[3] == 0  ? KEYS_OTHER
                                    : means;
        }
    }
    return KEYS_NO;
}

static void check(const struct key *key)
{
    assert(key->code >= KEY_CODE_CHAR && key->code <= KEY_CODE_MOUSE);
    assert(key->wheel >= -1 && key->wheel <= 1 && key->column >= 0 && key->row >= 0);
    if (key->code == KEY_CODE_CHAR) {
        assert(key->ch >= ' ' && key->ch != 0x7f && key->ch <= 0x10ffff);
        assert(key->ch < 0x80 || key->ch >= 0xa0);
        assert(key->ch < 0xd800 || key->ch >= 0xe000);
    } else if (key->code == KEY_CODE_CTRL) {
        assert(key->ch >= 'a' && key->ch <= 0x7f && key->ch != '{');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keys keys;
    struct key out[KEYS_PER_BYTE];
    struct table table = {.bytes = data, .count = size < 8 ? size : 8};
    int64_t now_ns = 0;

    keys_init(&keys, size % 2 ? look_up : NULL, &table);
    for (size_t i = table.count; i < size; i++) {
        if (data[i] == 0xfe) {
            now_ns += KEYS_ESCAPE_NS;
            if (keys_tick(&keys, now_ns, &out[0])) {
                assert(out[0].code == KEY_CODE_ESCAPE);
            }
            continue;
        }
        size_t count = keys_byte(&keys, now_ns, data[i], out);
        assert(count <= KEYS_PER_BYTE);
        for (size_t k = 0; k < count; k++) {
            check(&out[k]);
        }
        assert(keys_due_ns(&keys) > now_ns);
    }
    keys_tick(&keys, now_ns + KEYS_SEQUENCE_NS, &out[0]);
    assert(keys_due_ns(&keys) == INT64_MAX);
    assert(keys_byte(&keys, now_ns + 2 * KEYS_SEQUENCE_NS, 'q', out) == 1 && out[0].ch == 'q');
    return 0;
}
