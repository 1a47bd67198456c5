#include "tui/cli/sim_wiring.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Line numbers that our files do not use. */
    FIRST_LINE = 40,
    FIRST_CONTACT = 60,
};

static const int64_t MAX_ON_NS = 30 * NS_PER_S;
static const int64_t MAX_ON_LIMIT_NS = 60 * NS_PER_S; /* hardware/benches/README.md */

struct missing {
    const struct control *controls[BENCH_ACTUATORS_MAX];
    size_t count;
};

static bool is_known(const struct missing *missing, const char *name)
{
    for (size_t i = 0; i < missing->count; i++) {
        if (text_equal_nocase(missing->controls[i]->name, name)) {
            return true;
        }
    }
    return false;
}

/* Our benches have only one kind of station. */
static void find_missing(struct missing *missing, const struct station *station,
                         const struct profile *const *profiles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < profiles[i]->control_count; j++) {
            const struct control *control = &profiles[i]->controls[j];
            if (bench_station_actuator(station, control->name) < 0 &&
                !is_known(missing, control->name) &&
                station->actuator_count + missing->count < BENCH_ACTUATORS_MAX) {
                missing->controls[missing->count++] = control;
            }
        }
    }
}

static int64_t max_on_ms(const struct control *control)
{
    int64_t max_ns = control->max_hold_ns > MAX_ON_NS ? control->max_hold_ns : MAX_ON_NS;
    return (max_ns < MAX_ON_LIMIT_NS ? max_ns : MAX_ON_LIMIT_NS) / NS_PER_MS;
}

static void write_actuators(const struct missing *missing, FILE *out)
{
    for (size_t i = 0; i < missing->count; i++) {
        const struct control *control = missing->controls[i];
        fprintf(out,
                "      %s: { line: %zu, kind: %s, max_on: %" PRId64
                " ms, travel: { press: 8 ms, release: 5 ms, tolerance: 3 ms } }\n",
                control->name, FIRST_LINE + i, control->kind == CONTROL_TOUCH ? "touch" : "relay",
                max_on_ms(control));
    }
}

static void write_contacts(const struct missing *missing, FILE *out)
{
    for (size_t i = 0; i < missing->count; i++) {
        fprintf(out, "      %s: { line: %zu }\n", missing->controls[i]->name, FIRST_CONTACT + i);
    }
}

static bool is_line(const char *line, size_t length, const char *text)
{
    return length == strlen(text) && strncmp(line, text, length) == 0;
}

/* Copies the bench's text line by line, adding to the end of `actuators` and `contact`. */
static void write_bench(const struct bench *bench, const struct missing *missing, FILE *out)
{
    const char *end = bench->text + bench->text_length;
    void (*write_more)(const struct missing *, FILE *) = NULL;
    for (const char *line = bench->text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline ? newline : end) - line);
        if (write_more && strncmp(line, "      ", strlen("      ")) != 0) {
            write_more(missing, out);
            write_more = NULL;
        }
        fprintf(out, "%.*s\n", (int)length, line);
        write_more = is_line(line, length, "    actuators:") ? write_actuators
                     : is_line(line, length, "    contact:") ? write_contacts
                                                             : write_more;
        line += length + 1;
    }
}

struct bench *sim_wiring(struct bench *bench, struct diags *diags,
                         const struct profile *const *profiles, size_t count)
{
    struct missing missing = {.count = 0};
    char *text = NULL;
    size_t length = 0;

    find_missing(&missing, &bench->stations[0], profiles, count);
    FILE *out = missing.count ? open_memstream(&text, &length) : NULL;
    if (!out) {
        return bench;
    }
    write_bench(bench, &missing, out);
    fclose(out);
    struct bench *wired = bench_load_text(diags, bench->path, text, length);
    free(text);
    bench_free(bench);
    return wired;
}
