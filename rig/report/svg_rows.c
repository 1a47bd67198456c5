#include "rig/report/svg_rows.h"

enum { LABEL_COLUMNS = 28 };

struct svg_axis svg_rows_axis(int64_t low_ns, int64_t high_ns, int64_t around_ns)
{
    return (struct svg_axis){.from_ns = low_ns - around_ns,
                             .to_ns = high_ns + around_ns,
                             .left = SVG_ROWS_LEFT,
                             .width = SVG_ROWS_PLOT};
}

double svg_rows_begin(FILE *out, const char *id, const char *title, size_t rows, int row_height)
{
    double height = SVG_ROWS_TOP + (double)rows * row_height;

    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lp\" role=\"img\" "
            "viewBox=\"0 0 %d %d\" aria-labelledby=\"%s-title\">\n<title id=\"%s-title\">",
            SVG_ROWS_WIDTH, (int)height, id, id);
    svg_escape(out, title);
    fputs("</title>\n", out);
    return height;
}

void svg_rows_axis_draw(FILE *out, const struct svg_axis *axis, double height)
{
    svg_axis_draw(out, axis, 16, SVG_ROWS_TOP - 4, height);
}

void svg_rows_label(FILE *out, const char *label, double text_y)
{
    fprintf(out, "<text class=\"name\" x=\"4\" y=\"%d\">", (int)text_y);
    svg_escape_cut(out, label, LABEL_COLUMNS);
    fputs("</text>\n", out);
}

int svg_rows_end(FILE *out)
{
    fputs("</svg>\n", out);
    return ferror(out) ? -1 : 0;
}
