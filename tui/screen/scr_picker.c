/* The model picker: every procedure of every model, grouped by family, and what the chosen one
 * does, in words and as a chart. */
#include "tui/screen/batch_view.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/screen/keybar.h"
#include "tui/screen/picker_pane.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FILTER_MAX = 40, LINES_MAX = 128 };

struct picker {
    char filter[FILTER_MAX];
    bool filtering;
    char moved; /* a letter that moved, and may have been meant for the filter; '\0': none */
    int64_t moved_ns;
    size_t row; /* of the rows that match */
    size_t top;
    int pane_top;
    int first_line;       /* of the screen: the list's ... */
    int lines[LINES_MAX]; /* ... and which row each line shows, -1: none; for the mouse */
};

static struct picker *view_of(const struct app *app)
{
    return app_state(app, SCREEN_PICKER);
}

enum {
    ROWS_MAX = CATALOG_FILES_MAX * 4,
};

/* Letters of one word come within this of each other. */
static const int64_t WORD_NS = NS_PER_S;

/* The list is as wide as the longest names, if there is room. */
static int list_cols(const struct app *app)
{
    return app->paint.cols >= 110 ? 48 : 34;
}

/* A row that keys can choose. */
struct row {
    const struct profile *profile;
    const struct procedure *procedure;
};

/* Letters and digits of `text` in lower case, to compare with what people type: wh1000xm5. */
static void fold(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; *text && used + 1 < size; text++) {
        if (isalnum((unsigned char)*text)) {
            out[used++] = (char)tolower((unsigned char)*text);
        }
    }
    out[used] = '\0';
}

/* Does every word of the filter occur in model, procedure, family or title? */
static bool matches(const char *filter, const struct profile *profile,
                    const struct procedure *procedure)
{
    char text[512];
    char folded[512];
    char words[FILTER_MAX];
    char *rest = NULL;
    snprintf(text, sizeof(text), "%s %s %s %s", profile->model, procedure->name, profile->family,
             procedure->title ? procedure->title : "");
    fold(folded, sizeof(folded), text);
    snprintf(words, sizeof(words), "%s", filter);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char want[FILTER_MAX];
        fold(want, sizeof(want), word);
        if (!strstr(folded, want)) {
            return false;
        }
    }
    return true;
}

/* The i-th matching row, families in order of appearance; false past the end. `first`: a family
 * heading goes above it. */
static bool row_at(const struct app *app, size_t i, struct row *row, bool *first)
{
    const struct catalog *catalog = app->setup->catalog;
    size_t at = 0;
    for (size_t f = 0; f < catalog->count; f++) {
        const char *family = catalog->profiles[f]->family;
        bool done = false;
        bool headed = false;
        for (size_t earlier = 0; earlier < f && !done; earlier++) {
            done = strcmp(catalog->profiles[earlier]->family, family) == 0;
        }
        for (size_t p = f; !done && p < catalog->count; p++) {
            const struct profile *profile = catalog->profiles[p];
            if (strcmp(profile->family, family) != 0) {
                continue;
            }
            for (size_t c = 0; c < profile->procedure_count; c++) {
                if (!matches(view_of(app)->filter, profile, &profile->procedures[c])) {
                    continue;
                }
                if (at == i) {
                    *row = (struct row){profile, &profile->procedures[c]};
                    *first = !headed;
                    return true;
                }
                headed = true;
                at++;
            }
        }
    }
    return false;
}

static size_t row_count(const struct app *app)
{
    struct row row;
    bool first;
    size_t count = 0;
    while (count < ROWS_MAX && row_at(app, count, &row, &first)) {
        count++;
    }
    return count;
}

static void draw_filter(const struct app *app, struct area area)
{
    const struct picker *picker = view_of(app);
    const struct paint *paint = &app->paint;
    int cols = list_cols(app);
    if (picker->filtering || picker->filter[0]) {
        paint_row(paint, area.row, area.col, cols - 1,
                  picker->filtering ? PAINT_CHOSEN : PAINT_PLAIN, "");
        paint_format(paint, area.row, area.col + 1, cols - 2,
                     picker->filtering ? PAINT_CHOSEN : PAINT_STRONG, "/%s%s", picker->filter,
                     picker->filtering ? "_" : "");
    } else {
        paint_text(paint, area.row, area.col + 1, cols - 2, PAINT_FAINT, "type to find a model");
    }
}

/* Screen rows that row `i` takes: two with its family's heading. */
static int height_of(const struct app *app, size_t i)
{
    struct row row;
    bool first = false;
    return row_at(app, i, &row, &first) && first ? 2 : 1;
}

