#include "tui/term/keys.h"

#include "rig/base/text.h"

#include <string.h>

enum {
    ESC = 0x1b,
    DEL = 0x7f,
    MOUSE_MODIFIERS = 4 | 8 | 16, /* Shift, Meta, Ctrl in a report's button */
    MOUSE_LEFT = 0,
    MOUSE_WHEEL_UP = 64,
    MOUSE_WHEEL_DOWN = 65,
    MOUSE_X10_BASE = 32, /* added to each of the three numbers, so that they are printable */
    MOUSE_PLACE_MAX = 10000,
};

/* What terminals send for these keys nearly everywhere, whatever TERM says. */
static const struct {
    const char *sequence;
    enum key_code code;
} usual[] = {
    {"[A", KEY_CODE_UP},      {"[B", KEY_CODE_DOWN},     {"[C", KEY_CODE_RIGHT},
    {"[D", KEY_CODE_LEFT},    {"[H", KEY_CODE_HOME},     {"[F", KEY_CODE_END},
    {"[Z", KEY_CODE_BACKTAB}, {"[1~", KEY_CODE_HOME},    {"[3~", KEY_CODE_DELETE},
    {"[4~", KEY_CODE_END},    {"[5~", KEY_CODE_PAGE_UP}, {"[6~", KEY_CODE_PAGE_DOWN},
    {"[7~", KEY_CODE_HOME},   {"[8~", KEY_CODE_END},     {"[11~", KEY_CODE_F1},
    {"[[A", KEY_CODE_F1},     {"OA", KEY_CODE_UP},       {"OB", KEY_CODE_DOWN},
    {"OC", KEY_CODE_RIGHT},   {"OD", KEY_CODE_LEFT},     {"OH", KEY_CODE_HOME},
    {"OF", KEY_CODE_END},     {"OM", KEY_CODE_ENTER},    {"OP", KEY_CODE_F1},
};

void keys_init(struct keys *keys, keys_lookup *lookup, void *context)
{
    *keys = (struct keys){.lookup = lookup, .context = context};
}

static struct key key_of(enum key_code code, uint32_t ch)
{
    return (struct key){.code = code, .ch = ch};
}

static void rest(struct keys *keys)
{
    keys->state = KEYS_REST;
    keys->count = 0;
}

static void keep(struct keys *keys, unsigned char byte)
{
    if (keys->count < KEYS_PENDING_MAX) {
        keys->pending[keys->count] = byte;
    }
    keys->count++;
}

static bool too_long(const struct keys *keys)
{
    return keys->count > KEYS_PENDING_MAX;
}

/* ---- single bytes and characters ---------------------------------------------------------------
 */

/* A control character. False: it is no key. */
static bool control_key(unsigned char byte, struct key *key)
{
    switch (byte) {
    case '\r':
    case '\n':
        *key = key_of(KEY_CODE_ENTER, 0);
        return true;
    case '\t':
        *key = key_of(KEY_CODE_TAB, 0);
        return true;
    case '\b':
    case DEL:
        *key = key_of(KEY_CODE_BACKSPACE, 0);
        return true;
    default:
        *key = key_of(KEY_CODE_CTRL, 'a' + byte - 1U);
        return byte >= 1;
    }
}

