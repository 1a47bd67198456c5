#include "tui/screen/chart.h"

#include <string.h>

struct axis chart_axis(struct area area, int64_t cell_ns, int64_t right_ns)
{
    int cells = area.cols - CHART_LABEL_COLS;
    cells = cells > LANES_CELLS_MAX ? LANES_CELLS_MAX : cells < 1 ? 1 : cells;
    struct axis axis = {.cell_ns = cell_ns, .cells = cells};
    int64_t right_cell = right_ns / cell_ns + 1;
    /* It scrolls by quarters: calmer to look at, and cheaper on a slow link. */
    int64_t step = cells / 4 > 0 ? cells / 4 : 1;
    if (right_cell > cells) {
        int64_t over = right_cell - cells;
        axis.from_ns = (over + step - 1) / step * step * cell_ns;
    }
    return axis;
}

static int cell_col(const struct chart *chart, int cell)
{
    return chart->area.col + CHART_LABEL_COLS + cell;
}

static void draw_label(const struct chart *chart, int row, enum paint_ink ink, const char *text)
{
    paint_text(chart->paint, row, chart->area.col, CHART_LABEL_COLS - 1, ink, text);
}

static void draw_axis(const struct chart *chart, int row)
{
    char line[LANES_CELLS_MAX + 1];
    lanes_axis_labels(&chart->axis, line);
    paint_text(chart->paint, row, cell_col(chart, 0), chart->axis.cells, PAINT_FAINT, line);
}

/* Ordered and measured in one lane: the upper half, the lower half. */
static void draw_control(const struct chart *chart, int row, unsigned actuator)
{
    bool ordered[LANES_CELLS_MAX];
    bool measured[LANES_CELLS_MAX];
    lane_ordered(chart->timeline, actuator, &chart->axis, chart->now_ns, ordered);
    bool sensed = lane_measured(chart->timeline, actuator, &chart->axis, chart->now_ns, measured);
    draw_label(chart, row, PAINT_PLAIN, chart->station->actuators[actuator].control);
    for (int i = 0; i < chart->axis.cells; i++) {
        bool down = sensed && measured[i];
        enum paint_symbol symbol = ordered[i] && (down || !sensed) ? SYMBOL_FULL
                                   : ordered[i]                    ? SYMBOL_UPPER
                                   : down                          ? SYMBOL_LOWER
                                                                   : SYMBOL_DOT;
        paint_symbol(chart->paint, row, cell_col(chart, i),
                     symbol == SYMBOL_DOT ? PAINT_FAINT : PAINT_DOWN, symbol);
    }
}

static void draw_led(const struct chart *chart, int row)
{
    colour cells[LANES_CELLS_MAX];
    struct pulse live;
    bool lit = chart->scope && scope_led(chart->scope, chart->now_ns, &live);
    lane_led(chart->timeline, &chart->axis, lit ? &live : NULL, cells);
    draw_label(chart, row, PAINT_PLAIN, "LED");
    for (int i = 0; i < chart->axis.cells; i++) {
        if (cells[i] == COLOUR_DARK) {
            paint_symbol(chart->paint, row, cell_col(chart, i), PAINT_FAINT, SYMBOL_DOT);
        } else {
            paint_char(chart->paint, row, cell_col(chart, i), PAINT_LED + (enum paint_ink)cells[i],
                       colour_letter(cells[i]));
        }
    }
}

static void draw_sound(const struct chart *chart, int row)
{
    bool cells[LANES_CELLS_MAX];
    struct pulse live;
    bool heard = chart->scope && scope_sound(chart->scope, chart->now_ns, &live);
    lane_sound(chart->timeline, &chart->axis, heard ? &live : NULL, cells);
    draw_label(chart, row, PAINT_PLAIN, "sound");
    for (int i = 0; i < chart->axis.cells; i++) {
        paint_symbol(chart->paint, row, cell_col(chart, i), cells[i] ? PAINT_STRONG : PAINT_FAINT,
                     cells[i] ? SYMBOL_FULL : SYMBOL_DOT);
    }
}

