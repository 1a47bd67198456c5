/* Everything about a run: heading, events, chart, expectations: the same lines that the command
 * line prints. */
#include "tui/screen/app.h"

#include "tui/print/print_chart.h"
#include "tui/print/print_run.h"
#include "tui/screen/keybar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct details_view {
    char *text; /* owned */
    size_t size;
    int top;
    int lines;
};

static struct details_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_DETAILS);
}

static void forget(void *state)
{
    struct details_view *view = state;
    free(view->text);
    *view = (struct details_view){0};
}

static void enter(struct app *app)
{
    struct details_view *view = view_of(app);
    const struct record *record = session_record(app->sessions[app->station]);
    forget(view);
    if (!record) {
        return;
    }
    FILE *out = open_memstream(&view->text, &view->size);
    if (!out) {
        return;
    }
    struct style style = {.utf8 = app->paint.utf8};
    print_run_heading(record, out);
    print_run_judgement(record->judgement, record->simulated, out);
    fputc('\n', out);
    print_chart_draw(record, style, out);
    fputc('\n', out);
    print_run_entries(record, 0, out);
    fclose(out);
    for (size_t i = 0; i < view->size; i++) {
        view->lines += view->text[i] == '\n';
    }
}

static void draw(struct app *app, struct area area)
{
    const struct details_view *view = view_of(app);
    const char *at = view->text ? view->text : "";
    for (int line = 0; *at && line < view->top + area.rows; line++) {
        size_t length = strcspn(at, "\n");
        if (line >= view->top) {
            char text[512];
            snprintf(text, sizeof(text), "%.*s", (int)length, at);
            paint_text(&app->paint, area.row + line - view->top, area.col, area.cols, PAINT_PLAIN,
                       text);
        }
        at += length + (at[length] == '\n');
    }
    if (view->lines > area.rows) {
        paint_format(&app->paint, area.row + area.rows, area.cols - 20, 19, PAINT_FAINT,
                     "line %d of %d", view->top + 1, view->lines);
    }
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    (void)app;
    int count = 0;
    out[count++] = (struct screen_key){"arrows jk PgUp PgDn", "read"};
    out[count++] = (struct screen_key){"g G", "top, end"};
    out[count++] = (struct screen_key){"Esc q", "back"};
    return count;
}

static bool key(struct app *app, const struct key *pressed)
{
    enum direction direction = key_direction(pressed);
    if (direction == DIRECTION_NONE) {
        return false;
    }
    view_of(app)->top =
        keybar_scroll(direction, view_of(app)->top, app->paint.rows - 4, view_of(app)->lines);
    return true;
}

const struct screen scr_details = {
    .title = "Details",
    .about = "The whole run, as the command line prints it: what was expected and seen, the chart, "
             "and every event with its time.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = enter,
    .state_size = sizeof(struct details_view),
    .forget = forget,
};
