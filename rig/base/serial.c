#include "rig/base/serial.h"

#include "rig/base/text.h"

#include <stdio.h>
#include <string.h>

enum { GS = 0x1d };

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

#define IS_IN(code, ranges) is_in(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Spaces but for U+0020 (Zs, Zl, Zp), what is not seen (Cf), and what is no character. */
static bool is_invisible(uint32_t code)
{
    static const struct range ranges[] = {
        {0xA0, 0xA0},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x1680, 0x1680},
        {0x180E, 0x180E}, {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},
        {0x3000, 0x3000}, {0x3164, 0x3164}, {0xFDD0, 0xFDEF}, {0xFE00, 0xFE0F},
        {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFD}, {0xE0000, 0xE01EF},
    };
    return IS_IN(code, ranges) || (code & 0xFFFE) == 0xFFFE;
}

/* Decimal digits (Nd, Unicode 15) that are not ASCII, and ASCII's own letters in another width or
 * type. */
static bool is_lookalike(uint32_t code)
{
    static const uint16_t zeros[] = {
        0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
        0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090,
        0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    };
    static const struct range others[] = {
        {0xFF01, 0xFF5E},   {0x104A0, 0x104A9}, {0x10D30, 0x10D39}, {0x11066, 0x1106F},
        {0x110F0, 0x110F9}, {0x11136, 0x1113F}, {0x111D0, 0x111D9}, {0x112F0, 0x112F9},
        {0x11450, 0x11459}, {0x114D0, 0x114D9}, {0x11650, 0x11659}, {0x116C0, 0x116C9},
        {0x11730, 0x11739}, {0x118E0, 0x118E9}, {0x11950, 0x11959}, {0x11C50, 0x11C59},
        {0x11D50, 0x11D59}, {0x11DA0, 0x11DA9}, {0x11F50, 0x11F59}, {0x16A60, 0x16A69},
        {0x16AC0, 0x16AC9}, {0x16B50, 0x16B59}, {0x1D400, 0x1D7FF}, {0x1E140, 0x1E149},
        {0x1E2F0, 0x1E2F9}, {0x1E4F0, 0x1E4F9}, {0x1E950, 0x1E959}, {0x1FBF0, 0x1FBF9},
    };
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        if (code >= zeros[i] && code < zeros[i] + 10U) {
            return true;
        }
    }
    return IS_IN(code, others);
}

/* ---- what scanners add ------------------------------------------------------------------------
 */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "]C1": an AIM symbology identifier (ISO/IEC 15424). */
static bool is_aim(const char *text, size_t length)
{
    return length >= 3 && text[0] == ']' && is_alphanumeric(text[1]) && text[1] > '9' &&
           is_alphanumeric(text[2]);
}

/* Cut it down to what the label has, until nothing more comes off: read again it is the same. */
static void trim(const char **text, size_t *length)
{
    const char *begin = *text;
    const char *end = begin + *length;
    size_t left;
    do {
        left = (size_t)(end - begin);
        while (begin < end && (is_blank(*begin) || *begin == GS)) {
            begin++;
        }
        begin += is_aim(begin, (size_t)(end - begin)) ? 3 : 0;
    } while ((size_t)(end - begin) != left);
    while (end > begin &&
           (is_blank(end[-1]) || end[-1] == GS || end[-1] == '\r' || end[-1] == '\n')) {
        end--;
    }
    *text = begin;
    *length = (size_t)(end - begin);
}

/* ---- GS1 (General Specifications 7.8: element strings, FNC1 between those without a length) ----
 */

/* How long the data of an element that begins so is, AI included; 0: up to the next FNC1. */
static size_t fixed_length(const char *text)
{
    static const struct {
        const char ai[3];
        size_t length;
    } fixed[] = {
        {"00", 20}, {"01", 16}, {"02", 16}, {"03", 16}, {"04", 18}, {"11", 8},
        {"12", 8},  {"13", 8},  {"14", 8},  {"15", 8},  {"16", 8},  {"17", 8},
        {"18", 8},  {"19", 8},  {"20", 4},  {"31", 10}, {"32", 10}, {"33", 10},
        {"34", 10}, {"35", 10}, {"36", 10}, {"41", 16},
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (strncmp(text, fixed[i].ai, 2) == 0) {
            return fixed[i].length;
        }
    }
    return 0;
}

/* Some scanners send `]` for FNC1: no element string has it otherwise (GS1 set 82). */
static bool is_fnc1(char c)
{
    return c == GS || c == ']';
}

