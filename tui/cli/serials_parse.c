/* Parses lists of serial numbers: lines, columns, duplicates. */
#include "tui/cli/serials.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS_MAX = 64,
    SLOTS = 4 * BATCH_UNITS_MAX,
    NO_COLUMN = -1,
};

static const char one_a_line[] = "write one serial number per line, UTF-8, at most 63 bytes";
static const char name_columns[] =
    "start it with column names, including `serial`, or write one serial number per line";

/* A piece of the text, not terminated. */
struct piece {
    const char *text;
    size_t length;
};

struct list {
    struct serials *serials;
    struct diags *diags;
    const struct serials_rules *rules;
    const char *name;
    int line;
    bool begun;     /* the first line that counts was read */
    bool no_column; /* it is a table without serials: told once, not for each of its lines */
    char delimiter; /* of columns; NUL: there are none */
    int serial_column;
    int model_column;
    int address_column;
    /* A hash table of the serials: index + 1; 0: empty. */
    uint16_t slots[SLOTS];
    int lines[BATCH_UNITS_MAX];
    int repeats[BATCH_UNITS_MAX];
};

static struct place place_in(const struct list *list, int column)
{
    return (struct place){.file = list->name, .line = list->line, .column = column};
}

/* ---- what is there twice ----------------------------------------------------------------------
 */

static uint16_t *slot_of(struct list *list, const char *serial)
{
    uint32_t at = serial_hash(serial) % SLOTS;
    while (list->slots[at] && !serial_same(list->serials->items[list->slots[at] - 1], serial)) {
        at = (at + 1) % SLOTS;
    }
    return &list->slots[at];
}

static void take_again(struct list *list, size_t known, const char *serial)
{
    const char *first = list->serials->items[known];
    if (strcmp(first, serial) == 0) {
        list->repeats[known]++;
        return;
    }
    diag_warning(list->diags, place_in(list, 1), NULL,
                 "`%s` differs from `%s` in line %d only in case: one unit, run once", serial,
                 first, list->lines[known]);
}

static void tell_repeats(struct list *list)
{
    for (size_t i = 0; i < list->serials->count; i++) {
        char times[24];
        if (list->repeats[i] == 0) {
            continue;
        }
        snprintf(times, sizeof(times), "%d times", list->repeats[i]);
        list->line = list->lines[i];
        diag_warning(list->diags, place_in(list, 1), NULL, "`%s` appears %s more; it is run once",
                     list->serials->items[i],
                     list->repeats[i] == 1   ? "once"
                     : list->repeats[i] == 2 ? "twice"
                                             : times);
    }
}

struct owner {
    const char *address;
    const char *serial;
    int line;
};

static int by_address(const void *a, const void *b)
{
    const struct owner *one = a;
    const struct owner *other = b;
    int order = strcmp(one->address, other->address);
    return order ? order : one->line - other->line;
}

/* An address belongs to one unit: otherwise what it does would be evidence for two. */
static void tell_shared(struct list *list)
{
    const struct serials *serials = list->serials;
    struct owner *owners = xcalloc((serials->count + 1) * sizeof(*owners));
    size_t count = 0;

    for (size_t i = 0; i < serials->count; i++) {
        if (serials->addresses[i][0]) {
            owners[count++] =
                (struct owner){serials->addresses[i], serials->items[i], list->lines[i]};
        }
    }
    qsort(owners, count, sizeof(*owners), by_address);
    for (size_t i = 1; i < count; i++) {
        const struct owner *first = &owners[i - 1];
        if (strcmp(first->address, owners[i].address) == 0) {
            list->line = owners[i].line;
            diag_error(list->diags, place_in(list, 1), "write the right one",
                       "`%s` has address %s, but so has `%s` in line %d", owners[i].serial,
                       owners[i].address, first->serial, first->line);
        }
    }
    free(owners);
}

/* A repeated number must not have another address. */
static void take_known(struct list *list, size_t known, const char *serial, const char *address)
{
    char *first = list->serials->addresses[known];

    if (address[0] && first[0] && strcmp(first, address) != 0) {
        diag_error(list->diags, place_in(list, 1), "write the right one",
                   "`%s` has address %s here and %s in line %d", serial, address, first,
                   list->lines[known]);
        return;
    }
    if (address[0]) {
        memcpy(first, address, TEXT_BLUETOOTH_MAX);
    }
    take_again(list, known, serial);
}

