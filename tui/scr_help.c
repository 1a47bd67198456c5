/* Help: the keys of the screen it was called from, and what that screen is for. */
#include "tui/app.h"

#include "tui/keybar.h"

#include <stdio.h>
#include <string.h>

static const struct screen_key everywhere[] = {
    {"SPACE Esc", "let go of everything, at once, whatever is shown; the runs end as aborted"},
    {"? F1", "this help, and back"},
    {"q Esc", "back; on the bench screen q leaves the program"},
    {"Ctrl-L", "draw the screen anew"},
    {"Ctrl-C", "let go of everything; with nothing running, leave"},
    {"Ctrl-Z", "suspend, when nothing is running"},
};

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

static void draw(struct app *app, struct area area)
{
    const struct screen *of = app->help_of;
    struct screen_key keys[SCREEN_KEYS_MAX];
    int count = of->keys(app, keys);
    int row = area.row + 1;
    row +=
        paint_wrapped(&app->paint, (struct area){row, area.col + 2, area.rows - 2, area.cols - 4},
                      PAINT_PLAIN, of->about);
    row = draw_keys(app, area, row + 1, of->title, keys, count);
    draw_keys(app, area, row, "everywhere", everywhere,
              (int)(sizeof(everywhere) / sizeof(everywhere[0])));
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    (void)app;
    out[0] = (struct screen_key){"any key", "back"};
    return 1;
}

static bool key(struct app *app, const struct key *pressed)
{
    if (pressed->code == KEY_CODE_MOUSE) {
        return true;
    }
    app_back(app);
    return true;
}

const struct screen screen_help = {
    .title = "Help",
    .about = "",
    .keys = keys,
    .draw = draw,
    .key = key,
};
