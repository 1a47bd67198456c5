/* The manual screen: a key for each control, and all lines of the station as on a logic analyser,
 * for testing the wiring and finding thresholds. Every press is proved like a run's
 * (rig/plan/plan_jog.h). */
#include "tui/screen/batch_view.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/screen/chart.h"
#include "tui/screen/keybar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct manual_view {
    size_t station;                /* whose all of this is */
    const struct profile *profile; /* whose hazards count; NULL: none is known */
    uint32_t chord;                /* actuators that the next press sets down */
    int64_t hold_ns;
    int64_t cell_ns;
    bool still;       /* time stands: the chart is looked at */
    int64_t right_ns; /* still: the instant at the right edge */
    bool has_cursor;
    int64_t cursor_ns;
    bool has_mark;
    int64_t mark_ns;
    size_t lane; /* whose edges the cursor goes to */
};

static struct manual_view *view_of(const struct app *app)
{
    return app_state(app, SCREEN_MANUAL);
}

enum { HEAD_ROWS = 5, KEYED_MAX = 9 };

static const char no_control[] = "an input is chosen: go up to a control first";

static const int64_t FRAME_NS = 200 * NS_PER_MS;
static const int64_t FIRST_HOLD_NS = 200 * NS_PER_MS;
static const int64_t FIRST_CELL_NS = 50 * NS_PER_MS;

static const int64_t holds_ms[] = {20,   50,   100,  200,  500,   1000,  2000, 3000,
                                   5000, 6000, 7000, 8000, 10000, 12000, 15000};
enum { HOLDS = sizeof(holds_ms) / sizeof(holds_ms[0]) };

static struct session *session_of(const struct app *app)
{
    return app->sessions[app->station];
}

/* The instant at the right edge of the chart, by the session's clock. */
static int64_t right_ns(const struct app *app)
{
    return view_of(app)->still ? view_of(app)->right_ns : session_now_ns(session_of(app));
}

/* ---- drawing ----------------------------------------------------------------------------------*/

static void draw_controls(const struct app *app, int row, int cols)
{
    const struct manual_view *view = view_of(app);
    const struct station *station = session_station(session_of(app));
    uint32_t active =
        session_scope(session_of(app)) ? scope_active(session_scope(session_of(app))) : 0;
    int col = 1;
    for (size_t i = 0; i < station->actuator_count; i++) {
        bool down = active >> i & 1;
        enum paint_ink ink = down                   ? PAINT_DOUBT_FIELD
                             : view->chord >> i & 1 ? PAINT_CHOSEN
                                                    : PAINT_PLAIN;
        if (i < KEYED_MAX) {
            col += paint_format(&app->paint, row, col, cols - col, PAINT_STRONG, "%zu ", i + 1);
        }
        col += paint_format(&app->paint, row, col, cols - col, ink, "%s%s",
                            station->actuators[i].control, down ? " DOWN" : "");
        col += 2;
    }
}

static void draw_head(const struct app *app, struct area area)
{
    const struct manual_view *view = view_of(app);
    const struct session *session = session_of(app);
    char hold[DURATION_TEXT_MAX];
    int64_t since_ns;
    int64_t until_ns;
    int row = area.row;

    paint_format(&app->paint, row++, 1, area.cols - 2, PAINT_STRONG, "%s   hold %s   %s",
                 session_station(session)->name, units_duration_format(hold, view->hold_ns),
                 view->profile ? view->profile->model : "no model: 3 s at most, hazards unknown");
    draw_controls(app, row++, area.cols);
    if (session_down(session, &since_ns, &until_ns)) {
        paint_format(&app->paint, row, 1, area.cols - 2, PAINT_DOWN,
                     "DOWN for %.1f s; up in %.1f s at the latest; SPACE releases",
                     (double)(session_now_ns(session) - since_ns) / 1e9,
                     (double)(until_ns - session_now_ns(session)) / 1e9);
    } else if (session_state(session) == SESSION_RUNNING) {
        paint_text(&app->paint, row, 1, area.cols - 2, PAINT_DOUBT,
                   "a run is in progress here: lines are shown, manual presses are disabled");
    }
}

