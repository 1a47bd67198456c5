#include "rig/format/vcd.h"

#include "rig/base/units.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* ---- tokens ------------------------------------------------------------------------------- */

enum {
    BLOCK_SIZE = 64 * 1024,
    TOKEN_MAX = 96,   /* bytes kept of a token that crosses a block's end */
    ID_MAX = 64,      /* bytes of an identifier of ours */
    SLOTS = 1024,     /* of the hash table; well above VCD_SIGNALS_MAX */
    LISTED_MAX = 240, /* bytes of names listed when nothing was selected */
};

/* Not terminated; valid until the next one. */
struct token {
    const char *text;
    size_t length;
    char last;
    bool cut; /* there was more of it than `text` has */
    uint64_t line;
    uint64_t column;
};

enum got { GOT_TOKEN, GOT_END, GOT_ERROR };

/* A selected signal: what its identifier stands for. */
struct slot {
    uint8_t length; /* 0: free */
    int16_t index;
    char id[ID_MAX];
};

struct vcd {
    struct diags *diags;
    const char *name;
    FILE *in;
    const struct vcd_reader *reader;

    size_t at;
    size_t end;
    uint64_t line;
    uint64_t line_start; /* in bytes from the beginning of the capture, as is ... */
    uint64_t base;       /* ... that of the block */
    struct token token;

    uint64_t scale; /* ns of a unit of time are scale / divisor; 0: not told */
    uint64_t divisor;

    size_t signals; /* that the capture has */
    size_t selected;
    size_t listed_length;
    char listed[LISTED_MAX];

    bool timed; /* a time stamp was read */
    bool begun; /* the first values are told */
    int64_t start_ns;
    int64_t now_ns;
    bool wanted[VCD_SIGNALS_MAX];
    bool levels[VCD_SIGNALS_MAX];
    struct slot slots[SLOTS];

    char carried[TOKEN_MAX];
    char block[BLOCK_SIZE];
};

static int clamp_int(uint64_t value)
{
    return value > INT_MAX ? INT_MAX : (int)value;
}

static struct place token_place(const struct vcd *vcd)
{
    return (struct place){.file = vcd->name,
                          .line = clamp_int(vcd->token.line),
                          .column = clamp_int(vcd->token.column)};
}

/* The place of the byte that would be read next. */
static struct place here(const struct vcd *vcd)
{
    return (struct place){.file = vcd->name,
                          .line = clamp_int(vcd->line),
                          .column = clamp_int(vcd->base + vcd->at - vcd->line_start + 1)};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next block. False at the end, or when reading fails. */
static bool refill(struct vcd *vcd)
{
    vcd->base += vcd->end;
    vcd->at = 0;
    vcd->end = fread(vcd->block, 1, sizeof(vcd->block), vcd->in);
    return vcd->end > 0;
}

static enum got ended(struct vcd *vcd)
{
    if (ferror(vcd->in)) {
        diag_error(vcd->diags, place_of(vcd->name), NULL, "cannot be read: %s", strerror(errno));
        return GOT_ERROR;
    }
    return GOT_END;
}

static enum got has_nul(struct vcd *vcd)
{
    diag_error(vcd->diags, here(vcd), "use a value change dump (VCD)",
               "is not text: it contains a NUL byte");
    return GOT_ERROR;
}

/* Leave white space behind. False at the end. */
static bool skip_space(struct vcd *vcd)
{
    for (;;) {
        for (; vcd->at < vcd->end; vcd->at++) {
            char c = vcd->block[vcd->at];
            if (!is_space(c)) {
                return true;
            }
            if (c == '\n') {
                vcd->line++;
                vcd->line_start = vcd->base + vcd->at + 1;
            }
        }
        if (!refill(vcd)) {
            return false;
        }
    }
}

/* The token goes on behind the block that ends here: gather it. */
static enum got carry(struct vcd *vcd, size_t start)
{
    struct token *token = &vcd->token;