static void draw_list(struct app *app, struct area area, size_t count)
{
    struct picker *picker = view_of(app);
    const struct paint *paint = &app->paint;
    int cols = list_cols(app);
    int used = 0;

    /* Keeps the chosen row visible, with its heading. */
    picker->top = picker->row < picker->top ? picker->row : picker->top;
    for (size_t i = picker->top; i <= picker->row; i++) {
        used += height_of(app, i) + (i > picker->top && height_of(app, i) == 2);
    }
    while (used > area.rows && picker->top < picker->row) {
        used -= height_of(app, picker->top);
        picker->top++;
    }
    int at = area.row;
    const char *model = NULL;
    picker->first_line = area.row;
    memset(picker->lines, -1, sizeof(picker->lines));
    for (size_t i = picker->top; i < count && at < area.row + area.rows; i++) {
        struct row row;
        bool first = false;
        row_at(app, i, &row, &first);
        if (first || i == picker->top) {
            at += first && i > picker->top;
            if (at >= area.row + area.rows) {
                break;
            }
            paint_text(paint, at++, area.col + 1, cols - 2, PAINT_FAINT, row.profile->family);
            model = NULL;
        }
        if (at >= area.row + area.rows) {
            break;
        }
        bool chosen = i == picker->row;
        if (at - area.row < LINES_MAX) {
            picker->lines[at - area.row] = (int)i;
        }
        paint_row(paint, at, area.col, cols - 1, chosen ? PAINT_CHOSEN : PAINT_PLAIN, "");
        paint_text(paint, at, area.col + 1, 13, chosen ? PAINT_CHOSEN : PAINT_STRONG,
                   model == row.profile->model && !chosen ? "" : row.profile->model);
        paint_text(paint, at, area.col + 15, cols - 16, chosen ? PAINT_CHOSEN : PAINT_PLAIN,
                   row.procedure->name);
        model = row.profile->model;
        at++;
    }
    if (count == 0) {
        paint_wrapped(paint, (struct area){area.row, area.col + 1, 3, cols - 2}, PAINT_DOUBT,
                      app->setup->catalog->count ? "No procedure matches; Backspace, or Esc for all"
                                                 : "There are no profiles");
    }
}

static void draw(struct app *app, struct area area)
{
    size_t count = row_count(app);
    struct row row;
    bool first;
    int cols = list_cols(app);
    if (view_of(app)->row >= count) {
        view_of(app)->row = count ? count - 1 : 0;
    }
    draw_filter(app, area);
    draw_list(app, (struct area){area.row + 1, area.col, area.rows - 1, cols}, count);
    for (int i = 0; i < area.rows; i++) {
        paint_symbol(&app->paint, area.row + i, area.col + cols - 1, PAINT_FAINT, SYMBOL_NOW);
    }
    if (row_at(app, view_of(app)->row, &row, &first)) {
        struct area pane = {area.row, area.col + cols + 1, area.rows, area.cols - cols - 2};
        int lines =
            picker_pane(&app->paint, pane, row.profile, row.procedure,
                        session_station(app->sessions[app->station]), view_of(app)->pane_top);
        if (view_of(app)->pane_top > 0 && view_of(app)->pane_top > lines - pane.rows) {
            view_of(app)->pane_top = lines > pane.rows ? lines - pane.rows : 0;
        }
    }
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    out[count++] = (struct screen_key){"Enter", app->for_batch ? "batch with this" : "run this"};
    out[count++] = (struct screen_key){"/ or type", "find"};
    out[count++] = (struct screen_key){"arrows jk", "choose"};
    out[count++] = (struct screen_key){"PgUp PgDn", "scroll"};
    out[count++] = (struct screen_key){"Esc q", "back"};
    return count;
}

static void serial_given(struct app *app, char key, const char *input)
{
    if (key == 0 || !input) {
        return;
    }
    if (app_choose_unit(app, input)) {
        app_start(app);
    }
}

static void choose(struct app *app)
{
    struct row row;
    bool first;
    char title[APP_TEXT_MAX];
    if (!row_at(app, view_of(app)->row, &row, &first)) {
        return;
    }
    view_of(app)->filtering = false;
    if (app->for_batch) {
        batch_choose(app, row.profile, row.procedure);
        return;
    }
    app->choice = (struct choice){.profile = row.profile, .procedure = row.procedure};
    snprintf(title, sizeof(title), "%s %s on station %s", row.profile->model, row.procedure->name,
             session_station(app->sessions[app->station])->name);
    app_ask_field(
        app, title,
        "Scan or type the unit's serial number (or leave it empty); Enter starts the run.", "",
        serial_given);
}