/* The serial (AI 21) in [text, text+length), and the GTIN (AI 01) beside it. */
static const char *find_ai21(struct serial *serial, const char *text, size_t *length)
{
    const char *end = text + *length;
    const char *found = NULL;
    while (text < end) {
        size_t left = (size_t)(end - text);
        size_t size = left > 1 ? fixed_length(text) : 0;
        if (size == 0 || size > left) {
            for (size = 0; size < left && !is_fnc1(text[size]); size++) {
            }
        }
        if (size > 2 && strncmp(text, "21", 2) == 0 && !found) {
            found = text + 2;
            *length = size - 2;
        } else if (size == 16 && strncmp(text, "01", 2) == 0) {
            snprintf(serial->gtin, sizeof(serial->gtin), "%.14s", text + 2);
        }
        text += size;
        while (text < end && is_fnc1(*text)) {
            text++;
        }
    }
    return found;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static bool fault_at(struct serial *serial, enum serial_fault fault, int column, uint32_t character)
{
    serial->fault = fault;
    serial->column = column;
    serial->character = character;
    return false;
}

static enum serial_fault look_at(uint32_t code, const struct serial_rules *rules)
{
    return code == GS                               ? SERIAL_IS_GS1
           : is_control(code)                       ? SERIAL_CONTROL
           : is_invisible(code)                     ? SERIAL_INVISIBLE
           : !rules->any_text && is_lookalike(code) ? SERIAL_LOOKALIKE
                                                    : SERIAL_GOOD;
}

static bool check_text(struct serial *serial, const char *text, size_t length, int column,
                       const struct serial_rules *rules)
{
    for (size_t at = 0; at < length; column++) {
        uint32_t code;
        size_t size = text_character(text + at, length - at, &code);
        if (size == 0) {
            return fault_at(serial, SERIAL_NOT_UTF8, column, (unsigned char)text[at]);
        }
        enum serial_fault fault = look_at(code, rules);
        if (fault != SERIAL_GOOD) {
            return fault_at(serial, fault, column, code);
        }
        at += size;
    }
    return true;
}

bool serial_read(struct serial *serial, const char *text, size_t length,
                 const struct serial_rules *rules)
{
    const char *begin = text;
    *serial = (struct serial){.fault = SERIAL_GOOD, .column = 1};
    trim(&text, &length);
    if (length == 0) {
        return fault_at(serial, SERIAL_EMPTY, 1, 0);
    }
    if (rules->gs1) {
        text = find_ai21(serial, text, &length);
        if (!text) {
            return fault_at(serial, SERIAL_NO_AI21, 1, 0);
        }
        trim(&text, &length);
    }
    int column = 1 + (int)(text - begin);
    if (!check_text(serial, text, length, column, rules)) {
        return false;
    }
    if (length == 0 || length >= sizeof(serial->text)) {
        return fault_at(serial, length ? SERIAL_TOO_LONG : SERIAL_EMPTY, column, 0);
    }
    memcpy(serial->text, text, length);
    return true;
}

/* ---- words ------------------------------------------------------------------------------------
 */

char *serial_why(char out[SERIAL_WHY_MAX], const struct serial *serial)
{
    unsigned character = (unsigned)serial->character;
    switch (serial->fault) {
    case SERIAL_NOT_UTF8:
        snprintf(out, SERIAL_WHY_MAX,
                 character == 0xA0 ? "contains byte %02X, which is not UTF-8 (in Latin-1 it is "
                                     "U+00A0, a no-break space)"
                                   : "contains byte %02X, which is not UTF-8",
                 character);
        break;
    case SERIAL_CONTROL:
        snprintf(out, SERIAL_WHY_MAX, "contains a control character, U+%04X", character);
        break;
    case SERIAL_INVISIBLE:
        snprintf(out, SERIAL_WHY_MAX, "contains U+%04X, %s", character,
                 is_in(character, (const struct range[]){{0xFFFD, 0xFFFF}, {0xFDD0, 0xFDEF}}, 2)
                     ? "which is not a character"
                     : "which is invisible or looks like a space");
        break;
    case SERIAL_LOOKALIKE:
        snprintf(out, SERIAL_WHY_MAX, "contains U+%04X, a digit or letter that is not ASCII",
                 character);
        break;
    case SERIAL_IS_GS1:
        snprintf(out, SERIAL_WHY_MAX,
                 "is a GS1 code (it contains GS, U+001D), not a serial number");
        break;
    case SERIAL_NO_AI21:
        snprintf(out, SERIAL_WHY_MAX, "is not a GS1 code with a serial number (AI 21)");
        break;
    case SERIAL_TOO_LONG:
        snprintf(out, SERIAL_WHY_MAX, "is too long for a serial number");
        break;
    case SERIAL_EMPTY:
    case SERIAL_GOOD:
        snprintf(out, SERIAL_WHY_MAX, "is not a serial number");
        break;
    }
    return out;
}

char *serial_todo(char out[SERIAL_WHY_MAX], const struct serial *serial)
{
    const char *todo = "one serial number a line, UTF-8, at most 63 bytes";
    if (serial->fault == SERIAL_LOOKALIKE) {
        todo = "write it in ASCII, or use --any-text to accept such characters";
    } else if (serial->fault == SERIAL_IS_GS1) {
        todo = "use --gs1 to extract the serial number";
    } else if (serial->fault == SERIAL_NO_AI21) {
        todo = "omit --gs1 for plain serial numbers";
    }
    snprintf(out, SERIAL_WHY_MAX, "%s", todo);
    return out;
}

bool serial_same(const char *a, const char *b)
{
    return text_equal_nocase(a, b);
}

uint32_t serial_hash(const char *serial)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (; *serial; serial++) {
        unsigned char c = (unsigned char)*serial;
        c = c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
        hash = (hash ^ c) * UINT32_C(16777619);
    }
    return hash;
}