/* "cursor 12.345678 s   mark 12.145678 s   difference 200.000 ms" */
static void draw_times(const struct app *app, int row, int cols, int64_t origin_ns)
{
    const struct manual_view *view = view_of(app);
    int col = 1;
    if (!view->has_cursor) {
        paint_text(&app->paint, row, col, cols - 2, PAINT_FAINT,
                   "left, right: cursor to the chosen input's edges (on a control: all edges)");
        return;
    }
    col += paint_format(&app->paint, row, col, cols - col, PAINT_STRONG, "cursor %.6f s",
                        (double)(view->cursor_ns - origin_ns) / 1e9);
    if (view->has_mark) {
        int64_t apart_ns = view->cursor_ns - view->mark_ns;
        col += paint_format(&app->paint, row, col, cols - col, PAINT_DOUBT, "   mark %.6f s",
                            (double)(view->mark_ns - origin_ns) / 1e9);
        paint_format(&app->paint, row, col, cols - col, PAINT_STRONG,
                     "   from mark to cursor %+.3f ms", (double)apart_ns / 1e6);
    }
}

static void draw(struct app *app, struct area area)
{
    const struct manual_view *view = view_of(app);
    const struct session *session = session_of(app);
    const struct scope *scope = session_scope(session);
    draw_head(app, area);
    if (!scope) {
        paint_format(&app->paint, area.row + HEAD_ROWS, 1, area.cols - 2, PAINT_BAD, "%s; %s",
                     session_trouble(session), session_todo(session));
        return;
    }
    const struct timeline *timeline = scope_timeline(scope);
    struct area lanes = {area.row + HEAD_ROWS - 1, area.col + 1, area.rows - HEAD_ROWS,
                         area.cols - 2};
    struct chart chart = {
        .paint = &app->paint,
        .area = lanes,
        .station = session_station(session),
        .timeline = timeline,
        .scope = scope,
        .axis = chart_axis(lanes, view->cell_ns, right_ns(app) - timeline->origin_ns),
        .now_ns = session_now_ns(session),
    };
    chart_lines(&chart, view->lane,
                view->has_cursor ? view->cursor_ns - timeline->origin_ns : INT64_MIN,
                view->has_mark ? view->mark_ns - timeline->origin_ns : INT64_MIN);
    draw_times(app, area.row + area.rows - 1, area.cols, timeline->origin_ns);
    if (view->still) {
        paint_text(&app->paint, area.row, area.cols - 9, 8, PAINT_DOUBT_FIELD, " STILL ");
    }
}

static int keys(const struct app *app, struct screen_key out[SCREEN_KEYS_MAX])
{
    int count = 0;
    out[count++] = (struct screen_key){"1-9", "press"};
    out[count++] = (struct screen_key){"[ ]", "hold"};
    out[count++] = (struct screen_key){"up down", "line"};
    out[count++] = (struct screen_key){"left right", "edge"};
    out[count++] = (struct screen_key){"a", "mark here"};
    out[count++] = (struct screen_key){"p", view_of(app)->still ? "live again" : "still"};
    out[count++] = (struct screen_key){"+ -", "zoom"};
    out[count++] = (struct screen_key){"x", "add to or drop from the chord"};
    out[count++] = (struct screen_key){"Enter", "press the chord"};
    out[count++] = (struct screen_key){"=", "set hold time"};
    out[count++] = (struct screen_key){"o", "model for limits and hazards"};
    if (app->session_count > 1) {
        out[count++] = (struct screen_key){"Tab", "next station"};
    }
    out[count++] = (struct screen_key){"Esc q", "back"};
    return count;
}

/* ---- pressing ---------------------------------------------------------------------------------*/

