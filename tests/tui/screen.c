#include "tests/tui/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

struct screen {
    struct tap tap;
    VTerm *vterm;
    VTermScreen *cells;
    unsigned wraps;
    bool at_edge; /* the last column was written, and nothing but text can follow on this line */
};

static_assert(SCREEN_CHARS_MAX == VTERM_MAX_CHARS_PER_CELL, "a cell holds what libvterm's holds");

static void on_emit(void *context, const char *bytes, size_t count)
{
    struct screen *screen = context;
    if ((unsigned char)bytes[0] < 0x20) { /* Esc is one of them */
        /* Colours do not move the cursor. */
        if (bytes[count - 1] != 'm')
            screen->at_edge = false;
    }
    vterm_input_write(screen->vterm, bytes, count);
}

static void on_text(void *context, int columns)
{
    struct screen *screen = context;
    int rows;
    int width;
    VTermPos at;
    vterm_get_size(screen->vterm, &rows, &width);
    vterm_state_get_cursorpos(vterm_obtain_state(screen->vterm), &at);
    if (columns > 0 && (screen->at_edge || at.col + columns > width))
        screen->wraps++;
    screen->at_edge = at.col + columns == width;
}

struct screen *screen_new(int rows, int columns)
{
    struct screen *screen = calloc(1, sizeof *screen);
    assert(screen);
    tap_init(&screen->tap, rows);
    screen->tap.context = screen;
    screen->tap.emit = on_emit;
    screen->tap.text = on_text;
    screen->vterm = vterm_new(rows, columns);
    vterm_set_utf8(screen->vterm, 1);
    screen->cells = vterm_obtain_screen(screen->vterm);
    vterm_screen_enable_altscreen(screen->cells, 1);
    vterm_screen_reset(screen->cells, 1);
    return screen;
}

void screen_free(struct screen *screen)
{
    if (!screen)
        return;
    vterm_free(screen->vterm);
    free(screen);
}

void screen_feed(struct screen *screen, const char *bytes, size_t count)
{
    tap_feed(&screen->tap, bytes, count);
    vterm_screen_flush_damage(screen->cells);
}

void screen_resize(struct screen *screen, int rows, int columns)
{
    vterm_set_size(screen->vterm, rows, columns);
    tap_rows(&screen->tap, rows);
}

void screen_size(const struct screen *screen, int *rows, int *columns)
{
    vterm_get_size(screen->vterm, rows, columns);
}

void screen_cursor(const struct screen *screen, int *row, int *column)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(screen->vterm), &at);
    *row = at.row;
    *column = at.col;
}

struct tap *screen_tap(struct screen *screen)
{
    return &screen->tap;
}

unsigned screen_outside(const struct screen *screen)
{
    int rows;
    int columns;
    screen_size(screen, &rows, &columns);
    return screen->wraps + (screen->tap.row_max > rows || screen->tap.column_max > columns);
}

void screen_forgive(struct screen *screen)
{
    screen->wraps = 0;
    screen->tap.row_max = screen->tap.column_max = 0;
}

static struct colour colour_of(const struct screen *screen, VTermColor colour, bool is_default)
{
    struct colour out = {.kind = COLOUR_DEFAULT};
    if (is_default)
        return out;
    out.kind = VTERM_COLOR_IS_INDEXED(&colour) ? COLOUR_INDEXED : COLOUR_RGB;
    if (out.kind == COLOUR_INDEXED)
        out.index = colour.indexed.idx;
    vterm_screen_convert_color_to_rgb(screen->cells, &colour);
    out.red = colour.rgb.red;
    out.green = colour.rgb.green;
    out.blue = colour.rgb.blue;
    return out;
}

struct cell screen_cell(const struct screen *screen, int row, int column)
{
    VTermScreenCell from;
    struct cell cell;
    memset(&cell, 0, sizeof cell);
    memset(&from, 0, sizeof from);
    vterm_screen_get_cell(screen->cells, (VTermPos){.row = row, .col = column}, &from);
    if (from.chars[0] != UINT32_MAX) {
        for (int i = 0; i < SCREEN_CHARS_MAX && from.chars[i]; i++)
            cell.chars[i] = from.chars[i];
        cell.width = (unsigned char)from.width;
    }
    cell.bold = from.attrs.bold;
    cell.underline = from.attrs.underline != 0;
    cell.italic = from.attrs.italic;
    cell.blink = from.attrs.blink;
    cell.reverse = from.attrs.reverse;
    cell.strike = from.attrs.strike;
    cell.foreground = colour_of(screen, from.fg, VTERM_COLOR_IS_DEFAULT_FG(&from.fg));
    cell.background = colour_of(screen, from.bg, VTERM_COLOR_IS_DEFAULT_BG(&from.bg));
    return cell;
}

