/* How exact were the presses? Reads the kernel's own record of every GPIO write.
 *
 * usage: press_trace [--json] [--nominal US] [--chord] [--active-low]
 *                    --line NAME=GPIO [--line ...] [TRACE...]
 *
 * TRACE is the text of /sys/kernel/tracing/trace with the event gpio:gpio_value (standard input
 * when there is none). Each file is taken by itself: it must begin and end with all lines released.
 * A press is a write that makes a line active, up to the next one that makes it inactive; writes
 * that change nothing are passed over. Stamps are read to the nanosecond, though the kernel prints
 * microseconds.
 *
 * Prints a table, one row a measure, all times in microseconds; median and p99 are by nearest rank:
 *
 *     measure            n      median         p99         max
 *     duration         200  100310.000  101022.000  101207.000
 *     error            200     310.000    1022.000    1207.000      |duration - nominal|
 *     press_skew       200      12.000      40.000      55.000      --chord: first to last line
 *     release_skew     200      11.000      31.000      42.000
 *
 * With --chord the lines must be pressed together each time; one press is then one chord, whose
 * duration and error are those of the first line named. With --json: one JSON line for each press
 * of each line, and one for each row of the table.
 *
 * Exit status: 0; 1 when the trace cannot be trusted (events lost, a press without a release, a
 * chord without one of its lines, no press at all, not a trace); 2 for a usage error. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LINES = 32,
    MAX_NAME = 32,
    MAX_TEXT = 1024,
};

/* A century. A stamp beyond it is not one. */
#define MAX_SECONDS UINT64_C(3155760000)

/* One press of one line. Released is zero while it lasts. */
struct press {
    uint64_t pressed_ns;
    uint64_t released_ns;
};

struct line {
    char name[MAX_NAME];
    unsigned gpio;
    bool active;
    struct press *presses;
    size_t count;
    size_t capacity;
};

/* Samples of one measure, in nanoseconds. */
struct samples {
    uint64_t *value;
    size_t count;
};

struct options {
    bool json;
    bool chord;
    bool active_low;
    bool have_nominal;
    uint64_t nominal_ns;
    struct line lines[MAX_LINES];
    size_t line_count;
};

/* A place in the input, for messages. */
struct place {
    const char *file;
    unsigned long row;
};

static _Noreturn void usage(const char *why)
{
    fprintf(stderr,
            "press_trace: %s\n"
            "usage: press_trace [--json] [--nominal US] [--chord] [--active-low] "
            "--line NAME=GPIO... [TRACE...]\n",
            why);
    exit(2);
}

__attribute__((format(printf, 2, 3))) static _Noreturn void reject(const struct place *at,
                                                                   const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "%s:%lu: ", at->file, at->row);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static void *allocate(void *old, size_t count, size_t size)
{
    void *p = reallocarray(old, count, size);

    if (!p) {
        fprintf(stderr, "press_trace: out of memory\n");
        exit(1);
    }
    return p;
}

/* Reads digits at *text and moves it past them. False when there are none, or more than max. */
static bool read_number(const char **text, uint64_t max, uint64_t *number)
{
    const char *p = *text;
    uint64_t n = 0;

    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        n = n * 10 + (uint64_t)(*p - '0');
        if (n > max)
            return false;
    }
    *text = p;
    *number = n;
    return true;
}

/* Reads SECONDS.FRACTION, with up to nine digits of fraction, as nanoseconds. */
static bool read_seconds(const char **text, uint64_t *ns)
{
    const char *p = *text;
    const char *fraction;
    uint64_t whole, part;

    if (!read_number(&p, MAX_SECONDS, &whole) || *p != '.')
        return false;
    fraction = ++p;
    if (!read_number(&p, 999999999, &part) || p - fraction > 9)
        return false;
    for (long digits = p - fraction; digits < 9; digits++)
        part *= 10;
    *ns = whole * 1000000000 + part;
    *text = p;
    return true;
}

static struct line *find_line(struct options *opt, uint64_t gpio)
{
    for (size_t i = 0; i < opt->line_count; i++) {
        if (opt->lines[i].gpio == gpio)
            return &opt->lines[i];
    }
    return NULL;
}