    token->text = vcd->carried;
    token->length = 0;
    for (;;) {
        size_t length = vcd->at - start;
        size_t room = TOKEN_MAX - token->length;
        token->cut |= length > room;
        memcpy(vcd->carried + token->length, vcd->block + start, length < room ? length : room);
        token->length += length < room ? length : room;
        if (length) {
            token->last = vcd->block[vcd->at - 1];
        }
        if (vcd->at < vcd->end) {
            return vcd->block[vcd->at] ? GOT_TOKEN : has_nul(vcd);
        }
        if (!refill(vcd)) {
            return ended(vcd) == GOT_END ? GOT_TOKEN : GOT_ERROR;
        }
        start = 0;
        while (vcd->at < vcd->end && !is_space(vcd->block[vcd->at]) && vcd->block[vcd->at]) {
            vcd->at++;
        }
    }
}

static enum got next_token(struct vcd *vcd)
{
    if (!skip_space(vcd)) {
        return ended(vcd);
    }
    size_t start = vcd->at;
    vcd->token.line = vcd->line;
    vcd->token.column = vcd->base + start - vcd->line_start + 1;
    vcd->token.cut = false;
    while (vcd->at < vcd->end && !is_space(vcd->block[vcd->at]) && vcd->block[vcd->at]) {
        vcd->at++;
    }
    if (vcd->at == vcd->end) {
        return carry(vcd, start);
    }
    if (!vcd->block[vcd->at]) {
        return has_nul(vcd);
    }
    vcd->token.text = vcd->block + start;
    vcd->token.length = vcd->at - start;
    vcd->token.last = vcd->block[vcd->at - 1];
    return GOT_TOKEN;
}

static bool token_is(const struct vcd *vcd, const char *text)
{
    return vcd->token.length == strlen(text) &&
           memcmp(vcd->token.text, text, vcd->token.length) == 0;
}

/* The token, for messages. */
static int shown(const struct vcd *vcd)
{
    enum { SHOWN_MAX = 40 };
    return vcd->token.length < SHOWN_MAX ? (int)vcd->token.length : SHOWN_MAX;
}

/* A token that must be there. False after an error. */
static bool need_token(struct vcd *vcd, const char *section)
{
    enum got got = next_token(vcd);
    if (got == GOT_END) {
        diag_error(vcd->diags, here(vcd), "save the capture again", "ends within %s", section);
    }
    return got == GOT_TOKEN;
}

/* To the section's $end. What stands in it goes to `text` (of VCD_HEADER_MAX bytes), unless that is
 * NULL: words with a space between, as many as fit. */
static int take_section(struct vcd *vcd, char *text)
{
    struct place begin = token_place(vcd);
    size_t used = 0;

    for (;;) {
        enum got got = next_token(vcd);
        if (got == GOT_END) {
            return diag_error(vcd->diags, begin, "save the capture again",
                              "the section that begins here has no $end");
        }
        if (got == GOT_ERROR) {
            return -1;
        }
        if (token_is(vcd, "$end")) {
            return 0;
        }
        size_t length = vcd->token.length;
        if (text && used + length + 2 < VCD_HEADER_MAX) {
            text[used] = ' ';
            used += used > 0;
            memcpy(text + used, vcd->token.text, length);
            used += length;
            text[used] = '\0';
        }
    }
}

static int skip_section(struct vcd *vcd)
{
    return take_section(vcd, NULL);
}

/* $version and $comment, for who asks. */
static int read_header(struct vcd *vcd)
{
    char text[VCD_HEADER_MAX] = "";

    if (take_section(vcd, text) != 0) {
        return -1;
    }
    if (vcd->reader->header) {
        vcd->reader->header(vcd->reader->context, text);
    }
    return 0;
}

/* ---- definitions -------------------------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The number in front of a unit: digits with or without a point, at *text, which moves past it. It
 * is *number / *divisor. False when it is none, nought, or longer than any instrument's. */
static bool parse_number(const char **text, uint64_t *number, uint64_t *divisor)
{
    enum { DIGITS_MAX = 9 };
    int digits = 0;
    bool point = false;

    *number = 0;
    *divisor = 1;
    for (; (**text >= '0' && **text <= '9') || (**text == '.' && !point); (*text)++) {
        if (**text == '.') {
            point = true;
            continue;
        }
        *number = *number * 10 + (uint64_t)(**text - '0');
        *divisor *= point ? 10 : 1;
        if (++digits > DIGITS_MAX) {
            return false;
        }
    }
    return *number > 0;
}

/* "1ns", "100ps", "0.1ps": in `vcd`. False when it is nothing of the kind. */
static bool parse_timescale(struct vcd *vcd, const char *text)
{
    static const struct {
        const char *unit;
        uint64_t scale;
        uint64_t divisor;
    } units[] = {
        {"fs", 1, 1000000}, {"ps", 1, 1000},      {"ns", 1, 1},
        {"us", 1000, 1},    {"ms", NS_PER_MS, 1}, {"s", NS_PER_S, 1},
    };
    uint64_t number;
    uint64_t divisor;

    if (!parse_number(&text, &number, &divisor)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text, units[i].unit) == 0) {
            number *= units[i].scale; /* of nine digits each: no overflow */
            divisor *= units[i].divisor;
            uint64_t common = common_divisor(number, divisor);
            vcd->scale = number / common;
            vcd->divisor = divisor / common;
            return true;
        }
    }
    return false;
}