/* `address`: of the unit, "" where it is not told. */
static void take_serial(struct list *list, const struct piece *piece, int column,
                        const char *address)
{
    struct serials *serials = list->serials;
    struct serial serial;
    char why[SERIAL_WHY_MAX];
    char todo[SERIAL_WHY_MAX];
    if (!serial_read(&serial, piece->text, piece->length, &list->rules->serial)) {
        diag_error(list->diags, place_in(list, column + serial.column - 1),
                   serial_todo(todo, &serial), "%s", serial_why(why, &serial));
        return;
    }
    uint16_t *slot = slot_of(list, serial.text);
    if (*slot) {
        take_known(list, *slot - 1U, serial.text, address);
        return;
    }
    if (serials->count == BATCH_UNITS_MAX) {
        diag_error(list->diags, place_in(list, 1), "split the list into several batches",
                   "one batch takes at most %d serial numbers", BATCH_UNITS_MAX);
        return;
    }
    list->lines[serials->count] = list->line;
    memcpy(serials->gtins[serials->count], serial.gtin, sizeof(serial.gtin));
    snprintf(serials->addresses[serials->count], TEXT_BLUETOOTH_MAX, "%s", address);
    memcpy(serials->items[serials->count++], serial.text, sizeof(serial.text));
    *slot = (uint16_t)serials->count;
}

/* ---- columns ----------------------------------------------------------------------------------
 */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct piece trimmed(struct piece piece)
{
    while (piece.length > 0 && is_blank(*piece.text)) {
        piece.text++;
        piece.length--;
    }
    while (piece.length > 0 && is_blank(piece.text[piece.length - 1])) {
        piece.length--;
    }
    return piece;
}

static bool is_word(struct piece piece, const char *word)
{
    char text[32];
    if (piece.length >= sizeof(text)) {
        return false;
    }
    memcpy(text, piece.text, piece.length);
    text[piece.length] = '\0';
    return strlen(text) == piece.length && text_equal_nocase(text, word);
}

struct row {
    char text[1024]; /* the fields, without their quotes */
    struct piece fields[COLUMNS_MAX];
    int columns[COLUMNS_MAX]; /* where each begins in the line, in bytes from 1 */
    int count;
};

/* A field that forces spreadsheets to text, `="0012"`, is the text between the quotes. */
static struct piece without_formula(struct piece field)
{
    if (field.length >= 3 && strncmp(field.text, "=\"", 2) == 0 &&
        field.text[field.length - 1] == '"') {
        return (struct piece){field.text + 2, field.length - 3};
    }
    return field;
}

/* Reads one field at *at and moves *at past its delimiter. False: unterminated quote. */
static bool split_field(struct row *row, const struct piece *line, char delimiter, size_t *at,
                        size_t *used)
{
    const char *text = line->text;
    size_t from = *used;
    while (*at < line->length && text[*at] == ' ') {
        (*at)++;
    }
    bool quoted = *at < line->length && text[*at] == '"';
    bool open = quoted;
    row->columns[row->count] = (int)*at + 1 + quoted;
    for (*at += quoted; *at < line->length && (open || text[*at] != delimiter); (*at)++) {
        bool quote = quoted && text[*at] == '"';
        if (quote && open && *at + 1 < line->length && text[*at + 1] == '"') {
            (*at)++;
        } else if (quote && open) {
            open = false;
            continue;
        }
        row->text[(*used)++] = text[*at];
    }
    (*at)++;
    row->fields[row->count++] = trimmed((struct piece){row->text + from, *used - from});
    return !open;
}

static bool split(struct row *row, const struct piece *line, char delimiter)
{
    size_t at = 0;
    size_t used = 0;
    row->count = 0;
    if (line->length > sizeof(row->text)) {
        return false;
    }
    do {
        if (row->count == COLUMNS_MAX || !split_field(row, line, delimiter, &at, &used)) {
            return false;
        }
    } while (at <= line->length);
    return true;
}