static void press(struct app *app, uint32_t actuators)
{
    struct diags diags = DIAGS_INIT;
    struct session *session = session_of(app);
    if (batch_is_open(app)) {
        app_say(app, PAINT_DOUBT, "manual presses are disabled while a batch is running");
        return;
    }
    if (session_state(session) == SESSION_OVER) {
        session_dismiss(session);
    }
    if (session_state(session) != SESSION_IDLE) {
        app_say(app, PAINT_DOUBT, "station %s is busy: nothing was pressed",
                session_station(session)->name);
        return;
    }
    view_of(app)->still = false;
    if (session_jog(session, view_of(app)->profile, actuators, view_of(app)->hold_ns, &diags) !=
        0) {
        app_tell(app, "Not pressed", &diags);
        return;
    }
    diags_clear(&diags);
}

static void change_hold(struct manual_view *view, int by)
{
    int at = 0;
    while (at < HOLDS - 1 && holds_ms[at] * NS_PER_MS < view->hold_ns) {
        at++;
    }
    at = at + by < 0 ? 0 : at + by >= HOLDS ? HOLDS - 1 : at + by;
    view->hold_ns = holds_ms[at] * NS_PER_MS;
}

static void hold_given(struct app *app, char key, const char *input)
{
    int64_t hold_ns = 0;
    if (key == 0 || !input || !input[0]) {
        return;
    }
    const char *wrong = units_duration_parse(input, &hold_ns);
    if (wrong || hold_ns <= 0) {
        app_say(app, PAINT_BAD, "`%s` %s", input, wrong ? wrong : "is not a hold time");
        return;
    }
    view_of(app)->hold_ns = hold_ns;
}

static void model_given(struct app *app, char key, const char *input)
{
    struct diags diags = DIAGS_INIT;
    if (key == 0 || !input) {
        return;
    }
    view_of(app)->profile = NULL;
    if (!input[0]) {
        return;
    }
    view_of(app)->profile = catalog_find(app->setup->catalog, input, &diags);
    if (!view_of(app)->profile) {
        app_tell(app, "No such model", &diags);
    }
}

/* ---- the cursor -------------------------------------------------------------------------------*/

/* Move to the previous or next edge of the chosen line, or of all lines if an actuator's is chosen.
 */
static void move_cursor(struct app *app, bool forward)
{
    struct manual_view *view = view_of(app);
    const struct scope *scope = session_scope(session_of(app));
    size_t actuators = session_station(session_of(app))->actuator_count;
    int input = view->lane < actuators ? -1 : (int)(view->lane - actuators);
    int64_t edge_ns;

    if (!scope) {
        return;
    }
    if (!view->still) {
        view->right_ns = session_now_ns(session_of(app));
        view->still = true;
    }
    int64_t from_ns = view->has_cursor ? view->cursor_ns : view->right_ns;
    if (!(forward ? scope_edge_after(scope, input, from_ns, &edge_ns)
                  : scope_edge_before(scope, input, from_ns, &edge_ns))) {
        app_say(app, PAINT_FAINT, "this line has no %s edge", forward ? "later" : "earlier");
        return;
    }
    view->has_cursor = true;
    view->cursor_ns = edge_ns;
    /* The chart follows. */
    int64_t origin_ns = scope_timeline(scope)->origin_ns;
    struct axis axis = chart_axis((struct area){0, 0, 1, app->paint.cols - 2}, view->cell_ns,
                                  view->right_ns - origin_ns);
    if (edge_ns > view->right_ns || edge_ns < origin_ns + axis.from_ns) {
        view->right_ns = edge_ns + axis.cells * view->cell_ns / 2;
    }
}

