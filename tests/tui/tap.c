#include "tests/tui/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum state { GROUND, UTF8, ESCAPE, ESCAPE_MORE, CSI, STRING, STRING_ESCAPE };

/* A parsed CSI sequence. */
struct csi {
    char leader; /* one of <=>?, 0: none */
    char intermediate;
    char final;
    int arguments[TAP_ARGUMENTS_MAX]; /* -1: not given */
    int count;
};

void tap_init(struct tap *tap, int rows)
{
    memset(tap, 0, sizeof *tap);
    tap->rows = rows;
}

void tap_rows(struct tap *tap, int rows)
{
    tap->rows = rows;
}

__attribute__((format(printf, 2, 3))) static void complain(struct tap *tap, const char *fmt, ...)
{
    if (tap->complaint_count < TAP_COMPLAINTS_MAX) {
        va_list list;
        va_start(list, fmt);
        vsnprintf(tap->complaints[tap->complaint_count], TAP_COMPLAINT_MAX, fmt, list);
        va_end(list);
    }
    tap->complaint_count++;
}

/* The sequence as a person reads it: "ESC [ ? 2 5 h" without the blanks. */
static const char *readable(const struct tap *tap, char out[TAP_COMPLAINT_MAX / 2])
{
    size_t used = 0;
    for (size_t i = 0; i < tap->length && used + 8 < TAP_COMPLAINT_MAX / 2; i++) {
        unsigned char byte = (unsigned char)tap->sequence[i];
        used += (size_t)(byte == 0x1b                  ? snprintf(out + used, 8, "ESC ")
                         : byte >= 0x20 && byte < 0x7f ? snprintf(out + used, 8, "%c", byte)
                                                       : snprintf(out + used, 8, "<%02x>", byte));
    }
    out[used] = '\0';
    return out;
}

static void emit(struct tap *tap, const char *bytes, size_t count)
{
    if (tap->emit && count > 0)
        tap->emit(tap->context, bytes, count);
}

static void flush_text(struct tap *tap)
{
    if (tap->run_length == 0)
        return;
    if (tap->text)
        tap->text(tap->context, tap->run_columns);
    emit(tap, tap->run, tap->run_length);
    tap->run_length = 0;
    tap->run_columns = 0;
}

/* ---- text ---- */

static bool turns_direction(uint32_t ch)
{
    return ch == 0x200e || ch == 0x200f || ch == 0x061c || (ch >= 0x202a && ch <= 0x202e) ||
           (ch >= 0x2066 && ch <= 0x2069) || ch == 0x2028 || ch == 0x2029 || ch == 0xfeff ||
           (ch >= 0xe0000 && ch <= 0xe007f);
}

static void glyph(struct tap *tap, const char *bytes, size_t count, uint32_t ch)
{
    if (ch >= 0x80 && ch <= 0x9f)
        complain(tap, "C1 control U+%04X", ch);
    else if (turns_direction(ch))
        complain(tap, "character U+%04X, which turns or hides text", ch);
    int columns = wcwidth((wchar_t)ch);
    if (tap->run_length + count > sizeof tap->run)
        flush_text(tap);
    memcpy(tap->run + tap->run_length, bytes, count);
    tap->run_length += count;
    if (columns <= 0)
        return;
    tap->run_columns += columns;
    memcpy(tap->glyph, bytes, count);
    tap->glyph_length = count;
    tap->glyph_columns = columns;
}

/* A whole UTF-8 character is in `sequence`. */
static void utf8_done(struct tap *tap)
{
    const unsigned char *s = (const unsigned char *)tap->sequence;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t ch = tap->length == 2 ? s[0] & 0x1fU : tap->length == 3 ? s[0] & 0x0fU : s[0] & 0x07U;
    for (size_t i = 1; i < tap->length; i++)
        ch = ch << 6 | (s[i] & 0x3fU);
    if (ch < least[tap->length] || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff)) {
        char text[TAP_COMPLAINT_MAX / 2];
        complain(tap, "no UTF-8: %s", readable(tap, text));
    } else {
        glyph(tap, tap->sequence, tap->length, ch);
    }
    tap->length = 0;
    tap->state = GROUND;
}

/* ---- escape sequences ---- */

