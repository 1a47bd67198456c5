/*
 * Keys: from the bytes a terminal sends to what was pressed. A decoder without I/O: bytes and time
 * go in, keys come out; what a sequence means it asks a table (terminfo's, through curses).
 *
 * Hostile input is expected: bytes that are no UTF-8 and sequences that nobody knows are dropped,
 * each as a whole, and never come out as letters.
 */
#ifndef LONGPRESS_TUI_KEYS_H
#define LONGPRESS_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A lone Esc is one when nothing followed for so long. Within the 50 ms in which Esc must let go of
 * everything. */
#define KEYS_ESCAPE_NS INT64_C(25000000)

enum key_code {
    KEY_CODE_CHAR, /* ch: a Unicode scalar value that is printable, or space */
    KEY_CODE_CTRL, /* ch: 'a' to 'z' with Ctrl, but for those below */
    KEY_CODE_ENTER,
    KEY_CODE_TAB,
    KEY_CODE_BACKTAB,
    KEY_CODE_BACKSPACE,
    KEY_CODE_DELETE,
    KEY_CODE_ESCAPE,
    KEY_CODE_UP,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_F1,    /* help */
    KEY_CODE_MOUSE, /* a press of the left button at column, row; wheel: -1 up, 1 down, 0 none */
    KEY_CODE_HANGUP,
};

struct key {
    enum key_code code;
    uint32_t ch;
    int column; /* 0-based */
    int row;
    int wheel;
};

/* Is this sequence (Esc included) a key's? KEYS_NO, KEYS_MORE (a beginning of one), else the
 * enum key_code. */
enum { KEYS_NO = -1, KEYS_MORE = -2 };
typedef int keys_lookup(void *context, const char *sequence, size_t length);

enum { KEYS_PENDING_MAX = 64 };

/* Private. */
struct keys {
    keys_lookup *lookup;
    void *context;
    unsigned char pending[KEYS_PENDING_MAX];
    size_t pending_count;
    int64_t pending_ns; /* when the first of them came */
};

void keys_init(struct keys *keys, keys_lookup *lookup, void *context);

/* One byte that came at `now_ns`. True with *key when it completes a key. */
bool keys_byte(struct keys *keys, int64_t now_ns, unsigned char byte, struct key *key);
/* Time has come to `now_ns`: true with *key when what is pending is a lone Esc by now. Call it
 * until false. */
bool keys_tick(struct keys *keys, int64_t now_ns, struct key *key);
/* When keys_tick can next tell something; INT64_MAX: only a byte can. */
int64_t keys_due_ns(const struct keys *keys);

#endif
