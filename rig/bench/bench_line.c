/* Loads one wire: chip and line, polarity, bias; and checks that no wire is used twice. */
#include "rig/bench/bench_internal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { OFFSET_MAX = 4095 };

const char *const bench_biases[] = {[BIAS_AS_IS] = "as-is",
                                    [BIAS_OFF] = "off",
                                    [BIAS_UP] = "pull-up",
                                    [BIAS_DOWN] = "pull-down",
                                    [BIAS_DOWN + 1] = NULL};

static struct line_ref *line_of(const struct field *field, void *object)
{
    return (struct line_ref *)(void *)((char *)object + field->offset);
}

/* A number is an offset, anything else (also a quoted number) the name of a line. */
void bench_read_line(const struct loading *loading, const struct field *field,
                     const struct yaml_node *map, void *object)
{
    struct line_ref *line = line_of(field, object);
    const struct yaml_node *node = yaml_get(map, field->key);
    if (!yaml_want(loading->diags, node, YAML_SCALAR, "`line`")) {
        return;
    }
    line->place = node->place;
    if (node->quoted || node->text[0] == '\0' || !strchr("+-0123456789", node->text[0])) {
        if (fields_check_sentence(loading->diags, node, "the name of a line")) {
            line->name = node->text;
        }
        return;
    }
    int64_t offset = 0;
    if (!yaml_int(loading->diags, node, 0, OFFSET_MAX, &offset)) {
        return;
    }
    line->offset = (unsigned)offset;
    if (!line->chip) {
        diag_error(loading->diags, node->place, "give the line or its station a `chip`",
                   "line %u has no chip", line->offset);
    }
}

void bench_read_active(const struct loading *loading, const struct field *field,
                       const struct yaml_node *map, void *object)
{
    static const char *const levels[] = {"high", "low", NULL};
    int level = 0;
    if (yaml_get_word(loading->diags, map, field->key, levels, &level)) {
        line_of(field, object)->active_low = level == 1;
    }
}

/* For tables whose object is the wire itself. */
struct only_line {
    struct line_ref line;
};

const struct field bench_line_fields[] = {
    BENCH_LINE_KEYS(struct only_line, line),
    {.key = NULL},
};

bool bench_line_only(const struct loading *loading, const struct yaml_node *map, const char *what,
                     struct line_ref *line)
{
    struct only_line only = {*line};
    bool good = fields_read(loading, map, what, bench_line_fields, &only);
    *line = only.line;
    return good;
}

/* ---- twice ------------------------------------------------------------------------------ */

static bool same_line(const struct line_ref *a, const struct line_ref *b)
{
    bool same_chip = !a->chip || !b->chip || strcmp(a->chip, b->chip) == 0;
    if (a->name && b->name) {
        return same_chip && strcmp(a->name, b->name) == 0;
    }
    return !a->name && !b->name && same_chip && a->offset == b->offset;
}

struct seen {
    const struct line_ref *lines[BENCH_STATIONS_MAX * (BENCH_ACTUATORS_MAX + BENCH_INPUTS_MAX)];
    size_t count;
};

static void see(const struct loading *loading, struct seen *seen, const struct line_ref *line)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (same_line(seen->lines[i], line)) {
            char which[SENTENCE_TEXT_MAX + 8];
            if (line->name) {
                snprintf(which, sizeof(which), "%s", line->name);
            } else {
                snprintf(which, sizeof(which), "%u", line->offset);
            }
            diag_error(loading->diags, line->place, "wire each to its own line",
                       "line %s is already used, on line %d of this file", which,
                       seen->lines[i]->place.line);
            return;
        }
    }
    seen->lines[seen->count++] = line;
}

void bench_check_lines(const struct loading *loading, const struct bench *bench)
{
    struct seen seen = {.count = 0};
    for (size_t s = 0; s < bench->station_count; s++) {
        const struct station *station = &bench->stations[s];
        for (size_t i = 0; i < station->actuator_count; i++) {
            see(loading, &seen, &station->actuators[i].line);
        }
        for (size_t i = 0; i < station->input_count; i++) {
            see(loading, &seen, &station->inputs[i].line);
        }
    }
}