static bool parse_csi(const struct tap *tap, struct csi *csi)
{
    const char *s = tap->sequence + 2;
    const char *end = tap->sequence + tap->length - 1;
    memset(csi, 0, sizeof *csi);
    csi->final = *end;
    if (s < end && strchr("<=>?", *s))
        csi->leader = *s++;
    while (s < end && ((*s >= '0' && *s <= '9') || *s == ';' || *s == ':')) {
        if (csi->count == TAP_ARGUMENTS_MAX)
            return false;
        char *stop;
        long value = *s == ';' || *s == ':' ? -1 : strtol(s, &stop, 10);
        if (value > 99999)
            return false;
        csi->arguments[csi->count++] = (int)value;
        if (value >= 0)
            s = stop;
        if (s < end && (*s == ';' || *s == ':'))
            s++;
    }
    if (s < end && *s >= 0x20 && *s <= 0x2f)
        csi->intermediate = *s++;
    return s == end;
}

static int argument(const struct csi *csi, int index, int missing)
{
    return index < csi->count && csi->arguments[index] >= 0 ? csi->arguments[index] : missing;
}

/* ?N h and ?N l. False: nobody here knows that mode. */
static bool private_mode(struct tap *tap, int mode, bool on)
{
    struct tap_modes *modes = &tap->modes;
    switch (mode) {
    case 1:
        modes->cursor_keys = on;
        return true;
    case 7:
        modes->wrap_off = !on;
        return true;
    case 25:
        modes->cursor_hidden = !on;
        return true;
    case 47:
    case 1047:
    case 1049:
        modes->alternate = on;
        return true;
    case 1000:
    case 1002:
    case 1003:
        modes->mouse = on;
        return true;
    case 1006:
        modes->mouse_sgr = on;
        return true;
    case 2004:
        modes->paste = on;
        return true;
    case 5:    /* flash */
    case 12:   /* blinking cursor, in xterm's cnorm */
    case 1048: /* cursor kept */
    case 2026: /* frames shown as a whole */
        return true;
    default:
        return false;
    }
}

static void reached(struct tap *tap, int row, int column)
{
    if (row > tap->row_max)
        tap->row_max = row;
    if (column > tap->column_max)
        tap->column_max = column;
}

/* Colours and attributes that are on, one bit each: those of SGR 1 to 9, foreground, background. */
static void pen(struct tap *tap, const struct csi *csi)
{
    enum { FOREGROUND = 10, BACKGROUND = 11 };
    for (int i = 0; i < (csi->count ? csi->count : 1); i++) {
        int code = argument(csi, i, 0);
        if (code == 0)
            tap->pen = 0;
        else if (code <= 9)
            tap->pen |= 1U << code;
        else if (code == 22)
            tap->pen &= ~(1U << 1 | 1U << 2);
        else if (code >= 23 && code <= 29)
            tap->pen &= ~(1U << (code - 20));
        else if (code == 39 || code == 49)
            tap->pen &= ~(1U << (code == 39 ? FOREGROUND : BACKGROUND));
        else if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97))
            tap->pen |= 1U << FOREGROUND;
        else if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107))
            tap->pen |= 1U << BACKGROUND;
        if (code == 38 || code == 48)
            i += argument(csi, i + 1, 5) == 2 ? 4 : 2;
    }
}

/* CSI without a leader or an intermediate. False: unknown. */
static bool plain_csi(struct tap *tap, const struct csi *csi)
{
    switch (csi->final) {
    case 'H':
    case 'f':
        reached(tap, argument(csi, 0, 1), argument(csi, 1, 1));
        return true;
    case 'd':
        reached(tap, argument(csi, 0, 1), 1);
        return true;
    case 'G':
    case '`':
        reached(tap, 1, argument(csi, 0, 1));
        return true;
    case 'm':
        pen(tap, csi);
        return true;
    case 'r': {
        int bottom = argument(csi, 1, tap->rows);
        tap->modes.scroll_region = argument(csi, 0, 1) > 1 || bottom < tap->rows;
        return true;
    }
    case 'h':
    case 'l':
        if (argument(csi, 0, 0) == 4)
            tap->modes.insert = csi->final == 'h';
        /* 34: the cursor's shape, in cnorm of screen */
        return argument(csi, 0, 0) == 4 || argument(csi, 0, 0) == 34;
    case 't': /* the title's stack: in xterm's smcup and rmcup */
        return argument(csi, 0, 0) == 22 || argument(csi, 0, 0) == 23;
    default:
        return strchr("ABCDEFJKLMPSTX@Zg", csi->final) != NULL;
    }
}