/* A letter outside the field starts a new filter: the old one belongs to the last choice. */
static bool filter_key(struct picker *picker, const struct key *pressed)
{
    bool anew = !picker->filtering && pressed->code == KEY_CODE_CHAR;
    size_t length = anew ? 0 : strlen(picker->filter);
    if (pressed->code == KEY_CODE_BACKSPACE) {
        if (length == 0) {
            picker->filtering = false;
            return true;
        }
        picker->filter[length - 1] = '\0';
    } else if (pressed->code == KEY_CODE_CHAR && pressed->ch < 0x80 && length + 1 < FILTER_MAX) {
        length = picker->filtering ? length : 0; /* an old one is not gone on with */
        if (!picker->filtering && picker->moved) {
            picker->filter[length++] = picker->moved;
        }
        picker->filtering = true;
        picker->filter[length] = (char)pressed->ch;
        picker->filter[length + 1] = '\0';
    } else {
        return pressed->code == KEY_CODE_CHAR;
    }
    picker->row = picker->top = 0;
    picker->pane_top = 0;
    return true;
}

/* A click chooses a row; a second click accepts it. */
static void click(struct app *app, const struct key *pressed)
{
    struct picker *picker = view_of(app);
    int line = pressed->row - picker->first_line;
    if (line < 0 || line >= LINES_MAX || picker->lines[line] < 0 ||
        pressed->column >= list_cols(app)) {
        return;
    }
    if (picker->row == (size_t)picker->lines[line]) {
        choose(app);
        return;
    }
    picker->row = (size_t)picker->lines[line];
    picker->pane_top = 0;
}

/* `jbl` starts with a letter that also moves: if another letter follows at once, it was the first
 * of a word. */
static void note_move(struct app *app, const struct key *pressed)
{
    struct picker *picker = view_of(app);
    bool soon = app->now_ns - picker->moved_ns < WORD_NS;
    if (pressed->code != KEY_CODE_CHAR || picker->filtering || !soon) {
        picker->moved = '\0';
    }
    if (pressed->code == KEY_CODE_CHAR && pressed->ch < 0x80 && strchr("jkgG", (int)pressed->ch)) {
        picker->moved = soon ? '\0' : (char)pressed->ch;
        picker->moved_ns = app->now_ns;
    }
}

static bool key(struct app *app, const struct key *pressed)
{
    struct picker *picker = view_of(app);
    bool letter = pressed->code == KEY_CODE_CHAR;
    size_t count = row_count(app);

    if (pressed->code == KEY_CODE_ENTER) {
        choose(app);
        return true;
    }
    if (pressed->code == KEY_CODE_ESCAPE && (picker->filtering || picker->filter[0])) {
        picker->filtering = false;
        picker->filter[0] = '\0';
        return true;
    }
    if (letter && pressed->ch == '/' && !picker->filtering) {
        picker->filtering = true;
        picker->filter[0] = '\0';
        return true;
    }
    /* Outside the field j, k, g, G and q keep their meaning; any other letter starts filtering. */
    note_move(app, pressed);
    enum direction direction =
        letter && (picker->filtering || pressed->ch >= 0x80 || !strchr("jkgG", (int)pressed->ch))
            ? DIRECTION_NONE
            : key_direction(pressed);
    int page = app->paint.rows - 6;
    switch (direction) {
    case DIRECTION_UP:
        picker->row -= picker->row > 0;
        break;
    case DIRECTION_DOWN:
        picker->row += picker->row + 1 < count;
        break;
    case DIRECTION_PAGE_UP:
        picker->pane_top -= page < picker->pane_top ? page : picker->pane_top;
        return true;
    case DIRECTION_PAGE_DOWN:
        picker->pane_top += page;
        return true;
    case DIRECTION_FIRST:
        picker->row = 0;
        break;
    case DIRECTION_LAST:
        picker->row = count ? count - 1 : 0;
        break;
    default:
        if (pressed->code == KEY_CODE_MOUSE) {
            click(app, pressed);
            return true;
        }
        if (letter && !picker->filtering && pressed->ch == 'q') {
            return false;
        }
        return filter_key(picker, pressed);
    }
    picker->pane_top = 0;
    return true;
}

static bool typing(const struct app *app)
{
    return view_of(app)->filtering;
}

static void enter(struct app *app)
{
    view_of(app)->pane_top = 0;
}

const struct screen scr_picker = {
    .title = "Choose a model",
    .about = "All procedures of all profiles. Type any part of a model, procedure or family to "
             "find it. Beside the list: what the chosen procedure does, its press schedule drawn "
             "against the expected LED, its source and hazards, and what it keeps and clears.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = enter,
    .typing = typing,
    .state_size = sizeof(struct picker),
};