static void take_write(struct line *line, bool active, uint64_t ns)
{
    if (active == line->active)
        return;
    line->active = active;
    if (!active) {
        line->presses[line->count - 1].released_ns = ns;
        return;
    }
    if (line->count == line->capacity) {
        line->capacity = line->capacity ? 2 * line->capacity : 64;
        line->presses = allocate(line->presses, line->capacity, sizeof(*line->presses));
    }
    line->presses[line->count++] = (struct press){.pressed_ns = ns};
}

/* A comment of the trace's head: says whether the kernel's buffer had room for everything, and how
 * many events follow. */
static void check_comment(const struct place *at, const char *text, uint64_t *promised)
{
    static const char head[] = "# entries-in-buffer/entries-written:";
    uint64_t kept, written;

    if (strncmp(text, head, sizeof(head) - 1) != 0)
        return;
    text += sizeof(head) - 1;
    text += strspn(text, " ");
    if (!read_number(&text, UINT64_MAX / 16, &kept) || *text++ != '/' ||
        !read_number(&text, UINT64_MAX / 16, &written))
        reject(at, "the count of entries cannot be read");
    if (kept != written)
        reject(at,
               "events lost: the kernel kept %" PRIu64 " of %" PRIu64 ", its buffer is too small",
               kept, written);
    *promised = kept;
}

/* One event, `TASK-PID [CPU] FLAGS STAMP: gpio_value: GPIO set|get VALUE`. Other events than
 * writes of the asked lines only have their stamps checked. */
static void take_event(struct options *opt, const struct place *at, const char *text,
                       uint64_t *last_ns)
{
    static const char event[] = ": gpio_value: ";
    const char *cpu = text;
    const char *p;
    uint64_t ns, gpio, value;
    bool set;

    /* A task's name may hold anything, but what follows `[CPU]` is the kernel's. */
    for (p = text; (p = strstr(p, " [")) != NULL; p++)
        if (p[2] >= '0' && p[2] <= '9' && p[3] >= '0' && p[3] <= '9' && p[4] >= '0' &&
            p[4] <= '9' && p[5] == ']')
            cpu = p + 6;
    if (cpu == text)
        reject(at, "not an event of a trace, or cut short: %.60s", text);
    cpu += strspn(cpu, " ");
    cpu += strcspn(cpu, " ");
    cpu += strspn(cpu, " ");
    p = cpu;
    if (!read_seconds(&p, &ns) || *p != ':')
        reject(at, "no time stamp in seconds where one belongs: %.60s", cpu);
    if (ns < *last_ns)
        reject(at, "time goes backwards, from %" PRIu64 " to %" PRIu64 " ns", *last_ns, ns);
    *last_ns = ns;
    if (strncmp(p, event, sizeof(event) - 1) != 0)
        return;

    p += sizeof(event) - 1;
    if (!read_number(&p, UINT32_MAX, &gpio) || *p++ != ' ')
        reject(at, "gpio_value without a GPIO number");
    if (strncmp(p, "set ", 4) == 0)
        set = true;
    else if (strncmp(p, "get ", 4) == 0)
        set = false;
    else
        reject(at, "gpio_value is neither set nor get");
    p += 4;
    if (!read_number(&p, 1, &value) || *p != '\0')
        reject(at, "gpio_value is neither 0 nor 1, or is cut short");
    if (set) {
        struct line *line = find_line(opt, gpio);

        if (line)
            take_write(line, (value == 1) != opt->active_low, ns);
    }
}

static void read_trace(struct options *opt, FILE *in, const char *name)
{
    struct place at = {.file = name};
    uint64_t last_ns = 0, events = 0, promised = UINT64_MAX;
    bool headed = false;
    char text[MAX_TEXT];

    while (fgets(text, sizeof(text), in)) {
        size_t length = strlen(text);

        at.row++;
        if (length == 0 || text[length - 1] != '\n')
            reject(&at, "the line is cut short, too long, or holds a NUL");
        text[length - 1] = '\0';
        if (strncmp(text, "# tracer:", 9) == 0)
            headed = true;
        if (strstr(text, " EVENTS]") && strstr(text, "[LOST "))
            reject(&at, "events lost: %s", text);
        if (text[0] == '#') {
            check_comment(&at, text, &promised);
        } else if (!headed) {
            reject(&at, "not a kernel trace: it does not begin with '# tracer:'");
        } else if (length > 1) {
            take_event(opt, &at, text, &last_ns);
            events++;
        }
    }
    if (ferror(in))
        reject(&at, "cannot read: %s", strerror(errno));
    if (!headed)
        reject(&at, "not a kernel trace: it does not begin with '# tracer:'");
    if (events != promised)
        reject(&at,
               "cut short or joined: it holds %" PRIu64 " events, not the number its head says",
               events);
    for (size_t i = 0; i < opt->line_count; i++) {
        const struct line *line = &opt->lines[i];

        if (line->active)
            reject(&at,
                   "missing release: %s (gpio %u), pressed at %" PRIu64 " ns, is still pressed"
                   " at the end",
                   line->name, line->gpio, line->presses[line->count - 1].pressed_ns);
    }
}

