/*
 * Any bytes as a list of serial numbers: what is taken is printable, each once, and the same when
 * it is read again; what is refused has a line and a reason.
 */
#include "rig/base/text.h"
#include "tui/cli/serials.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_item(const struct serials *serials, size_t i)
{
    const char *item = serials->items[i];
    char printable[4 * SERIAL_MAX];
    struct serial again;
    const struct serial_rules rules = {.any_text = true};
    size_t length = strnlen(item, SERIAL_MAX);
    assert(length > 0 && length < SERIAL_MAX);
    assert(strcmp(text_printable(printable, sizeof(printable), item), item) == 0);
    assert(serial_read(&again, item, length, &rules) && strcmp(again.text, item) == 0);
    assert(strnlen(serials->gtins[i], SERIAL_GTIN_MAX) < SERIAL_GTIN_MAX);
    for (size_t other = 0; other < i && i < 64; other++) {
        assert(!serial_same(serials->items[other], item));
        assert(serial_hash(item) == serial_hash(again.text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct serials serials;
    struct diags diags = DIAGS_INIT;
    uint8_t how = size > 0 ? data[0] : 0;
    const struct serials_rules rules = {
        .serial = {.gs1 = how & 1, .any_text = how & 2},
        .model = how & 4 ? "WH-1000XM5" : NULL,
    };
    const char *text = size > 0 ? (const char *)data + 1 : "";
    int result = serials_parse(&serials, &diags, "list", text, size > 0 ? size - 1 : 0, &rules);
    assert((result == 0) == (diags.errors == 0));
    assert(result != 0 || serials.count > 0);
    for (size_t i = 0; result == 0 && i < serials.count; i++) {
        check_item(&serials, i);
    }
    serials_free(&serials);
    diags_clear(&diags);
    return 0;
}