/* Bytes of the character that begins so; 0: none does. */
static size_t utf8_length(unsigned char lead)
{
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 2;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return 3;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* The whole character that is pending. False: ill-formed, or nothing that can be shown. */
static bool character(const struct keys *keys, struct key *key)
{
    char text[8] = "";
    char shown[sizeof("\\u{10FFFF}")];
    uint32_t ch = keys->pending[0] & (0xffU >> (keys->count + 1));

    memcpy(text, keys->pending, keys->count);
    if (!text_is_utf8(text, keys->count, NULL) ||
        strcmp(text_printable(shown, sizeof(shown), text), text) != 0) {
        return false;
    }
    for (size_t i = 1; i < keys->count; i++) {
        ch = ch << 6 | (keys->pending[i] & 0x3f);
    }
    *key = key_of(KEY_CODE_CHAR, ch);
    return true;
}

/* ---- sequences ---------------------------------------------------------------------------------
 */

static int look_up(const struct keys *keys)
{
    if (!keys->lookup || too_long(keys) || memchr(keys->pending, '\0', keys->count)) {
        return KEYS_NO;
    }
    return keys->lookup(keys->context, (const char *)keys->pending, keys->count);
}

/* Up to three numbers, `;` between them, from the pending bytes [from, to). False: not just these,
 * or one that no place on a screen has. */
static bool numbers(const struct keys *keys, size_t from, size_t to, int out[3])
{
    size_t which = 0;
    bool digits = false;

    memset(out, 0, 3 * sizeof(out[0]));
    for (size_t i = from; i < to; i++) {
        unsigned char byte = keys->pending[i];
        if (byte == ';' && digits && which < 2) {
            which++;
            digits = false;
        } else if (byte >= '0' && byte <= '9' && out[which] < MOUSE_PLACE_MAX) {
            out[which] = 10 * out[which] + (byte - '0');
            digits = true;
        } else {
            return false;
        }
    }
    return digits && which == 2;
}

/* A report of button, column and row, 1-based. False: not one that is of use. */
static bool mouse(int button, int column, int row, struct key *key)
{
    button &= ~MOUSE_MODIFIERS;
    if (column < 1 || row < 1 || column > MOUSE_PLACE_MAX || row > MOUSE_PLACE_MAX ||
        (button != MOUSE_LEFT && button != MOUSE_WHEEL_UP && button != MOUSE_WHEEL_DOWN)) {
        return false;
    }
    *key = key_of(KEY_CODE_MOUSE, 0);
    key->column = column - 1;
    key->row = row - 1;
    key->wheel = button == MOUSE_WHEEL_UP ? -1 : button == MOUSE_WHEEL_DOWN;
    return true;
}

/* What the whole sequence that is pending means to those who know no terminfo. */
static bool usual_key(const struct keys *keys, struct key *key)
{
    int number[3];

    if (too_long(keys)) {
        return false;
    }
    if (keys->count > 4 && memcmp(keys->pending + 1, "[<", 2) == 0) {
        return keys->pending[keys->count - 1] == 'M' && numbers(keys, 3, keys->count - 1, number) &&
               mouse(number[0], number[1], number[2], key);
    }
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (strlen(usual[i].sequence) == keys->count - 1 &&
            memcmp(usual[i].sequence, keys->pending + 1, keys->count - 1) == 0) {
            *key = key_of(usual[i].code, 0);
            return true;
        }
    }
    return false;
}

/* Does the byte end an Esc [ or Esc O sequence? */
static bool is_last(const struct keys *keys, unsigned char byte)
{
    if (keys->state == KEYS_SS3) {
        return (byte < '0' || byte > '9') && byte != ';';
    }
    if (keys->count == 4 && keys->pending[2] == '[') {
        return true; /* the Linux console's F1 to F5: Esc [ [ A */
    }
    if (byte == '$' && keys->count > 3 && !too_long(keys)) {
        return keys->pending[2] >= '0' && keys->pending[2] <= '9'; /* rxvt's keys with Shift */
    }
    return byte >= '@' && byte <= '~' && !(byte == '[' && keys->count == 3);
}

/* The state that an Esc and this byte lead to; KEYS_REST: none. */
static enum keys_state introduced(unsigned char byte)
{
    switch (byte) {
    case '[':
        return KEYS_CSI;
    case 'O':
        return KEYS_SS3;
    case 'P': /* DCS, SOS, OSC, PM, APC */
    case 'X':
    case ']':
    case '^':
    case '_':
        return KEYS_STRING;
    default:
        return KEYS_REST;
    }
}

/* Is what is pending no more than an Esc key and perhaps one other? */
static bool lone_escape(const struct keys *keys)
{
    return keys->state == KEYS_ENDING ||
           (keys->state != KEYS_REST && keys->by_escape && keys->count <= 2);
}

