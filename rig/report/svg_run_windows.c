/* The windows of a run's drawing: what was expected, and the result. */
#include "rig/report/svg_run_internal.h"

#include "rig/timeline/evidence.h"

#include <string.h>

/* Words beside the colour: the result. */
static void draw_result(const struct picture *picture, const struct report_finding *finding)
{
    static const struct {
        const char *word;
        const char *class;
    } shown[] = {
        [RESULT_PASS] = {"PASS", "pass"},
        [RESULT_FAIL] = {"FAIL", "fail"},
        [RESULT_INCONCLUSIVE] = {"inconclusive", "doubt"},
        [RESULT_RECORDED] = {"recorded", "none"},
        [RESULT_PENDING] = {"pending", "none"},
    };
    char margin[SECONDS_TEXT_MAX];
    fprintf(picture->out, "<text class=\"result %s\" x=\"%d\" y=\"%d\">",
            shown[finding->result].class, RIGHT, (int)picture->y + 15);
    fputs(shown[finding->result].word, picture->out);
    if (finding->has_margin) {
        fprintf(picture->out, " <tspan class=\"soft\">%s%s</tspan>",
                finding->margin_ns < 0 ? "" : "+", evidence_seconds(margin, finding->margin_ns));
    }
    fputs("</text>\n", picture->out);
}

/* Has the anchor of its window been reached? */
static bool has_begun(const struct expectation *expectation, const struct anchors *anchors)
{
    return evidence_anchor_come(anchors, expectation->anchor);
}

static void draw_window(struct picture *picture, const struct expectation *expectation,
                        const struct anchors *anchors, const struct report_finding *finding)
{
    FILE *out = picture->out;
    double x;
    double width;

    svg_run_begin_lane(picture, WINDOW_HEIGHT, expect_kind_name(expectation->kind));
    struct window window = evidence_window(expectation, anchors);
    int64_t from_ns = svg_run_since(picture, window.start_ns);
    int64_t to_ns = svg_run_since(picture, window.end_ns);
    bool begun = has_begun(expectation, anchors);
    if (!expectation->unknown && !begun) {
        svg_text(out, "soft", "start", LEFT + 5, picture->y + 15,
                 expectation->anchor == ANCHOR_PRESS ? "no press" : "no release");
    } else if (!expectation->unknown && svg_run_span(picture, from_ns, to_ns, &x, &width)) {
        svg_rect_titled(out, "window", x, picture->y + 3, width, 16,
                        finding ? finding->expected : NULL);
        if (to_ns > picture->axis.to_ns) {
            fprintf(out, "<path class=\"beyond\" d=\"M%d %d l5 5 l-5 5\"/>\n", LEFT + PLOT + 1,
                    (int)picture->y + 6);
        }
        size_t columns = width > 16 ? (size_t)((width - 10) / COLUMN_WIDTH) : 0;
        if (finding && columns > 8) {
            fprintf(out, "<text class=\"soft\" x=\"%d\" y=\"%d\">", (int)x + 5,
                    (int)picture->y + 15);
            svg_escape_cut(out, finding->expected, columns);
            fputs("</text>\n", out);
        }
    }
    if (finding && finding->has_at && svg_run_instant(picture, finding->at_ns, &x)) {
        svg_circle(out, "seen", x, picture->y + 11, 5);
    }
    if (finding) {
        draw_result(picture, finding);
    }
    picture->y += WINDOW_HEIGHT;
}

/* The findings fit the procedure: it is the one that they were made by. */
static bool findings_fit(const struct picture *picture)
{
    const struct report_run *run = picture->run;
    if (run->finding_count != picture->procedure->expect_count) {
        return false;
    }
    for (size_t i = 0; i < run->finding_count; i++) {
        if (strcmp(run->findings[i].what, expect_kind_name(picture->procedure->expect[i].kind)) !=
            0) {
            return false;
        }
    }
    return true;
}

void svg_run_windows(struct picture *picture)
{
    struct anchors anchors = evidence_anchors(picture->procedure, picture->timeline);
    bool fit = findings_fit(picture);

    svg_text(picture->out, "soft", "start", 4, picture->y + 13, "expected:");
    svg_text(picture->out, "soft", "start", LEFT, picture->y + 13,
             "boxes: when it was expected · ●: when it was observed · > the window continues");
    picture->y += WINDOWS_GAP;
    for (size_t i = 0; i < picture->procedure->expect_count; i++) {
        draw_window(picture, &picture->procedure->expect[i], &anchors,
                    fit ? &picture->run->findings[i] : NULL);
    }
}
