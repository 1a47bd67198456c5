#include "tui/term/scanner.h"

#include "tui/term/keys.h"

#include <string.h>

void scanner_clear(struct scanner *scanner)
{
    *scanner = (struct scanner){.letters = 0};
}

static void add(struct scanner *scanner, int64_t now_ns, const struct key *key)
{
    char bytes[8] = "";
    size_t size = 1;
    if (key->code == KEY_CODE_CTRL) {
        bytes[0] = (char)(key->ch - 'a' + 1);
    } else {
        size = key_utf8(key, bytes);
    }
    size_t used = strlen(scanner->text);

    if (scanner->letters == 0) {
        scanner->first = *key;
    }
    if (used + size < sizeof(scanner->text)) {
        memcpy(scanner->text + used, bytes, size + 1);
    } else {
        scanner->too_long = true;
    }
    scanner->letters++;
    scanner->last_ns = now_ns;
}

/* The letter held back was typed by hand. */
static void let_through(struct scanner *scanner, struct key out[SCANNER_KEYS_MAX], size_t *count)
{
    out[(*count)++] = scanner->first;
    scanner_clear(scanner);
}

static bool repeats(const struct scanner *scanner, const struct key *key)
{
    return scanner->letters == 1 && key->ch == scanner->first.ch &&
           key_direction(key) != DIRECTION_NONE;
}

enum scanner_result scanner_tick(struct scanner *scanner, int64_t now_ns,
                                 struct key out[SCANNER_KEYS_MAX], size_t *count)
{
    *count = 0;
    if (scanner->letters == 0 || now_ns < scanner_due_ns(scanner)) {
        return SCANNER_KEYS;
    }
    if (scanner->letters > 1) {
        return SCANNER_BROKEN;
    }
    let_through(scanner, out, count);
    return SCANNER_KEYS;
}

enum scanner_result scanner_key(struct scanner *scanner, int64_t now_ns, const struct key *key,
                                struct key out[SCANNER_KEYS_MAX], size_t *count)
{
    *count = 0;
    if (key->code == KEY_CODE_CHAR) {
        if (repeats(scanner, key)) {
            let_through(scanner, out, count);
        }
        add(scanner, now_ns, key);
        return SCANNER_KEYS;
    }
    if (scanner->letters > 1) {
        if (key->code == KEY_CODE_CTRL) {
            add(scanner, now_ns, key); /* part of the scan, which whoever takes it refuses */
            return SCANNER_KEYS;
        }
        if (key->code == KEY_CODE_ENTER) {
            return scanner->too_long ? SCANNER_BROKEN : SCANNER_SCAN;
        }
        out[(*count)++] = *key;
        return SCANNER_BROKEN;
    }
    if (scanner->letters == 1) {
        let_through(scanner, out, count);
    }
    out[(*count)++] = *key;
    return SCANNER_KEYS;
}

int64_t scanner_due_ns(const struct scanner *scanner)
{
    return scanner->letters == 0   ? INT64_MAX
           : scanner->letters == 1 ? scanner->last_ns + SCANNER_ALONE_NS
                                   : scanner->last_ns + SCANNER_SILENCE_NS;
}