static int read_timescale(struct vcd *vcd)
{
    struct place begin = token_place(vcd);
    char text[24] = "";
    size_t length = 0;

    for (;;) {
        if (!need_token(vcd, "$timescale")) {
            return -1;
        }
        if (token_is(vcd, "$end")) {
            break;
        }
        for (size_t i = 0; i < vcd->token.length && length < sizeof(text) - 1; i++) {
            text[length++] = vcd->token.text[i];
        }
        text[length] = '\0';
    }
    if (!parse_timescale(vcd, text)) {
        return diag_error(vcd->diags, begin, "write it as a number and one of s ms us ns ps fs",
                          "$timescale `%s` is not a unit of time", text);
    }
    return 0;
}

static uint32_t hash(const char *id, size_t length)
{
    uint32_t value = 2166136261U;
    for (size_t i = 0; i < length; i++) {
        value = (value ^ (unsigned char)id[i]) * 16777619U;
    }
    return value ^ value >> 15;
}

/* The first slot at or after `at` that is free or holds the identifier. */
static size_t find_slot(const struct vcd *vcd, size_t at, const char *id, size_t length)
{
    for (;; at++) {
        const struct slot *slot = &vcd->slots[at % SLOTS];
        if (slot->length == 0 || (slot->length == length && memcmp(slot->id, id, length) == 0)) {
            return at % SLOTS;
        }
    }
}

static int add_signal(struct vcd *vcd, struct place place, const char *id, size_t length,
                      const char *name, int index)
{
    size_t at = find_slot(vcd, hash(id, length), id, length);

    while (vcd->slots[at].length && vcd->slots[at].index != index) {
        at = find_slot(vcd, at + 1, id, length);
    }
    if (vcd->slots[at].length) {
        return 0; /* the same signal again, in another scope */
    }
    if (vcd->wanted[index]) {
        return diag_error(vcd->diags, place, "leave one of them, or rename the other",
                          "the capture has two signals named `%s`", name);
    }
    struct slot *slot = &vcd->slots[at];
    memcpy(slot->id, id, length);
    slot->length = (uint8_t)length;
    slot->index = (int16_t)index;
    vcd->wanted[index] = true;
    vcd->selected++;
    return 0;
}

