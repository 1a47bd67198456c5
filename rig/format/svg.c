#include "rig/format/svg.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- text --------------------------------------------------------------------------------- */

static void escape(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(text[i], out);
            break;
        }
    }
}

void svg_escape_cut(FILE *out, const char *text, size_t columns)
{
    enum { LONGEST_ESCAPE = 4 }; /* bytes that text_printable makes of one */

    if (!text) {
        return;
    }
    size_t size = strlen(text) * LONGEST_ESCAPE + 1;
    char *printable = xrealloc_array(NULL, size, 1);
    text_printable(printable, size, text);
    size_t at = 0;
    size_t last = 0; /* where the last character that may stand begins */
    size_t count = 0;
    while (printable[at] && count < columns) {
        last = at;
        do {
            at++;
        } while (((unsigned char)printable[at] & 0xC0) == 0x80);
        count++;
    }
    if (printable[at] && columns > 0) {
        escape(out, printable, last);
        fputs("…", out);
    } else {
        escape(out, printable, at);
    }
    free(printable);
}

void svg_escape(FILE *out, const char *text)
{
    svg_escape_cut(out, text, SIZE_MAX);
}

char *svg_number(char out[SVG_NUMBER_MAX], double value)
{
    /* Printed as integers, since printf's decimal point is the locale's. */
    double limit = 1e9;
    value = isnan(value) ? 0 : value > limit ? limit : value < -limit ? -limit : value;
    int64_t tenths = (int64_t)(value * 10 + (value < 0 ? -0.5 : 0.5));
    const char *sign = tenths < 0 ? "-" : "";
    tenths = tenths < 0 ? -tenths : tenths;
    if (tenths % 10) {
        snprintf(out, SVG_NUMBER_MAX, "%s%" PRId64 ".%d", sign, tenths / 10, (int)(tenths % 10));
    } else {
        snprintf(out, SVG_NUMBER_MAX, "%s%" PRId64, sign, tenths / 10);
    }
    return out;
}

/* ---- shapes ------------------------------------------------------------------------------- */

static void attribute(FILE *out, const char *name, double value)
{
    char number[SVG_NUMBER_MAX];
    fprintf(out, " %s=\"%s\"", name, svg_number(number, value));
}

void svg_rect_titled(FILE *out, const char *class, double x, double y, double width, double height,
                     const char *title)
{
    fprintf(out, "<rect class=\"%s\"", class);
    attribute(out, "x", x);
    attribute(out, "y", y);
    attribute(out, "width", width);
    attribute(out, "height", height);
    if (title) {
        fputs("><title>", out);
        svg_escape(out, title);
        fputs("</title></rect>\n", out);
    } else {
        fputs("/>\n", out);
    }
}

void svg_rect(FILE *out, const char *class, double x, double y, double width, double height)
{
    svg_rect_titled(out, class, x, y, width, height, NULL);
}

void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
    fprintf(out, "<line class=\"%s\"", class);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    fputs("/>\n", out);
}

void svg_circle(FILE *out, const char *class, double x, double y, double radius)
{
    fprintf(out, "<circle class=\"%s\"", class);
    attribute(out, "cx", x);
    attribute(out, "cy", y);
    attribute(out, "r", radius);
    fputs("/>\n", out);
}

void svg_cross(FILE *out, const char *class, double x, double y, double arm)
{
    svg_line(out, class, x - arm, y - arm, x + arm, y + arm);
    svg_line(out, class, x - arm, y + arm, x + arm, y - arm);
}

void svg_text(FILE *out, const char *class, const char *anchor, double x, double y,
              const char *text)
{
    fprintf(out, "<text class=\"%s\" text-anchor=\"%s\"", class, anchor);
    attribute(out, "x", x);
    attribute(out, "y", y);
    fputc('>', out);
    svg_escape(out, text);
    fputs("</text>\n", out);
}

/* ---- axis --------------------------------------------------------------------------------- */

double svg_x(const struct svg_axis *axis, int64_t time_ns)
{
    double part =
        ((double)time_ns - (double)axis->from_ns) / ((double)axis->to_ns - (double)axis->from_ns);
    return axis->left + axis->width * part;
}

/* 1, 2 or 5 times a power of ten, so that a label has `room` to itself. */
static int64_t tick_step(const struct svg_axis *axis, double room)
{
    double least =
        ((double)axis->to_ns - (double)axis->from_ns) * room / (axis->width > 0 ? axis->width : 1);
    int64_t step = 1;
    static const int64_t factors[] = {2, 5, 10};
    for (;;) {
        if ((double)step >= least) {
            return step;
        }
        for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]) - 1; i++) {
            if ((double)(step * factors[i]) >= least) {
                return step * factors[i];
            }
        }
        if (step > INT64_MAX / 100) {
            return step;
        }
        step *= 10;
    }
}

/* "5.6 s", "250 ms": all labels of one axis in one unit, with as many decimals as its step asks. */
static void tick_text(char *out, size_t size, int64_t time_ns, int64_t step_ns, int64_t unit_ns)
{
    const char *unit = unit_ns == NS_PER_S ? "s" : "ms";
    const char *sign = time_ns < 0 ? "-" : "";
    int64_t ns = time_ns < 0 ? -time_ns : time_ns;
    char decimals[16];
    int64_t rest_ns = ns % unit_ns;
    int64_t place_ns = unit_ns;
    size_t places = 0;
    while (step_ns % place_ns != 0 && places + 2 < sizeof(decimals)) {
        place_ns /= 10;
        decimals[++places] = (char)('0' + rest_ns / place_ns % 10);
    }
    decimals[0] = places ? '.' : '\0';
    decimals[places ? places + 1 : 0] = '\0';
    snprintf(out, size, "%s%" PRId64 "%s %s", sign, ns / unit_ns, decimals, unit);
}