static void repeat(struct tap *tap, int times)
{
    for (int i = 0; i < times && tap->glyph_length > 0; i++) {
        if (tap->run_length + tap->glyph_length > sizeof tap->run)
            flush_text(tap);
        memcpy(tap->run + tap->run_length, tap->glyph, tap->glyph_length);
        tap->run_length += tap->glyph_length;
        tap->run_columns += tap->glyph_columns;
    }
}

static void csi_done(struct tap *tap)
{
    struct csi csi;
    bool known = false;
    tap->sequences++;
    if (!parse_csi(tap, &csi)) {
        known = false;
    } else if (csi.leader == '?' && csi.intermediate == 0 && strchr("hl", csi.final)) {
        known = csi.count > 0;
        for (int i = 0; i < csi.count; i++)
            known = private_mode(tap, csi.arguments[i], csi.final == 'h') && known;
    } else if (csi.leader == '?' && csi.intermediate == 0 && csi.final == 'c') {
        tap->length = 0; /* the Linux console's cursor shape; elsewhere it would ask a report */
        return;
    } else if (csi.leader == 0 && csi.intermediate == 0 && csi.final == 'b') {
        repeat(tap, argument(&csi, 0, 1));
        tap->length = 0;
        return;
    } else if (csi.leader == 0 && csi.intermediate == 0) {
        known = plain_csi(tap, &csi);
    }
    if (!known) {
        char text[TAP_COMPLAINT_MAX / 2];
        complain(tap, "sequence that nobody should send: %s", readable(tap, text));
    }
    emit(tap, tap->sequence, tap->length);
    tap->length = 0;
}

static void escape_done(struct tap *tap)
{
    const char *s = tap->sequence + 1;
    size_t count = tap->length - 1;
    bool known = count == 1 && strchr("78=>MDEH", s[0]);
    tap->sequences++;
    if (count == 1 && (s[0] == '=' || s[0] == '>'))
        tap->modes.keypad = s[0] == '=';
    if (count == 2 && (s[0] == '(' || s[0] == ')') && strchr("B0A", s[1])) {
        known = true;
        if (s[0] == '(')
            tap->modes.drawing = s[1] == '0';
    }
    if (!known) {
        char text[TAP_COMPLAINT_MAX / 2];
        complain(tap, "sequence that nobody should send: %s", readable(tap, text));
    }
    emit(tap, tap->sequence, tap->length);
    tap->length = 0;
    tap->state = GROUND;
}

static void string_done(struct tap *tap)
{
    char text[TAP_COMPLAINT_MAX / 2];
    const char *s = tap->sequence;
    /* xterm's `oc`: the palette as it was. curses sends it at its end. */
    bool palette = tap->length >= 5 && memcmp(s + 1, "]104", 4) == 0 &&
                   (tap->length == 5 || s[5] == '\a' || s[5] == 0x1b);
    tap->sequences++;
    if (!palette) {
        bool title = s[1] == ']' && tap->length > 3 && strchr("012", s[2]) && s[3] == ';';
        const char *what = title         ? "the title"
                           : s[1] == ']' ? "OSC"
                           : s[1] == 'P' ? "DCS"
                           : s[1] == '_' ? "APC"
                           : s[1] == '^' ? "PM"
                                         : "SOS";
        complain(tap, "%s: %s%s", what, readable(tap, text), tap->cut ? "..." : "");
    }
    tap->length = 0;
    tap->cut = false;
    tap->state = GROUND;
}

static void keep(struct tap *tap, unsigned char byte)
{
    if (tap->length < sizeof tap->sequence)
        tap->sequence[tap->length++] = (char)byte;
    else
        tap->cut = true;
}

static void begin(struct tap *tap, enum state state, unsigned char byte)
{
    tap->length = 0;
    tap->cut = false;
    keep(tap, byte);
    tap->state = state;
}

static void control(struct tap *tap, unsigned char byte)
{
    char one = (char)byte;
    flush_text(tap);
    if (byte == '\a')
        tap->bells++;
    else if (byte == 0x0e || byte == 0x0f)
        tap->modes.shifted = byte == 0x0e;
    else if (byte != '\b' && byte != '\t' && byte != '\n' && byte != '\r' && byte != 0)
        complain(tap, "control character 0x%02x", byte);
    emit(tap, &one, 1);
}

