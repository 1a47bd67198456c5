/* Help: the keys of the screen it was called from, and what that screen is for. */
#include "tui/screen/app.h"

#include "tui/screen/keybar.h"

struct help_view {
    int page;
};

static struct help_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_HELP);
}

/* The screen it was called from. */
static const struct screen *of(const struct app *app)
{
    return app->setup->screens[app_below(app)];
}

static const struct screen_key everywhere[] = {
    {"SPACE Esc", "release everything at once, on any screen; the runs end as aborted"},
    {"? F1", "show or close this help"},
    {"q Esc", "back; on the bench screen q quits"},
    {"Enter", "accept the choice; arrows or hjkl change it"},
    {"Ctrl-L", "redraw the screen"},
    {"Ctrl-C", "release everything; if nothing is running, quit"},
    {"Ctrl-Z", "suspend, when nothing is running"},
};

enum { EVERYWHERE = sizeof(everywhere) / sizeof(everywhere[0]) };

static int draw_keys(const struct app *app, struct area area, int row, const char *title,
                     const struct screen_key *keys, int count)
{
    const struct paint *paint = &app->paint;
    int end = area.row + area.rows;
    if (row < end) {
        paint_text(paint, row++, area.col + 2, area.cols - 4, PAINT_FAINT, title);
    }
    for (int i = 0; i < count && row < end; i++) {
        paint_text(paint, row, area.col + 4, 20, PAINT_STRONG, keys[i].key);
        row += paint_wrapped(paint, (struct area){row, area.col + 26, end - row, area.cols - 28},
                             PAINT_PLAIN, keys[i].does);
    }
    return row + 1;
}

static int keys_rows(const struct area *area, const struct screen_key *keys, int count)
{
    int rows = 2; /* title, and a blank row after */
    for (int i = 0; i < count; i++) {
        rows += paint_wrapped_rows(area->cols - 28, keys[i].does);
    }
    return rows;
}

static int about_rows(const struct app *app, const struct area *area)
{
    return paint_wrapped_rows(area->cols - 4, of(app)->about) + 1;
}

/* The screen's purpose, its keys, and the keys of every screen, on two pages if one is too small.
 */
static bool on_two_pages(const struct app *app, struct area area)
{
    struct screen_key keys[SCREEN_KEYS_MAX];
    int count = of(app)->keys(app, keys);
    return about_rows(app, &area) + keys_rows(&area, keys, count) +
               keys_rows(&area, everywhere, EVERYWHERE) >
           area.rows;
}

static int draw_about(const struct app *app, struct area area, int row)
{
    struct area about = {row, area.col + 2, area.row + area.rows - row, area.cols - 4};
    return row + paint_wrapped(&app->paint, about, PAINT_PLAIN, of(app)->about) + 1;
}

static void draw(struct app *app, struct area area)
{
    const struct screen *screen = of(app);
    struct screen_key keys[SCREEN_KEYS_MAX];
    int count = screen->keys(app, keys);
    int row = area.row + 1;
    bool two = on_two_pages(app, area);
    bool about_first = about_rows(app, &area) + keys_rows(&area, keys, count) <= area.rows;

    if (view_of(app)->page == (about_first ? 0 : 1) || !two) {
        row = draw_about(app, area, row);
    }
    if (view_of(app)->page == 0 || !two) {
        row = draw_keys(app, area, row, screen->title, keys, count);
    }
    if (view_of(app)->page == 1 || !two) {
        draw_keys(app, area, row, "everywhere", everywhere, EVERYWHERE);
    }
}

static struct area whole(const struct app *app)
{
    return (struct area){app->top, 0, app->paint.rows - app->top - FRAME_FOOT_ROWS,
                         app->paint.cols};
}

/* The explained screen has a text field. */
static bool takes_letters(const struct app *app)
{
    return of(app)->typing && of(app)->typing(app);
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    bool two = on_two_pages(app, whole(app));
    if (two) {
        out[count++] = (struct screen_key){
            takes_letters(app) ? "PgDn PgUp arrows" : "PgDn PgUp arrows jk", "the other page"};
    }
    out[count++] = (struct screen_key){two ? "any other key" : "any key", "back"};
    return count;
}

static bool key(struct app *app, const struct key *pressed)
{
    bool for_field = pressed->code == KEY_CODE_CHAR && takes_letters(app);
    enum direction direction = for_field ? DIRECTION_NONE : key_direction(pressed);
    if (direction != DIRECTION_NONE && on_two_pages(app, whole(app))) {
        bool back = direction == DIRECTION_UP || direction == DIRECTION_PAGE_UP ||
                    direction == DIRECTION_LEFT || direction == DIRECTION_FIRST;
        view_of(app)->page = back ? 0 : 1;
        return true;
    }
    if (pressed->code == KEY_CODE_MOUSE) {
        return true;
    }
    app_back(app);
    /* It may be the first letter of a scan, which must not be lost. */
    if (for_field && pressed->ch != 'q') {
        return app_screen(app)->key(app, pressed);
    }
    return true;
}

static void enter(struct app *app)
{
    view_of(app)->page = 0;
}

const struct screen scr_help = {
    .title = "Help",
    .about = "",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = enter,
    .state_size = sizeof(struct help_view),
};
