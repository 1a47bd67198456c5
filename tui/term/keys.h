/*
 * Decodes the bytes that a terminal sends into keys. No I/O: bytes and times go in, keys come out;
 * a table (terminfo's, through curses) gives the meaning of sequences.
 *
 * Input may be hostile: invalid UTF-8 and unknown sequences are dropped, each as a whole, and never
 * come out as letters.
 */
#ifndef LONGPRESS_TUI_KEYS_H
#define LONGPRESS_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long nothing must follow an Esc for it to be a lone one. Less than the 50 ms within which Esc
 * must release everything. */
#define KEYS_ESCAPE_NS INT64_C(25000000)
/* After this time an unfinished sequence is dropped. */
#define KEYS_SEQUENCE_NS INT64_C(100000000)

enum key_code {
    KEY_CODE_CHAR, /* ch: a Unicode scalar value that is printable, or space */
    KEY_CODE_CTRL, /* ch: 'a' to 'z' with Ctrl, but for those below; '|', '}', '~' and DEL are the
                      separators FS, GS, RS and US, which scanners send */
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

/* Looks up a sequence (Esc included): KEYS_NO, KEYS_MORE (a prefix of one), KEYS_OTHER (a key of no
 * use here), else the enum key_code, from KEY_CODE_ENTER on; KEY_CODE_MOUSE means that a mouse
 * report starts this way. */
enum { KEYS_NO = -1, KEYS_MORE = -2, KEYS_OTHER = -3 };
typedef int keys_lookup(void *context, const char *sequence, size_t length);

enum {
    KEYS_PENDING_MAX = 64, /* a longer sequence is nobody's */
    KEYS_PER_BYTE = 2,     /* Esc, and the key that showed that it was a lone one */
};

/* Private. */
enum keys_state {
    KEYS_REST,
    KEYS_UTF8,   /* within a character */
    KEYS_ESC,    /* Esc, and nothing yet */
    KEYS_TABLE,  /* Esc and what only the table knows */
    KEYS_CSI,    /* Esc [ */
    KEYS_SS3,    /* Esc O */
    KEYS_X10,    /* Esc [ M, a mouse's three bytes */
    KEYS_STRING, /* Esc ], Esc P and their like: up to their end */
    KEYS_ENDING, /* Esc within one of these: Esc \ ends it */
};

struct keys {
    keys_lookup *lookup; /* NULL: there is no table */
    void *context;
    enum keys_state state;
    unsigned char pending[KEYS_PENDING_MAX];
    size_t count;       /* bytes pending; more than were kept, when it is too long */
    int64_t pending_ns; /* when the last of them came */
    bool by_escape;     /* it began with Esc, not with a C1 control */
    bool after_return;  /* a line feed that follows at once is of the same Enter */
    int64_t return_ns;
};

void keys_init(struct keys *keys, keys_lookup *lookup, void *context);

/* Decode one byte received at `now_ns`. Returns how many keys it completes. */
size_t keys_byte(struct keys *keys, int64_t now_ns, unsigned char byte,
                 struct key out[KEYS_PER_BYTE]);
/* Advance the time to `now_ns`: true with *key if the pending byte has become a lone Esc; an
 * unfinished sequence is dropped. */
bool keys_tick(struct keys *keys, int64_t now_ns, struct key *key);
/* When keys_tick has something to do; INT64_MAX: only another byte can change anything. */
int64_t keys_due_ns(const struct keys *keys);

enum direction {
    DIRECTION_NONE,
    DIRECTION_LEFT,
    DIRECTION_RIGHT,
    DIRECTION_UP,
    DIRECTION_DOWN,
    DIRECTION_PAGE_UP,
    DIRECTION_PAGE_DOWN,
    DIRECTION_FIRST,
    DIRECTION_LAST,
};

/* Arrows, hjkl, Home and g, End and G, page keys, the wheel. */
enum direction key_direction(const struct key *key);

/* The UTF-8 of a KEY_CODE_CHAR, terminated. Its length. */
size_t key_utf8(const struct key *key, char bytes[8]);

#endif