static size_t at_rest(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *key);

/* The byte after Esc. */
static size_t after_escape(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    if (byte != ESC) {
        keep(keys, byte);
        int known = look_up(keys);
        if (known >= 0 && known != KEY_CODE_MOUSE) {
            rest(keys);
            out[0] = key_of((enum key_code)known, 0);
            return 1;
        }
        if (known == KEYS_OTHER) {
            rest(keys);
            return 0;
        }
        keys->state = introduced(byte);
        if (keys->state == KEYS_REST && known == KEYS_MORE) {
            keys->state = KEYS_TABLE;
        }
        if (keys->state != KEYS_REST) {
            return 0;
        }
    }
    rest(keys);
    out[0] = key_of(KEY_CODE_ESCAPE, 0);
    return 1 + at_rest(keys, now_ns, byte, &out[1]);
}

/* A byte within Esc [, Esc O, or what the table knows to begin. */
static size_t in_sequence(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    if (byte < ' ' || byte >= DEL) {
        /* Broken off: what broke it off counts, and an Esc that was a key. */
        size_t count = 0;
        if (lone_escape(keys)) {
            out[count++] = key_of(KEY_CODE_ESCAPE, 0);
        }
        rest(keys);
        return count + at_rest(keys, now_ns, byte, &out[count]);
    }
    keep(keys, byte);
    int known = look_up(keys);
    if (known >= 0 && known != KEY_CODE_MOUSE) {
        rest(keys);
        out[0] = key_of((enum key_code)known, 0);
        return 1;
    }
    if (keys->state == KEYS_TABLE) {
        if (known != KEYS_MORE) {
            rest(keys);
        }
        return 0;
    }
    if (keys->state == KEYS_CSI && keys->count == 3 && byte == 'M') {
        keys->state = KEYS_X10;
        return 0;
    }
    if (known == KEYS_MORE || (known != KEYS_OTHER && !is_last(keys, byte))) {
        return 0;
    }
    bool is_key = known != KEYS_OTHER && usual_key(keys, &out[0]);
    rest(keys);
    return is_key;
}

static size_t in_x10(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    if (byte < MOUSE_X10_BASE) {
        rest(keys);
        return at_rest(keys, now_ns, byte, out);
    }
    keep(keys, byte);
    if (keys->count < 6) {
        return 0;
    }
    bool pressed = mouse(keys->pending[3] - MOUSE_X10_BASE, keys->pending[4] - MOUSE_X10_BASE,
                         keys->pending[5] - MOUSE_X10_BASE, &out[0]);
    rest(keys);
    return pressed;
}

static size_t in_string(struct keys *keys, unsigned char byte)
{
    enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a };

    keep(keys, byte);
    if (byte == ESC) {
        keys->state = KEYS_ENDING;
    } else if (byte == BEL || byte == CAN || byte == SUB) {
        rest(keys);
    }
    return 0;
}

static size_t in_ending(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    rest(keys);
    if (byte == '\\') {
        return 0;
    }
    at_rest(keys, now_ns, ESC, out);
    return after_escape(keys, now_ns, byte, out);
}

static size_t in_character(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    if ((byte & 0xc0) != 0x80) {
        rest(keys);
        return at_rest(keys, now_ns, byte, out);
    }
    keep(keys, byte);
    if (keys->count < utf8_length(keys->pending[0])) {
        return 0;
    }
    bool good = character(keys, &out[0]);
    rest(keys);
    return good;
}