static void list_signal(struct vcd *vcd, const char *name, bool narrow)
{
    size_t room = sizeof(vcd->listed) - vcd->listed_length;
    int length = snprintf(vcd->listed + vcd->listed_length, room, "%s%s%s",
                          vcd->signals ? ", " : "", name, narrow ? "" : " (not one bit)");
    vcd->signals++;
    if (length < 0 || (size_t)length >= room) {
        /* The list ends in front of the one that has no room. */
        vcd->listed[vcd->listed_length] = '\0';
        vcd->listed_length = sizeof(vcd->listed) - 1;
        return;
    }
    vcd->listed_length += (size_t)length;
}

/* A word of a signal's name; names may be of several. */
static void add_to_name(const struct token *token, char name[VCD_NAME_MAX])
{
    const char *text = token->text;
    size_t length = token->length;
    size_t used = strlen(name);

    if (text[0] == '[') {
        return; /* its bit range */
    }
    if (used == 0 && text[0] == '\\') { /* an escaped name of Verilog */
        text++;
        length--;
    }
    const char *range = memchr(text, '[', length);
    length = range ? (size_t)(range - text) : length;
    size_t room = VCD_NAME_MAX - 1 - used;
    if (used && room && length) {
        name[used++] = ' ';
        room--;
    }
    length = length < room ? length : room;
    memcpy(name + used, text, length);
    name[used + length] = '\0';
}

/* $var TYPE BITS ID NAME [RANGE] $end */
static int read_var(struct vcd *vcd)
{
    struct place begin = token_place(vcd);
    char id[ID_MAX];
    char name[VCD_NAME_MAX] = "";

    if (!need_token(vcd, "$var")) {
        return -1;
    }
    bool narrow = !token_is(vcd, "real") && !token_is(vcd, "realtime") && !token_is(vcd, "string");
    if (!need_token(vcd, "$var")) {
        return -1;
    }
    if (vcd->token.text[0] < '0' || vcd->token.text[0] > '9') {
        return diag_error(vcd->diags, token_place(vcd), "save the capture again",
                          "`%.*s` is not a number of bits", shown(vcd), vcd->token.text);
    }
    narrow = narrow && token_is(vcd, "1");
    if (!need_token(vcd, "$var")) {
        return -1;
    }
    size_t length = vcd->token.length;
    bool fits = length <= ID_MAX && !vcd->token.cut;
    memcpy(id, vcd->token.text, length < ID_MAX ? length : ID_MAX);
    for (size_t words = 0;; words++) {
        if (!need_token(vcd, "$var")) {
            return -1;
        }
        if (token_is(vcd, "$end")) {
            if (words == 0) {
                return diag_error(vcd->diags, begin, "save the capture again",
                                  "a signal has no name");
            }
            break;
        }
        add_to_name(&vcd->token, name);
    }
    list_signal(vcd, name, narrow);
    int index = narrow ? vcd->reader->select(vcd->reader->context, name) : -1;
    if (index < 0) {
        return 0;
    }
    assert(index < VCD_SIGNALS_MAX);
    if (!fits) {
        return diag_error(vcd->diags, begin, NULL, "`%s` has an identifier of more than %d bytes",
                          name, ID_MAX);
    }
    return add_signal(vcd, begin, id, length, name, index);
}