static void draw_radio(const struct chart *chart, int row)
{
    char cells[LANES_CELLS_MAX];
    lane_radio(chart->timeline, &chart->axis, cells);
    draw_label(chart, row, PAINT_PLAIN, "radio");
    for (int i = 0; i < chart->axis.cells; i++) {
        if (cells[i]) {
            paint_char(chart->paint, row, cell_col(chart, i), PAINT_STRONG, cells[i]);
        } else {
            paint_symbol(chart->paint, row, cell_col(chart, i), PAINT_FAINT, SYMBOL_DOT);
        }
    }
}

/* A legend of the signs in use. */
static void draw_legend(const struct chart *chart, int row)
{
    char cells[LANES_CELLS_MAX];
    int col = cell_col(chart, 0);
    int end = chart->area.col + chart->area.cols;
    char letter;
    const char *means;

    if (bench_station_input(chart->station, INPUT_CONTACT) >= 0) {
        static const struct {
            enum paint_symbol symbol;
            const char *means;
        } signs[] = {{SYMBOL_FULL, " down  "},
                     {SYMBOL_UPPER, " ordered only  "},
                     {SYMBOL_LOWER, " measured only  "}};
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
            paint_symbol(chart->paint, row, col++, PAINT_FAINT, signs[i].symbol);
            col += paint_text(chart->paint, row, col, end - col, PAINT_FAINT, signs[i].means);
        }
    }
    lane_radio(chart->timeline, &chart->axis, cells);
    for (size_t i = 0; (means = radio_letter_meaning(i, &letter)); i++) {
        if (memchr(cells, letter, (size_t)chart->axis.cells)) {
            col += paint_format(chart->paint, row, col, end - col, PAINT_FAINT, "%c %s  ", letter,
                                means);
        }
    }
}

typedef void draw_lane(const struct chart *chart, int row);

/* A lane, `height` rows of it, its name before the first. Returns the row behind it. */
static int lane_rows(const struct chart *chart, int row, int end, int height, draw_lane *draw)
{
    for (int i = 0; i < height && row < end; i++, row++) {
        draw(chart, row);
        if (i > 0) {
            draw_label(chart, row, PAINT_PLAIN, "            ");
        }
    }
    return row;
}

int chart_run(const struct chart *chart, uint32_t actuators)
{
    const struct station *station = chart->station;
    int row = chart->area.row;
    int end = row + chart->area.rows;
    int lanes = __builtin_popcount(actuators) + station->has_led + (station->adapter != NULL) +
                station->has_sound;
    /* With enough room, lanes are higher, to be read from further away. */
    int height = lanes > 0 ? (chart->area.rows - 2) / lanes : 1;
    height = height < 1 ? 1 : height > 2 ? 2 : height;

    if (row < end) {
        draw_axis(chart, row++);
    }
    for (unsigned i = 0; i < station->actuator_count && row < end; i++) {
        for (int n = 0; (actuators >> i & 1) && n < height && row < end; n++) {
            draw_control(chart, row, i);
            if (n > 0) {
                draw_label(chart, row, PAINT_PLAIN, "            ");
            }
            row++;
        }
    }
    if (station->has_led) {
        row = lane_rows(chart, row, end, height, draw_led);
    }
    if (station->adapter) {
        row = lane_rows(chart, row, end, 1, draw_radio);
    }
    if (station->has_sound) {
        row = lane_rows(chart, row, end, height, draw_sound);
    }
    if (row < end) {
        draw_legend(chart, row++);
    }
    return row - chart->area.row;
}

/* ---- by hand ----------------------------------------------------------------------------------*/

size_t chart_lane_count(const struct station *station)
{
    return station->actuator_count + station->input_count;
}