static size_t at_rest(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *out)
{
    bool same_enter =
        byte == '\n' && keys->after_return && now_ns - keys->return_ns < KEYS_ESCAPE_NS;

    keys->after_return = byte == '\r';
    keys->return_ns = now_ns;
    keys->by_escape = byte == ESC;
    if (byte == ESC) {
        keep(keys, byte);
        keys->state = KEYS_ESC;
        return 0;
    }
    if (byte < ' ' || byte == DEL) {
        return !same_enter && control_key(byte, out);
    }
    if (byte < DEL) {
        *out = key_of(KEY_CODE_CHAR, byte);
        return 1;
    }
    if (byte < 0xa0 && introduced(byte - 0x40) != KEYS_REST) {
        /* The same introducers in one byte, as some terminals can be told to send them. */
        keep(keys, ESC);
        keep(keys, byte - 0x40);
        keys->state = introduced(byte - 0x40);
        return 0;
    }
    if (utf8_length(byte) > 0) {
        keep(keys, byte);
        keys->state = KEYS_UTF8;
    }
    return 0;
}

size_t keys_byte(struct keys *keys, int64_t now_ns, unsigned char byte,
                 struct key out[KEYS_PER_BYTE])
{
    keys->pending_ns = now_ns;
    switch (keys->state) {
    case KEYS_REST:
        return at_rest(keys, now_ns, byte, out);
    case KEYS_UTF8:
        return in_character(keys, now_ns, byte, out);
    case KEYS_ESC:
        return after_escape(keys, now_ns, byte, out);
    case KEYS_X10:
        return in_x10(keys, now_ns, byte, out);
    case KEYS_STRING:
        return in_string(keys, byte);
    case KEYS_ENDING:
        return in_ending(keys, now_ns, byte, out);
    case KEYS_TABLE:
    case KEYS_CSI:
    case KEYS_SS3:
        break;
    }
    return in_sequence(keys, now_ns, byte, out);
}

int64_t keys_due_ns(const struct keys *keys)
{
    if (keys->state == KEYS_REST) {
        return INT64_MAX;
    }
    return keys->pending_ns + (lone_escape(keys) ? KEYS_ESCAPE_NS : KEYS_SEQUENCE_NS);
}

bool keys_tick(struct keys *keys, int64_t now_ns, struct key *key)
{
    if (now_ns < keys_due_ns(keys)) {
        return false;
    }
    /* Of an Esc and one key more that would have begun a sequence, the Esc is what matters: it must
     * let go. A sequence that stopped later was never a person's. */
    bool escape = lone_escape(keys);
    rest(keys);
    *key = key_of(KEY_CODE_ESCAPE, 0);
    return escape;
}

enum direction key_direction(const struct key *key)
{
    switch (key->code) {
    case KEY_CODE_LEFT:
        return DIRECTION_LEFT;
    case KEY_CODE_RIGHT:
        return DIRECTION_RIGHT;
    case KEY_CODE_UP:
        return DIRECTION_UP;
    case KEY_CODE_DOWN:
        return DIRECTION_DOWN;
    case KEY_CODE_PAGE_UP:
        return DIRECTION_PAGE_UP;
    case KEY_CODE_PAGE_DOWN:
        return DIRECTION_PAGE_DOWN;
    case KEY_CODE_HOME:
        return DIRECTION_FIRST;
    case KEY_CODE_END:
        return DIRECTION_LAST;
    case KEY_CODE_MOUSE:
        return key->wheel < 0 ? DIRECTION_UP : key->wheel > 0 ? DIRECTION_DOWN : DIRECTION_NONE;
    case KEY_CODE_CHAR:
        switch (key->ch) {
        case 'h':
            return DIRECTION_LEFT;
        case 'j':
            return DIRECTION_DOWN;
        case 'k':
            return DIRECTION_UP;
        case 'l':
            return DIRECTION_RIGHT;
        case 'g':
            return DIRECTION_FIRST;
        case 'G':
            return DIRECTION_LAST;
        default:
            return DIRECTION_NONE;
        }
    default:
        return DIRECTION_NONE;
    }
}

size_t key_utf8(const struct key *key, char bytes[8])
{
    uint32_t ch = key->ch;
    size_t size = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; ch >>= 6) {
        bytes[i] = (char)(0x80 | (ch & 0x3F));
    }
    bytes[0] = (char)(leads[size] | ch);
    bytes[size] = '\0';
    return size;
}
