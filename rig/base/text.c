#include "rig/base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "rig/base/width.h"

enum { WORD_MAX = 64 };

/* Decode one character of [text, text+length). Its length in bytes, 0 when ill-formed (RFC 3629,
 * table 3-7 of the Unicode standard). */
static size_t decode(const unsigned char *text, size_t length, uint32_t *code)
{
    if (length == 0) {
        return 0;
    }
    unsigned char first = text[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length < size) {
        return 0;
    }
    uint32_t value = first & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3FU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code = value;
    return size;
}

bool text_is_utf8(const char *text, size_t length, size_t *bad_at)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t size = decode(bytes + at, length - at, &code);
        if (size == 0) {
            if (bad_at) {
                *bad_at = at;
            }
            return false;
        }
        at += size;
    }
    return true;
}

size_t text_character(const char *text, size_t length, uint32_t *code)
{
    return decode((const unsigned char *)text, length, code);
}

/* Would a terminal or a reader act on it, or not see it at all? */
static bool is_unprintable(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
        {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
        {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return (code & 0xFFFE) == 0xFFFE;
}

char *text_printable(char *out, size_t size, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = strlen(text);
    size_t used = 0;

    for (size_t at = 0; at < length && size;) {
        uint32_t code;
        char piece[16];
        size_t step = decode(bytes + at, length - at, &code);
        size_t wide;
        if (step == 0) {
            wide = (size_t)snprintf(piece, sizeof(piece), "\\x%02X", bytes[at]);
            step = 1;
        } else if (is_unprintable(code)) {
            wide = (size_t)snprintf(piece, sizeof(piece), code < 0x100 ? "\\x%02X" : "\\u{%04X}",
                                    (unsigned)code);
        } else {
            memcpy(piece, bytes + at, step);
            wide = step;
        }
        if (used + wide >= size) {
            break;
        }
        memcpy(out + used, piece, wide);
        used += wide;
        at += step;
    }
    if (size) {
        out[used] = '\0';
    }
    return out;
}

int text_columns(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = strlen(text);
    int columns = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t step = decode(bytes + at, length - at, &code);
        if (step == 0) {
            columns++;
            at++;
            continue;
        }
        columns += width_columns(code);
        at += step;
    }
    return columns;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_equal_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance: insertions, deletions, substitutions, and neighbours that
 * changed places. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t cost = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least_of(least_of(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = least_of(row[j], above2[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    if (length == 0 || length > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > WORD_MAX) {
            continue;
        }
        size_t d = distance(word, length, candidates[i], other);
        size_t longer = length > other ? length : other;
        if (d < best && d * 3 <= longer) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

bool text_bluetooth_address(char out[TEXT_BLUETOOTH_MAX], const char *text)
{
    bool good = strlen(text) == TEXT_BLUETOOTH_MAX - 1;
    for (size_t i = 0; good && i < TEXT_BLUETOOTH_MAX - 1; i++) {
        good = i % 3 == 2 ? text[i] == ':' : isxdigit((unsigned char)text[i]) != 0;
        out[i] = (char)toupper((unsigned char)text[i]);
    }
    out[TEXT_BLUETOOTH_MAX - 1] = '\0';
    return good;
}