uint64_t screen_hash(const struct screen *screen)
{
    int rows;
    int columns;
    uint64_t hash = 14695981039346656037U;
    screen_size(screen, &rows, &columns);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            struct cell cell = screen_cell(screen, row, column);
            const uint32_t words[] = {
                cell.chars[0] ? cell.chars[0] : ' ',
                cell.chars[1],
                cell.chars[2],
                (uint32_t)(cell.bold | cell.underline << 1 | cell.italic << 2 | cell.blink << 3 |
                           cell.reverse << 4 | cell.strike << 5),
                (uint32_t)cell.foreground.kind << 24 | (uint32_t)cell.foreground.red << 16 |
                    (uint32_t)cell.foreground.green << 8 | cell.foreground.blue,
                (uint32_t)cell.background.kind << 24 | (uint32_t)cell.background.red << 16 |
                    (uint32_t)cell.background.green << 8 | cell.background.blue,
            };
            for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                hash = (hash ^ words[i]) * 1099511628211U;
        }
    return hash;
}

/* ---- as text ---- */

static size_t put_utf8(char *out, uint32_t ch)
{
    if (ch < 0x80) {
        out[0] = (char)ch;
        return 1;
    }
    int more = ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[more] | ch >> (6 * more));
    for (int i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (ch >> (6 * (more - i)) & 0x3f));
    return (size_t)more + 1;
}

char *screen_row(const struct screen *screen, int row)
{
    int rows;
    int columns;
    screen_size(screen, &rows, &columns);
    char *text = malloc((size_t)columns * SCREEN_CHARS_MAX * 4 + 1);
    assert(text);
    size_t used = 0;
    size_t end = 0;
    for (int column = 0; column < columns; column++) {
        struct cell cell = screen_cell(screen, row, column);
        if (cell.width == 0 && cell.chars[0] == 0)
            continue;
        if (cell.chars[0] == 0)
            text[used++] = ' ';
        for (int i = 0; cell.chars[i]; i++)
            used += put_utf8(text + used, cell.chars[i]);
        if (cell.chars[0] != 0 && (cell.chars[0] != ' ' || cell.chars[1]))
            end = used;
    }
    text[end] = '\0';
    return text;
}

char *screen_text(const struct screen *screen)
{
    int rows;
    int columns;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    screen_size(screen, &rows, &columns);
    for (int row = 0; row < rows; row++) {
        char *line = screen_row(screen, row);
        fprintf(out, "%s\n", line);
        free(line);
    }
    fclose(out);
    return text;
}

static void put_colour(FILE *out, const char *before, struct colour colour)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    if (colour.kind == COLOUR_RGB)
        fprintf(out, " %s#%02x%02x%02x", before, colour.red, colour.green, colour.blue);
    else if (colour.index < 8)
        fprintf(out, " %s%s", before, names[colour.index]);
    else if (colour.index < 16)
        fprintf(out, " %sbright-%s", before, names[colour.index - 8]);
    else
        fprintf(out, " %scolour-%d", before, colour.index);
}

/* " bold red on-blue", "" for a plain cell. A blank has no foreground that anybody sees. */
static void style_words(struct cell cell, char *words, size_t size)
{
    bool blank = (cell.chars[0] == 0 || cell.chars[0] == ' ') && !cell.underline && !cell.strike;
    FILE *out = fmemopen(words, size, "w");
    assert(out);
    const struct {
        bool on;
        const char *word;
    } all[] = {{cell.bold && !blank, " bold"},     {cell.underline, " underline"},
               {cell.italic && !blank, " italic"}, {cell.blink && !blank, " blink"},
               {cell.reverse, " reverse"},         {cell.strike, " strike"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].on)
            fputs(all[i].word, out);
    if (cell.foreground.kind != COLOUR_DEFAULT && (!blank || cell.reverse))
        put_colour(out, "", cell.foreground);
    if (cell.background.kind != COLOUR_DEFAULT && (!blank || !cell.reverse))
        put_colour(out, "on-", cell.background);
    fputc('\0', out);
    fclose(out);
    words[size - 1] = '\0';
}

char *screen_style(const struct screen *screen, int row)
{
    int rows;
    int columns;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    screen_size(screen, &rows, &columns);
    char now[128] = "";
    int since = 0;
    bool first = true;
    for (int column = 0; column <= columns; column++) {
        char words[128] = "";
        struct cell cell = {.width = 1};
        if (column < columns)
            cell = screen_cell(screen, row, column);
        if (column < columns && cell.width == 0)
            continue;
        style_words(cell, words, sizeof words);
        if (column < columns && strcmp(words, now) == 0)
            continue;
        if (now[0]) {
            fprintf(out, "%s%d-%d%s", first ? "" : "; ", since, column - 1, now);
            first = false;
        }
        memcpy(now, words, sizeof now);
        since = column;
    }
    fclose(out);
    return text;
}

void screen_print(const struct screen *screen, FILE *out)
{
    int rows;
    int columns;
    int at_row;
    int at_column;
    const struct tap_modes *modes = &screen->tap.modes;
    screen_size(screen, &rows, &columns);
    screen_cursor(screen, &at_row, &at_column);
    fprintf(out, "    +-- %dx%d, cursor at row %d column %d%s%s%s --\n", columns, rows, at_row + 1,
            at_column + 1, modes->cursor_hidden ? " (hidden)" : "",
            modes->alternate ? ", alternate screen" : "", modes->mouse ? ", mouse" : "");
    for (int row = 0; row < rows; row++) {
        char *line = screen_row(screen, row);
        fprintf(out, "    |%s\n", line);
        free(line);
    }
    fprintf(out, "    +--\n");
}