static bool letter_key(struct app *app, uint32_t letter)
{
    struct manual_view *view = view_of(app);
    const struct station *station = session_station(session_of(app));
    size_t digit = letter - '1';

    if (letter >= '1' && letter <= '9' && digit < station->actuator_count) {
        press(app, UINT32_C(1) << digit);
        return true;
    }
    switch (letter) {
    case '[':
    case ']':
        change_hold(view, letter == '[' ? -1 : 1);
        return true;
    case '+':
    case '-':
        view->cell_ns = lanes_axis_zoom(view->cell_ns, letter == '+' ? -1 : 1);
        return true;
    case 'p':
        view->still = !view->still;
        view->right_ns = session_now_ns(session_of(app));
        view->has_cursor = view->has_cursor && view->still;
        return true;
    case 'a':
        if (!view->has_cursor) {
            app_say(app, PAINT_DOUBT, "no cursor yet: left or right puts it on an edge");
        }
        view->has_mark = view->has_cursor;
        view->mark_ns = view->cursor_ns;
        return true;
    case 'x':
        if (view->lane < station->actuator_count) {
            view->chord ^= UINT32_C(1) << view->lane;
        } else {
            app_say(app, PAINT_DOUBT, "%s", no_control);
        }
        return true;
    case '=':
        app_ask_field(app, "Hold", "Length of the next press, with its unit: 6.4 s, 250 ms", "",
                      hold_given);
        return true;
    case 'o':
        app_ask_field(app, "Model",
                      "Which model is in the station? Its limits and hazards then apply to manual "
                      "presses. Leave empty if unknown: presses are then limited to 3 s.",
                      "", model_given);
        return true;
    default:
        return false;
    }
}

/* Chord, model and cursor belong to one station; another has other lines and another unit. */
static void of_station(struct app *app)
{
    struct manual_view *view = view_of(app);
    if (view->station != app->station) {
        *view = (struct manual_view){
            .station = app->station, .hold_ns = view->hold_ns, .cell_ns = view->cell_ns};
    }
}

static void enter(struct app *app)
{
    struct manual_view *view = view_of(app);
    of_station(app);
    view->hold_ns = view->hold_ns ? view->hold_ns : FIRST_HOLD_NS;
    view->cell_ns = view->cell_ns ? view->cell_ns : FIRST_CELL_NS;
    view->still = view->has_cursor = view->has_mark = false;
}

static bool key(struct app *app, const struct key *pressed)
{
    struct manual_view *view = view_of(app);
    const struct station *station = session_station(session_of(app));
    size_t lanes = chart_lane_count(station);

    switch (key_direction(pressed)) {
    case DIRECTION_UP:
        view->lane -= view->lane > 0;
        return true;
    case DIRECTION_DOWN:
        view->lane += view->lane + 1 < lanes;
        return true;
    case DIRECTION_LEFT:
    case DIRECTION_RIGHT:
        move_cursor(app, key_direction(pressed) == DIRECTION_RIGHT);
        return true;
    default:
        break;
    }
    if (pressed->code == KEY_CODE_TAB || pressed->code == KEY_CODE_BACKTAB) {
        size_t step = pressed->code == KEY_CODE_TAB ? 1 : app->session_count - 1;
        app->station = (app->station + step) % app->session_count;
        of_station(app);
        return true;
    }
    if (pressed->code == KEY_CODE_ENTER) {
        uint32_t chosen = view->lane < station->actuator_count ? UINT32_C(1) << view->lane : 0;
        if (view->chord || chosen) {
            press(app, view->chord ? view->chord : chosen);
        } else {
            app_say(app, PAINT_DOUBT, "%s", no_control);
        }
        return true;
    }
    return pressed->code == KEY_CODE_CHAR && letter_key(app, pressed->ch);
}

static int64_t due_ns(const struct app *app, int64_t drawn_ns)
{
    return view_of(app)->still ? INT64_MAX : drawn_ns + FRAME_NS;
}

const struct screen scr_manual = {
    .title = "Manual",
    .about = "Manual presses, and every line of the station as on a logic analyser. A digit "
             "presses its control for the hold time; x collects controls into a chord, Enter "
             "presses it. Without a model, presses are limited to 3 s; with one, its limits and "
             "hazards apply. The cursor goes from edge to edge of the chosen input, or of all "
             "inputs if a control is chosen; a sets the mark that times are measured from. Take "
             "the unit out while you work on the wiring.",
    .keys = keys,
    .draw = draw,
    .key = key,
    .enter = enter,
    .due_ns = due_ns,
    .way = {SCREEN_BENCH, "m", "manual"},
    .state_size = sizeof(struct manual_view),
};
