/* Any text as a pattern: refused with a place inside it, or read, printed and read again; and
 * matched against pulses made of the rest of the bytes. */
#include "rig/signal/pattern.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PULSES_MAX = 64, TEXT_MAX = 200 };

static void match(const struct pattern *pattern, const uint8_t *data, size_t size)
{
    struct pulse pulses[PULSES_MAX];
    size_t count = 0;
    int64_t at_ns = 0;
    char text[600];
    for (; size >= 3 && count < PULSES_MAX; data += 3, size -= 3) {
        int64_t on_ns = (data[0] + 1) * INT64_C(10000000);
        pulses[count] = (struct pulse){.start_ns = at_ns,
                                       .end_ns = at_ns + on_ns,
                                       .colour = (colour)(1 + data[1] % (COLOUR_COUNT - 1)),
                                       .open = size < 6 && (data[1] & 0x80),
                                       .clipped = count == 0 && (data[1] & 0x40)};
        count++;
        at_ns += on_ns + data[2] * INT64_C(10000000);
    }
    for (unsigned extra = 0; extra < 4; extra++) {
        struct match result = pattern_match(pattern, pulses, count, extra);
        assert(result.result != MATCH_YES || result.first <= result.last);
        assert(result.result != MATCH_YES || count == 0 || result.last < count);
        pattern_explain(text, sizeof(text), pattern, pulses, count, extra);
        assert(strlen(text) < sizeof(text));
    }
    struct pattern seen;
    bool truncated;
    pattern_recognise(pulses, count, &seen, &truncated);
    assert(seen.count <= PATTERN_SEGMENTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1];
    const uint8_t *end = memchr(data, 0, size);
    size_t length = end ? (size_t)(end - data) : size;
    struct pattern pattern;
    struct pattern again;
    size_t at = 0;
    if (length > TEXT_MAX) {
        return 0;
    }
    memcpy(text, data, length);
    text[length] = '\0';
    if (pattern_parse(text, &pattern, &at)) {
        assert(at <= length);
        return 0;
    }
    char out[PATTERN_TEXT_MAX];
    pattern_format(out, &pattern);
    assert(pattern_parse(out, &again, NULL) == NULL);
    assert(pattern_equal(&pattern, &again));
    match(&pattern, data + length, size - length);
    return 0;
}