static int read_definitions(struct vcd *vcd)
{
    static const char todo[] = "use a value change dump (VCD), as PulseView and GTKWave write it";
    bool meta = false;

    for (;;) {
        enum got got = next_token(vcd);
        if (got == GOT_END) {
            return diag_error(vcd->diags, here(vcd), todo,
                              "the capture ends before its $enddefinitions");
        }
        if (got == GOT_ERROR) {
            return -1;
        }
        /* sigrok-cli prints `META samplerate: 1000000` ahead of it. */
        meta = token_is(vcd, "META") || (meta && vcd->token.text[0] != '$');
        if (meta) {
            continue;
        }
        if (vcd->token.text[0] != '$') {
            return diag_error(vcd->diags, token_place(vcd), todo,
                              "`%.*s` before $enddefinitions is not a definition", shown(vcd),
                              vcd->token.text);
        }
        if (token_is(vcd, "$enddefinitions")) {
            return skip_section(vcd);
        }
        bool header = token_is(vcd, "$version") || token_is(vcd, "$comment");
        int failed = token_is(vcd, "$timescale") ? read_timescale(vcd)
                     : token_is(vcd, "$var")     ? read_var(vcd)
                     : header                    ? read_header(vcd)
                                                 : skip_section(vcd);
        if (failed) {
            return -1;
        }
    }
}

static int check_definitions(struct vcd *vcd)
{
    if (vcd->scale == 0) {
        return diag_error(vcd->diags, place_of(vcd->name),
                          "add one, such as `$timescale 1 ns $end`", "has no $timescale");
    }
    if (vcd->signals == 0) {
        return diag_error(vcd->diags, place_of(vcd->name), vcd->reader->wanted, "has no signals");
    }
    if (vcd->selected == 0) {
        bool all = vcd->listed_length < sizeof(vcd->listed) - 1;
        return diag_error(vcd->diags, place_of(vcd->name), vcd->reader->wanted,
                          "has none of the expected signals; it has %s%s", vcd->listed,
                          all ? "" : ", ...");
    }
    return 0;
}

/* ---- changes ------------------------------------------------------------------------------ */

/* The beginning is over: tell what the levels were. */
static void begin(struct vcd *vcd)
{
    vcd->begun = true;
    for (int i = 0; i < VCD_SIGNALS_MAX; i++) {
        if (vcd->wanted[i]) {
            vcd->reader->change(vcd->reader->context, i, vcd->start_ns, vcd->levels[i]);
        }
    }
}

static int read_time(struct vcd *vcd)
{
    const struct token *token = &vcd->token;
    uint64_t time = 0;
    bool digits = token->length > 1;
    bool fits = !token->cut;

    for (size_t i = 1; i < token->length && digits; i++) {
        digits = token->text[i] >= '0' && token->text[i] <= '9';
        fits = fits && !__builtin_mul_overflow(time, UINT64_C(10), &time) &&
               !__builtin_add_overflow(time, (uint64_t)(token->text[i] - '0'), &time);
    }
    if (!digits) {
        return diag_error(vcd->diags, token_place(vcd), "save the capture again",
                          "`%.*s` is not a time stamp", shown(vcd), token->text);
    }
    if (!fits || __builtin_mul_overflow(time, vcd->scale, &time) ||
        time / vcd->divisor > (uint64_t)VCD_TIME_MAX_NS) {
        return diag_error(vcd->diags, token_place(vcd), "check the capture's $timescale",
                          "time stamp `%.*s` is too large", shown(vcd), token->text);
    }
    int64_t time_ns = (int64_t)(time / vcd->divisor);
    if (!vcd->timed) {
        vcd->timed = true;
        vcd->start_ns = time_ns;
    } else if (time_ns < vcd->now_ns) {
        return diag_error(vcd->diags, token_place(vcd), "save the capture again",
                          "time goes backwards by %" PRId64 " ns", vcd->now_ns - time_ns);
    } else if (time_ns > vcd->now_ns && !vcd->begun) {
        begin(vcd);
    }
    vcd->now_ns = time_ns;
    return 0;
}

static int read_value(struct vcd *vcd, char value, const char *id, size_t length)
{
    bool level = value == '1' || value == 'h' || value == 'H';

    if (length == 0) {
        return diag_error(vcd->diags, token_place(vcd), "save the capture again",
                          "a value has no signal");
    }
    if (length > ID_MAX || vcd->token.cut) {
        return 0; /* none of ours */
    }
    for (size_t at = find_slot(vcd, hash(id, length), id, length); vcd->slots[at].length;
         at = find_slot(vcd, at + 1, id, length)) {
        int index = vcd->slots[at].index;
        if (vcd->begun && vcd->levels[index] != level) {
            vcd->reader->change(vcd->reader->context, index, vcd->now_ns, level);
        }
        vcd->levels[index] = level;
    }
    return 0;
}

