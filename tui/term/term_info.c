#include "tui/term/term_info.h"

#include <curses.h>
#include <stdint.h>
#include <string.h>
#include <term.h>

/* A text that is put together of capabilities. */
struct text {
    char *out;
    size_t size;
    size_t length;
};

static struct text text_in(char *out, size_t size)
{
    *out = '\0';
    return (struct text){.out = out, .size = size};
}

/* Without `$<5>` and its like: padding for terminals of the seventies, whose line had no XON. */
static void put(struct text *text, const char *bytes)
{
    while (bytes && *bytes) {
        const char *padding_end = strncmp(bytes, "$<", 2) == 0 ? strchr(bytes, '>') : NULL;
        if (padding_end) {
            bytes = padding_end + 1;
        } else if (text->length + 1 < text->size) {
            text->out[text->length++] = *bytes++;
        } else {
            break;
        }
    }
    text->out[text->length] = '\0';
}

/* NULL: the terminal has no such capability. */
static const char *capability(const char *name)
{
    const char *value = tigetstr(name);
    return (intptr_t)value == -1 ? NULL : value; /* -1: this terminfo knows no such name */
}

const char *term_info_unsuitable(const char *name, int fd)
{
    int error = 0;
    TERMINAL *before = cur_term;

    if (!name || !*name) {
        return "TERM is not set";
    }
    if (strcmp(name, "dumb") == 0) {
        return "TERM is `dumb`: it can only print lines";
    }
    if (setupterm(name, fd, &error) != OK) {
        return "terminfo does not know the terminal named by TERM";
    }
    bool can = capability("cup") && capability("clear") && tigetflag("gn") <= 0;
    del_curterm(cur_term);
    set_curterm(before);
    return can ? NULL : "the terminal named by TERM cannot move the cursor";
}

bool term_info_mouse(void)
{
    return capability("kmous") || capability("XM");
}

size_t term_info_enter(char *out, size_t size, bool mouse)
{
    struct text text = text_in(out, size);
    put(&text, capability("smkx"));
    if (mouse) {
        put(&text, "\033[?1000h\033[?1006h");
    }
    return text.length;
}

size_t term_info_whole_screen(char *out, size_t size, int rows)
{
    struct text text = text_in(out, size);
    const char *region = capability("csr");
    put(&text, region ? tiparm(region, 0, rows - 1) : "");
    return text.length;
}

size_t term_info_leave(char *out, size_t size, bool mouse, int rows)
{
    struct text text = text_in(out, size);
    const char *region = capability("csr");
    const char *place = capability("cup");

    if (mouse) {
        put(&text, "\033[?1006l\033[?1000l");
    }
    put(&text, capability("op"));
    put(&text, capability("sgr0"));
    put(&text, region ? tiparm(region, 0, rows - 1) : "");
    /* Where there is no other screen to leave, the shell goes on below what was shown last. */
    put(&text, place ? tiparm(place, rows - 1, 0) : "");
    put(&text, capability("el"));
    put(&text, capability("cnorm"));
    put(&text, capability("rmkx"));
    put(&text, capability("rmcup"));
    put(&text, "\r");
    return text.length;
}

int term_info_key(void *context, const char *sequence, size_t length)
{
    static const struct {
        int curses;
        enum key_code code;
    } known[] = {
        {KEY_UP, KEY_CODE_UP},           {KEY_DOWN, KEY_CODE_DOWN},
        {KEY_LEFT, KEY_CODE_LEFT},       {KEY_RIGHT, KEY_CODE_RIGHT},
        {KEY_HOME, KEY_CODE_HOME},       {KEY_FIND, KEY_CODE_HOME},
        {KEY_A1, KEY_CODE_HOME},         {KEY_END, KEY_CODE_END},
        {KEY_SELECT, KEY_CODE_END},      {KEY_C1, KEY_CODE_END},
        {KEY_PPAGE, KEY_CODE_PAGE_UP},   {KEY_A3, KEY_CODE_PAGE_UP},
        {KEY_NPAGE, KEY_CODE_PAGE_DOWN}, {KEY_C3, KEY_CODE_PAGE_DOWN},
        {KEY_DC, KEY_CODE_DELETE},       {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
        {KEY_ENTER, KEY_CODE_ENTER},     {KEY_BTAB, KEY_CODE_BACKTAB},
        {KEY_F(1), KEY_CODE_F1},         {KEY_MOUSE, KEY_CODE_MOUSE},
    };
    char text[KEYS_PENDING_MAX + 1];

    (void)context;
    if (length > KEYS_PENDING_MAX) {
        return KEYS_NO;
    }
    memcpy(text, sequence, length);
    text[length] = '\0';
    int key = key_defined(text);
    if (key == 0) {
        return KEYS_NO;
    }
    if (key < 0) {
        return KEYS_MORE;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].curses == key) {
            return (int)known[i].code;
        }
    }
    return KEYS_OTHER;
}