static void ground(struct tap *tap, unsigned char byte)
{
    char one = (char)byte;
    if (byte == 0x1b) {
        flush_text(tap);
        begin(tap, ESCAPE, byte);
    } else if (byte < 0x20 || byte == 0x7f) {
        control(tap, byte);
    } else if (byte < 0x80) {
        glyph(tap, &one, 1, byte);
    } else if (byte >= 0xc2 && byte <= 0xf4) {
        begin(tap, UTF8, byte);
        tap->utf8_more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else {
        complain(tap, "no UTF-8: <%02x>", byte);
    }
}

static void in_escape(struct tap *tap, unsigned char byte)
{
    keep(tap, byte);
    if (byte == '[')
        tap->state = CSI;
    else if (strchr("]P_^X", byte) && byte)
        tap->state = STRING;
    else if (byte >= 0x20 && byte <= 0x2f)
        tap->state = ESCAPE_MORE;
    else
        escape_done(tap);
}

static void in_string(struct tap *tap, unsigned char byte)
{
    /* The Linux console's own, which nothing ends: ESC ] R. */
    if (tap->length == 2 && tap->sequence[1] == ']' && byte == 'R') {
        tap->sequences++;
        tap->length = 0;
        tap->state = GROUND;
        return;
    }
    if (byte == 0x1b) {
        tap->state = STRING_ESCAPE;
    } else if (byte == '\a' || byte == 0x18 || byte == 0x1a) {
        string_done(tap);
    } else {
        keep(tap, byte);
    }
}

static void one_byte(struct tap *tap, unsigned char byte)
{
    switch ((enum state)tap->state) {
    case GROUND:
        ground(tap, byte);
        break;
    case UTF8:
        if ((byte & 0xc0) != 0x80) {
            complain(tap, "UTF-8 cut off before <%02x>", byte);
            tap->length = 0;
            tap->state = GROUND;
            ground(tap, byte);
            break;
        }
        keep(tap, byte);
        if (--tap->utf8_more == 0)
            utf8_done(tap);
        break;
    case ESCAPE:
        in_escape(tap, byte);
        break;
    case ESCAPE_MORE:
        keep(tap, byte);
        if (byte < 0x20 || byte > 0x2f)
            escape_done(tap);
        break;
    case CSI:
        keep(tap, byte);
        if (tap->cut || byte < 0x20 || byte > 0x7e) {
            complain(tap, "broken CSI sequence");
            tap->length = 0;
            tap->state = GROUND;
        } else if (byte >= 0x40) {
            tap->state = GROUND;
            csi_done(tap);
        }
        break;
    case STRING:
        in_string(tap, byte);
        break;
    case STRING_ESCAPE:
        if (byte == '\\') {
            string_done(tap);
        } else {
            string_done(tap);
            begin(tap, ESCAPE, 0x1b);
            in_escape(tap, byte);
        }
        break;
    }
}

void tap_feed(struct tap *tap, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        one_byte(tap, (unsigned char)bytes[i]);
    flush_text(tap);
}

const char *tap_complaint(const struct tap *tap)
{
    return tap->complaint_count > 0 ? tap->complaints[0] : NULL;
}

const char *tap_unrestored(const struct tap *tap, char *buffer, size_t size)
{
    const struct tap_modes *m = &tap->modes;
    const struct {
        bool left;
        const char *words;
    } all[] = {
        {m->alternate, "the alternate screen is still on"},
        {m->cursor_hidden, "the cursor is still hidden"},
        {m->mouse || m->mouse_sgr, "the mouse is still reported"},
        {m->cursor_keys, "the cursor keys are still in application mode"},
        {m->keypad, "the keypad is still in application mode"},
        {m->paste, "bracketed paste is still on"},
        {m->wrap_off, "lines do not wrap any more"},
        {m->insert, "insert mode is still on"},
        {m->shifted || m->drawing, "line drawing characters are still on"},
        {m->scroll_region, "only a part of the screen scrolls"},
        {tap->pen != 0, "the pen is still coloured, bold or reverse"},
        {tap->state != GROUND, "a sequence was not finished"},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].left && used < size)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "",
                                     all[i].words);
    return used > 0 ? buffer : NULL;
}