/* Every line pressed as often as the first, and each time with it. */
static void check_chords(const struct options *opt, const struct place *at)
{
    const struct line *first = &opt->lines[0];

    for (size_t i = 1; i < opt->line_count; i++) {
        const struct line *line = &opt->lines[i];

        if (line->count != first->count)
            reject(at, "not chords: %s was pressed %zu times, %s %zu times", first->name,
                   first->count, line->name, line->count);
        for (size_t k = 0; k < line->count; k++) {
            if (line->presses[k].pressed_ns >= first->presses[k].released_ns ||
                first->presses[k].pressed_ns >= line->presses[k].released_ns)
                reject(at, "not a chord: press %zu of %s and of %s do not overlap", k + 1,
                       first->name, line->name);
        }
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* By nearest rank: the smallest sample that at least `percent` of them do not exceed. */
static uint64_t quantile(const struct samples *sorted, unsigned percent)
{
    size_t rank = (sorted->count * percent + 99) / 100;

    return sorted->value[rank > 0 ? rank - 1 : 0];
}

static void print_us(const char *before, uint64_t ns, const char *after)
{
    printf("%s%" PRIu64 ".%03" PRIu64 "%s", before, ns / 1000, ns % 1000, after);
}

static void print_measure(const struct options *opt, const char *name, struct samples *s)
{
    uint64_t row[3];

    qsort(s->value, s->count, sizeof(*s->value), compare_u64);
    row[0] = quantile(s, 50);
    row[1] = quantile(s, 99);
    row[2] = s->value[s->count - 1];
    if (opt->json) {
        printf("{\"measure\":\"%s\",\"n\":%zu", name, s->count);
        print_us(",\"median_us\":", row[0], "");
        print_us(",\"p99_us\":", row[1], "");
        print_us(",\"max_us\":", row[2], "}\n");
        return;
    }
    printf("%-12s %7zu", name, s->count);
    for (size_t i = 0; i < 3; i++)
        printf(" %11.3f", (double)row[i] / 1000);
    putchar('\n');
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void print_presses(const struct options *opt)
{
    for (size_t i = 0; i < opt->line_count; i++) {
        const struct line *line = &opt->lines[i];

        for (size_t k = 0; k < line->count; k++) {
            const struct press *press = &line->presses[k];

            printf("{\"line\":\"%s\",\"press\":%zu,\"pressed_ns\":%" PRIu64
                   ",\"released_ns\":%" PRIu64,
                   line->name, k + 1, press->pressed_ns, press->released_ns);
            print_us(",\"duration_us\":", press->released_ns - press->pressed_ns, "");
            if (opt->have_nominal)
                print_us(",\"error_us\":",
                         distance(press->released_ns - press->pressed_ns, opt->nominal_ns), "");
            printf("}\n");
        }
    }
}

/* With --chord only the first line's durations: one chord is one press. */
static void report_durations(const struct options *opt)
{
    size_t lines = opt->chord ? 1 : opt->line_count;
    struct samples duration = {0}, error = {0};
    size_t total = 0;

    for (size_t i = 0; i < lines; i++)
        total += opt->lines[i].count;
    duration.value = allocate(NULL, total, sizeof(*duration.value));
    error.value = allocate(NULL, total, sizeof(*error.value));
    for (size_t i = 0; i < lines; i++) {
        for (size_t k = 0; k < opt->lines[i].count; k++) {
            const struct press *press = &opt->lines[i].presses[k];
            uint64_t ns = press->released_ns - press->pressed_ns;

            duration.value[duration.count++] = ns;
            error.value[error.count++] = distance(ns, opt->nominal_ns);
        }
    }
    print_measure(opt, "duration", &duration);
    if (opt->have_nominal)
        print_measure(opt, "error", &error);
    free(duration.value);
    free(error.value);
}

static void report_skew(const struct options *opt, const char *name, bool release)
{
    size_t chords = opt->lines[0].count;
    struct samples skew = {.value = allocate(NULL, chords, sizeof(*skew.value)), .count = chords};

    for (size_t k = 0; k < chords; k++) {
        uint64_t low = UINT64_MAX, high = 0;

        for (size_t i = 0; i < opt->line_count; i++) {
            const struct press *press = &opt->lines[i].presses[k];
            uint64_t ns = release ? press->released_ns : press->pressed_ns;

            low = ns < low ? ns : low;
            high = ns > high ? ns : high;
        }
        skew.value[k] = high - low;
    }
    print_measure(opt, name, &skew);
    free(skew.value);
}

static void add_line(struct options *opt, const char *text)
{
    struct line *line = &opt->lines[opt->line_count];
    const char *equals = strchr(text, '=');
    uint64_t gpio;

    if (opt->line_count == MAX_LINES)
        usage("too many lines");
    if (!equals || equals == text || equals - text >= MAX_NAME)
        usage("--line wants NAME=GPIO");
    for (const char *p = text; p < equals; p++) {
        if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
            usage("a line's name has characters that would need quoting");
    }
    memcpy(line->name, text, (size_t)(equals - text));
    equals++;
    if (!read_number(&equals, UINT32_MAX, &gpio) || *equals != '\0')
        usage("--line wants a GPIO number after the '='");
    if (find_line(opt, gpio))
        usage("the same GPIO is named twice");
    line->gpio = (unsigned)gpio;
    opt->line_count++;
}

/* Returns the index of the first TRACE argument. */
static int read_options(struct options *opt, int argc, char **argv)
{
    int i;

    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        uint64_t us;

        if (strcmp(argv[i], "--json") == 0) {
            opt->json = true;
        } else if (strcmp(argv[i], "--chord") == 0) {
            opt->chord = true;
        } else if (strcmp(argv[i], "--active-low") == 0) {
            opt->active_low = true;
        } else if (strcmp(argv[i], "--nominal") == 0 && value) {
            if (!read_number(&value, MAX_SECONDS * 1000000, &us) || *value != '\0')
                usage("--nominal wants microseconds");
            opt->have_nominal = true;
            opt->nominal_ns = us * 1000;
            i++;
        } else if (strcmp(argv[i], "--line") == 0 && value) {
            add_line(opt, value);
            i++;
        } else {
            usage("unknown option, or one without its value");
        }
    }
    if (opt->line_count == 0)
        usage("no --line given");
    if (opt->chord && opt->line_count < 2)
        usage("--chord wants at least two lines");
    return i;
}

int main(int argc, char **argv)
{
    struct options opt = {0};
    struct place at = {.file = "standard input"};
    int i = read_options(&opt, argc, argv);

    if (i == argc)
        read_trace(&opt, stdin, at.file);
    for (; i < argc; i++) {
        FILE *in = fopen(argv[i], "r");

        at.file = argv[i];
        if (!in)
            reject(&at, "cannot open: %s", strerror(errno));
        read_trace(&opt, in, argv[i]);
        fclose(in);
    }
    for (size_t k = 0; k < opt.line_count; k++) {
        if (opt.lines[k].count == 0)
            reject(&at, "no press of %s (gpio %u) in the trace", opt.lines[k].name,
                   opt.lines[k].gpio);
    }
    if (opt.chord)
        check_chords(&opt, &at);

    if (opt.json)
        print_presses(&opt);
    else
        printf("%-12s %7s %11s %11s %11s\n", "measure", "n", "median", "p99", "max");
    report_durations(&opt);
    if (opt.chord) {
        report_skew(&opt, "press_skew", false);
        report_skew(&opt, "release_skew", true);
    }
    for (size_t k = 0; k < opt.line_count; k++)
        free(opt.lines[k].presses);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "press_trace: cannot write: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}