/* The level of an input, cell by cell: high, low, and where it moved. */
static void draw_input(const struct chart *chart, int row, unsigned input)
{
    const struct timeline *timeline = chart->timeline;
    signed char level[LANES_CELLS_MAX];
    bool moved[LANES_CELLS_MAX] = {false};
    int now = scope_level(chart->scope, input);
    int at = 0;
    int known = -1;

    /* Edges before the axis give its initial level; without one, the first edge on it does. */
    memset(level, -1, sizeof(level));
    for (size_t i = 0; i < timeline->edge_count; i++) {
        const struct timeline_edge *edge = &timeline->edges[i];
        if (edge->input != input) {
            continue;
        }
        int64_t since_ns = edge->time_ns - timeline->origin_ns - chart->axis.from_ns;
        int64_t cell = since_ns < 0 ? -1 : since_ns / chart->axis.cell_ns;
        if (cell >= chart->axis.cells) {
            break;
        }
        int before = known >= 0 ? known : !edge->level;
        for (; at < cell; at++) {
            level[at] = (signed char)before;
        }
        if (cell >= 0) {
            moved[cell] = true;
        }
        known = edge->level;
    }
    for (; at < chart->axis.cells; at++) {
        level[at] = (signed char)(known >= 0 ? known : now);
    }
    int64_t last =
        (chart->now_ns - timeline->origin_ns - chart->axis.from_ns) / chart->axis.cell_ns;
    for (int i = 0; i < chart->axis.cells; i++) {
        enum paint_symbol symbol = level[i] == 1 ? SYMBOL_HIGH : SYMBOL_LOW;
        enum paint_ink ink = level[i] == 1 ? PAINT_GOOD : PAINT_PLAIN;
        if (i > last || level[i] < 0) {
            symbol = SYMBOL_DOT;
            ink = PAINT_FAINT;
        } else if (moved[i]) {
            symbol = SYMBOL_NOW;
        }
        paint_symbol(chart->paint, row, cell_col(chart, i), ink, symbol);
    }
}

static void draw_cursor(const struct chart *chart, int64_t at_ns, enum paint_ink ink, int rows)
{
    int first;
    int last;
    if (at_ns == INT64_MIN || !lanes_axis_cells(&chart->axis, at_ns, at_ns + 1, &first, &last)) {
        return;
    }
    for (int i = 1; i < rows; i++) {
        paint_symbol(chart->paint, chart->area.row + i, cell_col(chart, first), ink, SYMBOL_NOW);
    }
}

/* "contact_nc_ambient": shorten it so that the distinguishing part stays visible. */
static void draw_input_label(const struct chart *chart, int row, enum paint_ink ink,
                             const char *name)
{
    static const char contact[] = "contact_";
    bool felt = strncmp(name, contact, strlen(contact)) == 0;
    paint_format(chart->paint, row, chart->area.col, CHART_LABEL_COLS - 1, ink, "%s%s",
                 felt ? "felt " : "", felt ? name + strlen(contact) : name);
}

int chart_lines(const struct chart *chart, size_t lane, int64_t cursor_ns, int64_t mark_ns)
{
    const struct station *station = chart->station;
    size_t count = chart_lane_count(station);
    size_t room = chart->area.rows > 1 ? (size_t)chart->area.rows - 1 : 0;
    size_t top = lane >= room ? lane - room + 1 : 0;
    int row = chart->area.row;

    draw_axis(chart, row++);
    for (size_t i = top; i < count && i - top < room; i++, row++) {
        enum paint_ink ink = i == lane ? PAINT_CHOSEN : PAINT_PLAIN;
        if (i < station->actuator_count) {
            draw_control(chart, row, (unsigned)i);
            draw_label(chart, row, ink, station->actuators[i].control);
        } else {
            size_t input = i - station->actuator_count;
            draw_input(chart, row, (unsigned)input);
            draw_input_label(chart, row, ink, station->inputs[input].name);
        }
    }
    int rows = row - chart->area.row;
    draw_cursor(chart, mark_ns, PAINT_DOUBT, rows);
    draw_cursor(chart, cursor_ns, PAINT_STRONG, rows);
    return rows;
}
