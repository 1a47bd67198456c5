/*
 * The figures of a program with screens, each as a person at the terminal has it:
 *     measure [OPTION...] PROGRAM [ARGUMENT...]
 * First screen (median of some starts), processor time and output while nobody types, and how long
 * a key takes to the screen (median and 95th percentile).
 */
#include "tests/tui/keynames.h"
#include "tests/tui/stage.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)

enum { STARTS = 9, PRESSES = 60 };

struct measure {
    struct stage stage;
    const char *label;
    const char *before; /* keys to the screen that is measured; NULL: none */
    const char *expect; /* what is there then */
    const char *there;  /* the keys that are timed, by turns */
    const char *back;
    const char *quit;
    long seconds; /* of idleness */
    char *const *arguments;
};

static int by_size(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a;
    int64_t two = *(const int64_t *)b;
    return (one > two) - (one < two);
}

static double percentile_ms(int64_t *values, size_t count, double part)
{
    qsort(values, count, sizeof *values, by_size);
    return (double)values[(size_t)((double)(count - 1) * part + 0.5)] / 1e6;
}

static bool press(struct ptyvt *pty, const char *list)
{
    char *copy = strdup(list);
    char *rest = copy;
    bool good = true;
    for (char *name; good && (name = strsep(&rest, " "));) {
        char bytes[KEYNAMES_BYTES_MAX];
        size_t count = keynames_bytes(name, bytes);
        good = count > 0 && ptyvt_send(pty, bytes, count) == 0;
        if (good && rest)
            ptyvt_wait(pty, 100 * MS);
    }
    free(copy);
    return good;
}

static struct ptyvt *start(struct measure *measure)
{
    struct stage *stage = &measure->stage;
    const struct ptyvt_setup setup = {.rows = stage->rows,
                                      .columns = stage->columns,
                                      .arguments = measure->arguments,
                                      .environment = stage->environment};
    struct ptyvt *pty = ptyvt_start(&setup, stage->error, sizeof stage->error);
    if (!pty)
        return NULL;
    if (ptyvt_up(pty, 60 * MS, 60000 * MS))
        return pty;
    stage_fail(stage, "%s shows nothing", measure->label);
    ptyvt_free(pty);
    return NULL;
}

static bool stop(struct measure *measure, struct ptyvt *pty)
{
    bool good = press(pty, measure->quit) && ptyvt_ended(pty, 60000 * MS, NULL);
    if (!good)
        stage_fail(&measure->stage, "%s does not end with %s", measure->label, measure->quit);
    ptyvt_free(pty);
    return good;
}

static bool first_screens(struct measure *measure)
{
    int64_t first[STARTS];
    int64_t whole[STARTS];
    for (int i = 0; i < STARTS; i++) {
        struct ptyvt *pty = start(measure);
        if (!pty)
            return false;
        first[i] = ptyvt_first_ns(pty) - ptyvt_started_ns(pty);
        whole[i] = ptyvt_first_whole_ns(pty) - ptyvt_started_ns(pty);
        if (!stop(measure, pty))
            return false;
    }
    printf("  %-16s first screen %6.1f ms, whole %6.1f ms (median of %d starts)\n", measure->label,
           percentile_ms(first, STARTS, 0.5), percentile_ms(whole, STARTS, 0.5), STARTS);
    return true;
}

static void idle(struct measure *measure, struct ptyvt *pty)
{
    ptyvt_quiet(pty, 300 * MS, 2000 * MS);
    int64_t begin_ns = ptyvt_now_ns();
    int64_t cpu_ns = ptyvt_cpu_ns(pty);
    uint64_t bytes = ptyvt_bytes(pty);
    ptyvt_wait(pty, measure->seconds * 1000 * MS);
    double wall = (double)(ptyvt_now_ns() - begin_ns);
    printf("  %-16s untouched for %ld s: %.2f %% of a processor, %.0f bytes/s\n", measure->label,
           measure->seconds, 100 * (double)(ptyvt_cpu_ns(pty) - cpu_ns) / wall,
           (double)(ptyvt_bytes(pty) - bytes) / (wall / 1e9));
}