void svg_axis_draw(FILE *out, const struct svg_axis *axis, double label_y, double top,
                   double bottom)
{
    enum { LABEL_ROOM = 68, TICKS_MAX = 100 };
    int64_t step = tick_step(axis, LABEL_ROOM);
    int64_t unit =
        axis->to_ns < 2 * NS_PER_S && axis->from_ns > -2 * NS_PER_S ? NS_PER_MS : NS_PER_S;
    int64_t tick = axis->from_ns / step * step;
    tick += tick < axis->from_ns ? step : 0;
    for (int i = 0; i < TICKS_MAX && tick <= axis->to_ns; i++, tick += step) {
        char text[64];
        double x = svg_x(axis, tick);
        svg_line(out, tick == 0 ? "zero" : "grid", x, top, x, bottom);
        tick_text(text, sizeof(text), tick, step, unit);
        svg_text(out, "tick", "middle", x, label_y, text);
        if (tick > INT64_MAX - step) {
            break;
        }
    }
}

/* ---- style -------------------------------------------------------------------------------- */

#define LIGHT                                                                                      \
    "--lp-bg:#fff;--lp-ink:#1b2430;--lp-soft:#566373;--lp-grid:#e3e7ec;--lp-zero:#8a95a3;"         \
    "--lp-lane:#f4f6f8;--lp-press:#2a6f9e;--lp-contact:#123f5c;--lp-order:#7d8a99;"                \
    "--lp-window:#e6edf4;--lp-edge:#8aa0b4;--lp-pass:#176b33;--lp-fail:#b3261e;"                   \
    "--lp-doubt:#8a5a00;--lp-none:#566373;--lp-sound:#6b5b95;--lp-card:#f7f9fa;"

#define DARK                                                                                       \
    "--lp-bg:#12171d;--lp-ink:#e6ebf0;--lp-soft:#9aa7b4;--lp-grid:#27303a;--lp-zero:#6d7a88;"      \
    "--lp-lane:#182029;--lp-press:#5aa9dd;--lp-contact:#b9dcf3;--lp-order:#8593a1;"                \
    "--lp-window:#22303d;--lp-edge:#5f7589;--lp-pass:#62c483;--lp-fail:#ff8a80;"                   \
    "--lp-doubt:#e7b04b;--lp-none:#9aa7b4;--lp-sound:#b3a2e0;--lp-card:#1a222b;"

void svg_style(FILE *out)
{
    fputs(":root{color-scheme:light dark;" LIGHT "}\n"
          "@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
          "@media print{:root{color-scheme:light;" LIGHT "}}\n"
          "svg.lp{display:block;width:100%;min-width:760px;height:auto;"
          "font-family:system-ui,\"DejaVu Sans\",sans-serif;font-size:12px}\n"
          "@media print{svg.lp{min-width:0}}\n"
          ".lp text{fill:var(--lp-ink)}\n"
          ".lp .tick,.lp .soft{fill:var(--lp-soft);font-size:11px}\n"
          ".lp .name{font-weight:600}\n"
          ".lp .small{font-size:10px}\n"
          ".lp .lane{fill:var(--lp-lane);fill-opacity:.6}\n"
          ".lp .grid{stroke:var(--lp-grid)}\n"
          ".lp .zero{stroke:var(--lp-zero)}\n"
          ".lp .order{fill:none;stroke:var(--lp-order);stroke-dasharray:3 2}\n"
          ".lp .press{fill:var(--lp-press)}\n"
          ".lp .contact{fill:var(--lp-contact)}\n"
          ".lp .sound{fill:var(--lp-sound)}\n"
          ".lp .window{fill:var(--lp-window);stroke:var(--lp-edge)}\n"
          ".lp .beyond{stroke:var(--lp-edge);stroke-width:2;fill:none}\n"
          ".lp .event{stroke:var(--lp-ink);stroke-width:1.5}\n"
          ".lp .badge{fill:var(--lp-bg);stroke:var(--lp-ink)}\n"
          ".lp .letter{font-weight:600;font-size:10px}\n"
          ".lp .seen{fill:var(--lp-ink);stroke:var(--lp-bg)}\n"
          ".lp .pass{fill:var(--lp-pass)}\n"
          ".lp .fail{fill:var(--lp-fail)}\n"
          ".lp .doubt{fill:var(--lp-doubt)}\n"
          ".lp .none{fill:var(--lp-none)}\n"
          ".lp .result{font-weight:600}\n"
          ".lp .dot{fill:var(--lp-press);fill-opacity:.75;stroke:var(--lp-bg);stroke-width:.5}\n"
          ".lp .miss{stroke:var(--lp-fail);stroke-width:1.8}\n"
          ".lp .box{fill:var(--lp-window);stroke:var(--lp-edge)}\n"
          ".lp .median{stroke:var(--lp-ink);stroke-width:2}\n"
          ".lp .led{stroke:#4a5562;stroke-width:1}\n"
          ".lp .red{fill:#d7263d}.lp .green{fill:#1f9d55}.lp .blue{fill:#2563eb}"
          ".lp .amber{fill:#f5a300}.lp .magenta{fill:#c026d3}.lp .cyan{fill:#0ea5c6}"
          ".lp .white{fill:#fff}.lp .lit{fill:#f3e6a2}.lp .dark{fill:none}\n",
          out);
}