static char delimiter_in(const struct piece *line)
{
    return memchr(line->text, ';', line->length)    ? ';'
           : memchr(line->text, ',', line->length)  ? ','
           : memchr(line->text, '\t', line->length) ? '\t'
                                                    : '\0';
}

static bool is_serial_name(struct piece name)
{
    static const char *const names[] = {
        "serial", "serial number", "serial_number", "serial no", "serial no.", "sn", "s/n"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_word(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_address_name(struct piece name)
{
    return is_word(name, "address") || is_word(name, "bluetooth address") ||
           is_word(name, "bluetooth_address") || is_word(name, "bd_addr");
}

/* Is the first line a header? False: it is a serial number. */
static bool take_header(struct list *list, const struct piece *line)
{
    struct row row;
    struct piece whole = trimmed(*line);
    char delimiter = delimiter_in(&whole);
    bool table = delimiter || (whole.length > 0 && whole.text[0] == '"');
    if (!split(&row, &whole, delimiter ? delimiter : ',')) {
        row.count = 0;
    }
    list->serial_column = list->model_column = list->address_column = NO_COLUMN;
    const char *twice = NULL;
    for (int i = 0; i < row.count; i++) {
        if (is_serial_name(row.fields[i])) {
            twice = list->serial_column >= 0 ? "serial" : twice;
            list->serial_column = i;
        } else if (is_word(row.fields[i], "model")) {
            twice = list->model_column >= 0 ? "model" : twice;
            list->model_column = i;
        } else if (is_address_name(row.fields[i])) {
            twice = list->address_column >= 0 ? "address" : twice;
            list->address_column = i;
        }
    }
    if (list->serial_column >= 0 && twice) {
        diag_error(list->diags, place_in(list, 1), "keep only the right one",
                   "has more than one column named `%s`", twice);
        list->no_column = true;
        return true;
    }
    if (list->serial_column >= 0) {
        list->delimiter = delimiter ? delimiter : ',';
        return true;
    }
    if (table && !list->rules->serial.gs1) {
        diag_error(list->diags, place_in(list, 1), name_columns,
                   "is a table, but has no column named `serial`");
        list->no_column = true;
        return true;
    }
    return false;
}

/* The address of a row, in capitals, "" if it has none. False: it is invalid, which is reported. */
static bool take_address(const struct list *list, const struct row *row,
                         char address[TEXT_BLUETOOTH_MAX])
{
    int column = list->address_column;
    char text[64];
    char safe[4 * sizeof(text)];

    address[0] = '\0';
    if (column < 0 || column >= row->count || row->fields[column].length == 0) {
        return true;
    }
    const struct piece *field = &row->fields[column];
    snprintf(text, sizeof(text), "%.*s", (int)(field->length < 63 ? field->length : 63),
             field->text);
    if (!text_bluetooth_address(address, text)) {
        diag_error(list->diags, place_in(list, row->columns[column]),
                   "write it like 14:3F:A6:01:02:03, or leave it empty",
                   "`%s` is not a Bluetooth address", text_printable(safe, sizeof(safe), text));
        return false;
    }
    return true;
}

static void take_row(struct list *list, const struct piece *line)
{
    struct row row;
    const char *model = list->rules->model;
    if (!split(&row, line, list->delimiter)) {
        diag_error(list->diags, place_in(list, 1), "write it as RFC 4180 specifies",
                   "is not a valid table row: unterminated quote, or far too long");
        return;
    }
    if (list->serial_column >= row.count) {
        diag_error(list->diags, place_in(list, 1), "give each line as many columns as the first",
                   "has no `serial` field: it has only %d column%s", row.count,
                   row.count == 1 ? "" : "s");
        return;
    }
    if (model && list->model_column >= 0 && list->model_column < row.count &&
        row.fields[list->model_column].length > 0 &&
        !is_word(row.fields[list->model_column], model)) {
        const struct piece *field = &row.fields[list->model_column];
        char other[64];
        char safe[256];
        snprintf(other, sizeof(other), "%.*s", (int)(field->length < 63 ? field->length : 63),
                 field->text);
        diag_error(list->diags, place_in(list, row.columns[list->model_column]),
                   "run a separate batch for each model",
                   "is for model `%s`, but this batch is for %s",
                   text_printable(safe, sizeof(safe), other), model);
        return;
    }
    struct piece field = without_formula(row.fields[list->serial_column]);
    char address[TEXT_BLUETOOTH_MAX];
    if (take_address(list, &row, address)) {
        take_serial(list, &field, row.columns[list->serial_column], address);
    }
}

/* ---- lines ------------------------------------------------------------------------------------
 */

static void take_plain(struct list *list, const struct piece *line)
{
    for (size_t i = 0; !list->rules->serial.gs1 && i < line->length; i++) {
        if (strchr(",;\"", line->text[i])) { /* a NUL was refused before */
            diag_error(list->diags, place_in(list, (int)i + 1), name_columns,
                       "contains `%c`, as a table does", line->text[i]);
            return;
        }
    }
    take_serial(list, line, 1, "");
}

static void take_line(struct list *list, const struct piece *line)
{
    struct piece whole = trimmed(*line);
    if (whole.length == 0 || whole.text[0] == '#') {
        return;
    }
    if (memchr(line->text, '\0', line->length)) {
        diag_error(list->diags, place_in(list, 1), one_a_line, "contains a NUL byte");
        return;
    }
    bool first = !list->begun;
    list->begun = true;
    if (first && take_header(list, line)) {
        return;
    }
    if (list->delimiter) {
        take_row(list, line);
    } else {
        take_plain(list, line);
    }
}

/* The line at `text`; returns what follows its end (CR, LF or both). */
static const char *cut_line(struct piece *line, const char *text, const char *end)
{
    const char *at = text;
    while (at < end && *at != '\r' && *at != '\n') {
        at++;
    }
    *line = (struct piece){text, (size_t)(at - text)};
    if (at + 1 < end && at[0] == '\r' && at[1] == '\n') {
        return at + 2;
    }
    return at < end ? at + 1 : end;
}

static bool is_utf16(const char *text, size_t length)
{
    return length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
}

static void take_lines(struct list *list, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end && !list->no_column) {
        struct piece line;
        text = cut_line(&line, text, end);
        list->line++;
        take_line(list, &line);
    }
    tell_repeats(list);
    tell_shared(list);
}

int serials_parse(struct serials *serials, struct diags *diags, const char *name, const char *text,
                  size_t length, const struct serials_rules *rules)
{
    size_t errors = diags->errors;
    *serials =
        (struct serials){.items = xcalloc(BATCH_UNITS_MAX * sizeof(*serials->items)),
                         .gtins = xcalloc(BATCH_UNITS_MAX * sizeof(*serials->gtins)),
                         .addresses = xcalloc(BATCH_UNITS_MAX * sizeof(*serials->addresses))};
    if (is_utf16(text, length)) {
        return diag_error(diags, place_of(name), "save it as UTF-8", "is UTF-16");
    }
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3; /* as spreadsheets begin a text */
        length -= 3;
    }
    struct list *list = xcalloc(sizeof(*list));
    list->serials = serials;
    list->diags = diags;
    list->rules = rules;
    list->name = name;
    take_lines(list, text, length);
    free(list);
    if (diags->errors == errors && serials->count == 0) {
        diag_error(diags, place_of(name), "write one serial number per line",
                   "contains no serial number");
    }
    return diags->errors == errors ? 0 : -1;
}

/* Its place in the list; ->count: it is not there. */
static size_t index_of(const struct serials *serials, const char *serial)
{
    size_t i = 0;
    while (i < serials->count && !serial_same(serials->items[i], serial)) {
        i++;
    }
    return i;
}

const char *serials_address(const struct serials *serials, const char *serial)
{
    size_t i = index_of(serials, serial);
    return i < serials->count && serials->addresses[i][0] ? serials->addresses[i] : NULL;
}

const char *serials_gtin(const struct serials *serials, const char *serial)
{
    size_t i = index_of(serials, serial);
    return i < serials->count && serials->gtins[i][0] ? serials->gtins[i] : NULL;
}

void serials_free(struct serials *serials)
{
    free(serials->items);
    free(serials->gtins);
    free(serials->addresses);
    *serials = (struct serials){.items = NULL};
}