/* `b0101 ID`: of a one-bit signal the last bit counts. `r` and `s` are never ours. */
static int read_wide_value(struct vcd *vcd)
{
    bool bits = vcd->token.text[0] == 'b' || vcd->token.text[0] == 'B';
    char last = vcd->token.last;

    if (!need_token(vcd, "a value")) {
        return -1;
    }
    return bits ? read_value(vcd, last, vcd->token.text, vcd->token.length) : 0;
}

static int read_keyword(struct vcd *vcd)
{
    /* What stands between these and their $end are values like others. */
    static const char *const transparent[] = {"$dumpvars", "$dumpall", "$dumpon", "$dumpoff",
                                              "$end"};
    for (size_t i = 0; i < sizeof(transparent) / sizeof(transparent[0]); i++) {
        if (token_is(vcd, transparent[i])) {
            return 0;
        }
    }
    return skip_section(vcd);
}

static int read_change(struct vcd *vcd)
{
    const struct token *token = &vcd->token;

    switch (token->text[0]) {
    case '#':
        return read_time(vcd);
    case '0':
    case '1':
    case 'x':
    case 'X':
    case 'z':
    case 'Z':
    case 'u': /* the rest of VHDL's nine values, as GHDL and GTKWave have them */
    case 'U':
    case 'w':
    case 'W':
    case 'l':
    case 'L':
    case 'h':
    case 'H':
    case '-':
        return read_value(vcd, token->text[0], token->text + 1, token->length - 1);
    case 'b':
    case 'B':
    case 'r':
    case 'R':
    case 's':
    case 'S':
        return read_wide_value(vcd);
    case '$':
        return read_keyword(vcd);
    default:
        return diag_error(vcd->diags, token_place(vcd), "save the capture again",
                          "`%.*s` is not a value change", shown(vcd), token->text);
    }
}

static int read_changes(struct vcd *vcd)
{
    for (;;) {
        enum got got = next_token(vcd);
        if (got == GOT_ERROR || (got == GOT_TOKEN && read_change(vcd) != 0)) {
            return -1;
        }
        if (got == GOT_END) {
            break;
        }
    }
    if (!vcd->timed) {
        return diag_error(vcd->diags, here(vcd), "save the capture again",
                          "the capture ends before its first time stamp");
    }
    if (!vcd->begun) {
        begin(vcd);
    }
    return 0;
}

int vcd_read_stream(struct diags *diags, const char *name, FILE *in,
                    const struct vcd_reader *reader, int64_t *start_ns, int64_t *end_ns)
{
    struct vcd vcd;

    /* The two buffers at its end are written before they are read. */
    memset(&vcd, 0, offsetof(struct vcd, carried));
    vcd.diags = diags;
    vcd.name = name;
    vcd.in = in;
    vcd.reader = reader;
    vcd.line = 1;
    if (read_definitions(&vcd) != 0 || check_definitions(&vcd) != 0 || read_changes(&vcd) != 0) {
        return -1;
    }
    *start_ns = vcd.start_ns;
    *end_ns = vcd.now_ns;
    return 0;
}

int vcd_read(struct diags *diags, const char *path, const struct vcd_reader *reader,
             int64_t *start_ns, int64_t *end_ns)
{
    FILE *in = fopen(path, "re");
    if (!in) {
        return diag_error(diags, place_of(path), "name a readable capture", "cannot be read: %s",
                          strerror(errno));
    }
    int failed = vcd_read_stream(diags, path, in, reader, start_ns, end_ns);
    fclose(in);
    return failed;
}
