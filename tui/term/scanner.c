#include "tui/term/scanner.h"

#include "tui/term/keys.h"

#include <string.h>

void burst_clear(struct burst *burst)
{
    *burst = (struct burst){.letters = 0};
}

static void add(struct burst *burst, int64_t now_ns, const struct key *key)
{
    char bytes[8] = "";
    size_t size = 1;
    if (key->code == KEY_CODE_CTRL) {
        bytes[0] = (char)(key->ch - 'a' + 1);
    } else {
        size = key_utf8(key, bytes);
    }
    size_t used = strlen(burst->text);

    if (burst->letters == 0) {
        burst->first = *key;
    }
    if (used + size < sizeof(burst->text)) {
        memcpy(burst->text + used, bytes, size + 1);
    } else {
        burst->too_long = true;
    }
    burst->letters++;
    burst->last_ns = now_ns;
}

/* The letter held back was typed by hand. */
static void let_through(struct burst *burst, struct key out[BURST_KEYS_MAX], size_t *count)
{
    out[(*count)++] = burst->first;
    burst_clear(burst);
}

static bool repeats(const struct burst *burst, const struct key *key)
{
    return burst->letters == 1 && key->ch == burst->first.ch &&
           key_direction(key) != DIRECTION_NONE;
}

enum burst_result burst_tick(struct burst *burst, int64_t now_ns, struct key out[BURST_KEYS_MAX],
                             size_t *count)
{
    *count = 0;
    if (burst->letters == 0 || now_ns < burst_due_ns(burst)) {
        return BURST_KEYS;
    }
    if (burst->letters > 1) {
        return BURST_BROKEN;
    }
    let_through(burst, out, count);
    return BURST_KEYS;
}

enum burst_result burst_key(struct burst *burst, int64_t now_ns, const struct key *key,
                            struct key out[BURST_KEYS_MAX], size_t *count)
{
    *count = 0;
    if (key->code == KEY_CODE_CHAR) {
        if (repeats(burst, key)) {
            let_through(burst, out, count);
        }
        add(burst, now_ns, key);
        return BURST_KEYS;
    }
    if (burst->letters > 1) {
        if (key->code == KEY_CODE_CTRL) {
            add(burst, now_ns, key); /* part of the scan, which whoever takes it refuses */
            return BURST_KEYS;
        }
        if (key->code == KEY_CODE_ENTER) {
            return burst->too_long ? BURST_BROKEN : BURST_SCAN;
        }
        out[(*count)++] = *key;
        return BURST_BROKEN;
    }
    if (burst->letters == 1) {
        let_through(burst, out, count);
    }
    out[(*count)++] = *key;
    return BURST_KEYS;
}

int64_t burst_due_ns(const struct burst *burst)
{
    return burst->letters == 0   ? INT64_MAX
           : burst->letters == 1 ? burst->last_ns + BURST_ALONE_NS
                                 : burst->last_ns + BURST_SILENCE_NS;
}