static bool latencies(struct measure *measure, struct ptyvt *pty)
{
    int64_t took[PRESSES];
    size_t count = 0;
    for (int i = 0; i < PRESSES; i++) {
        char bytes[KEYNAMES_BYTES_MAX];
        size_t size = keynames_bytes(i % 2 ? measure->back : measure->there, bytes);
        int64_t ns = size ? ptyvt_latency_ns(pty, bytes, size, 30000 * MS) : -1;
        if (ns >= 0)
            took[count++] = ns;
        /* Not in step with anything of the program's. */
        ptyvt_wait(pty, (20 + i * 7 % 23) * MS);
    }
    if (count < PRESSES / 2)
        return stage_fail(&measure->stage, "%s does not answer to %s and %s", measure->label,
                          measure->there, measure->back);
    printf("  %-16s key to screen p50 %.2f ms, p95 %.2f ms (%zu presses)\n", measure->label,
           percentile_ms(took, count, 0.5), percentile_ms(took, count, 0.95), count);
    return true;
}

static bool measure_all(struct measure *measure)
{
    if (!first_screens(measure))
        return false;
    struct ptyvt *pty = start(measure);
    if (!pty)
        return false;
    if (measure->before && !press(pty, measure->before)) {
        ptyvt_free(pty);
        return stage_fail(&measure->stage, "the keys %s could not be typed", measure->before);
    }
    if (measure->expect && !ptyvt_expect(pty, measure->expect, 60000 * MS)) {
        screen_print(ptyvt_screen(pty), stdout);
        ptyvt_free(pty);
        return stage_fail(&measure->stage, "not on the screen: \"%s\"", measure->expect);
    }
    idle(measure, pty);
    if (!latencies(measure, pty)) {
        ptyvt_free(pty);
        return false;
    }
    return stop(measure, pty);
}

static int usage(void)
{
    fprintf(stderr, "usage: measure [OPTION...] PROGRAM [ARGUMENT...]\n"
                    "  --label TEXT     before each line (the program's name)\n"
                    "  --keys \"KEYS\"    to the screen that is measured (none)\n"
                    "  --expect TEXT    what is on it\n"
                    "  --there KEY      the keys that are timed, by turns (Down and Up)\n"
                    "  --back KEY\n"
                    "  --quit \"KEYS\"    (q)\n"
                    "  --seconds N      of idleness (5)\n"
                    "  --size WxH       (80x24)\n"
                    "  --env NAME=VALUE\n");
    return 2;
}

static bool take_option(struct measure *measure, int option, char *value)
{
    struct stage *stage = &measure->stage;
    char *equals;
    switch (option) {
    case 'l':
        measure->label = value;
        return true;
    case 'k':
        measure->before = value;
        return true;
    case 'x':
        measure->expect = value;
        return true;
    case 't':
        measure->there = value;
        return true;
    case 'b':
        measure->back = value;
        return true;
    case 'q':
        measure->quit = value;
        return true;
    case 's':
        return play_number(value, 1, 3600, &measure->seconds);
    case 'z':
        return play_size(value, &stage->columns, &stage->rows);
    case 'e':
        if ((equals = strchr(value, '=')))
            *equals = '\0';
        return equals && stage_set(stage, value, equals + 1);
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"label", required_argument, NULL, 'l'},   {"keys", required_argument, NULL, 'k'},
        {"expect", required_argument, NULL, 'x'},  {"there", required_argument, NULL, 't'},
        {"back", required_argument, NULL, 'b'},    {"quit", required_argument, NULL, 'q'},
        {"seconds", required_argument, NULL, 's'}, {"size", required_argument, NULL, 'z'},
        {"env", required_argument, NULL, 'e'},     {NULL, 0, NULL, 0}};
    static struct measure measure = {.there = "Down", .back = "Up", .quit = "q", .seconds = 5};
    struct stage *stage = &measure.stage;
    const char *build = getenv("BUILD");
    stage->slow = 1;
    signal(SIGPIPE, SIG_IGN);
    if (!setlocale(LC_CTYPE, "C.UTF-8") || !stage_open(stage, build ? build : "build")) {
        fprintf(stderr, "measure: %s\n", stage->error[0] ? stage->error : "no locale C.UTF-8");
        return 2;
    }
    bool good = true;
    for (int option; good && (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        good = take_option(&measure, option, optarg);
    if (!good || optind == argc) {
        stage_close(stage);
        return usage();
    }
    measure.arguments = argv + optind;
    if (!measure.label) {
        const char *slash = strrchr(argv[optind], '/');
        measure.label = slash ? slash + 1 : argv[optind];
    }
    setenv("PATH", stage_get(stage, "PATH"), 1);
    good = measure_all(&measure);
    if (!good)
        fprintf(stderr, "measure: %s\n", stage->error);
    stage_close(stage);
    return good ? 0 : 1;
}
