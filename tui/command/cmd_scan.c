/*
 * `longpress scan`: lists nearby Bluetooth units, live.
 */
#include "hardware/radio/radio_scan.h"
#include "rig/base/clock.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/format/json.h"
#include "rig/timeline/timeline.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/console.h"
#include "tui/term/style.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    ROWS_MAX = 512,
    NAME_COLUMNS = 30,
    HEADING_ROWS = 2,
};

static const int64_t REDRAW_NS = 500 * NS_PER_MS;

struct list {
    size_t count;
    struct scan_device rows[ROWS_MAX];
};

/* Units heard first, nearest on top; the order is stable. */
static int by_strength(const void *a, const void *b)
{
    const struct scan_device *x = a;
    const struct scan_device *y = b;
    if (x->heard != y->heard) {
        return y->heard - x->heard;
    }
    return x->heard && x->rssi != y->rssi ? y->rssi - x->rssi : strcmp(x->address, y->address);
}

static void gather(const struct scan *scan, struct list *list)
{
    size_t i = 0;
    list->count = 0;
    while (list->count < ROWS_MAX && radio_scan_next(scan, &i, &list->rows[list->count])) {
        list->count++;
    }
    qsort(list->rows, list->count, sizeof(list->rows[0]), by_strength);
}

/* A name cut to the column's width, whatever it is made of. */
static void print_name(const char *name)
{
    char printable[1024];
    char cut[1024];
    text_printable(printable, sizeof(printable), name[0] ? name : "(no name)");
    size_t size = sizeof(cut);
    while (text_columns(text_printable(cut, size, printable)) > NAME_COLUMNS) {
        size = strlen(cut);
    }
    printf("%s%*s", cut, NAME_COLUMNS - text_columns(cut), "");
}

static void print_row(const struct scan_device *device)
{
    print_name(device->name);
    printf("  %s", device->address);
    if (device->heard) {
        printf("  %4d dBm", device->rssi);
    } else {
        printf("         -");
    }
    const char *transport = radio_transport_name(device->transports);
    printf("  %-6s%s%s\n", transport ? transport : "-", device->paired ? "  paired" : "",
           device->connected ? "  connected" : "");
}

/* Shows the rows that fit and counts the others. */
static int print_list(const struct scan *scan, const struct list *list, int rows)
{
    struct style style = style_of(stdout);
    int printed = HEADING_ROWS;
    size_t shown = (size_t)rows < list->count ? (size_t)rows : list->count;
    const char *trouble = radio_scan_trouble(scan);

    printf("%s%-*s  %-17s  %8s  %-6s%s\n", style_ink_on(style, INK_BOLD), NAME_COLUMNS, "name",
           "address", "RSSI", "seen", style_ink_off(style));
    for (size_t i = 0; i < shown; i++) {
        print_row(&list->rows[i]);
        printed++;
    }
    if (trouble) {
        printf("%s\n", trouble);
    } else if (shown < list->count) {
        printf("... and %zu more\n", list->count - shown);
    } else {
        printf("%zu unit%s\n", list->count, list->count == 1 ? "" : "s");
    }
    fflush(stdout);
    return printed;
}

static int terminal_rows(void)
{
    struct winsize size = {0};
    const char *term = getenv("TERM");
    if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0) {
        return 0;
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row - 3 : 20;
}

static void print_json(const struct list *list)
{
    json_t *object = json_put_object();
    json_t *units = json_put_array();
    for (size_t i = 0; i < list->count; i++) {
        const struct scan_device *device = &list->rows[i];
        json_t *unit = json_put_object();
        json_put(unit, "name", json_put_text(device->name[0] ? device->name : NULL));
        json_put(unit, "address", json_put_text(device->address));
        json_put(unit, "address_type", json_put_text(device->random ? "random" : "public"));
        json_put(unit, "adapter", json_put_text(device->adapter));
        json_put(unit, "rssi", device->heard ? json_put_int(device->rssi) : json_null());
        json_put(unit, "transport", json_put_text(radio_transport_name(device->transports)));
        json_put(unit, "paired", json_boolean(device->paired));
        json_put(unit, "connected", json_boolean(device->connected));
        json_put_new(units, unit);
    }
    json_put(object, "units", units);
    json_write(object, stdout);
}

/* Runs until the time is up or somebody stops it. Returns the exit status. */
static int listen(struct scan *scan, struct list *list, int64_t length_ns, bool json, int signal_fd)
{
    int64_t begin_ns = clock_mono_ns();
    int64_t drawn_ns = begin_ns;
    int rows = json ? 0 : terminal_rows();
    int printed = 0;

    while (clock_mono_ns() - begin_ns < length_ns && !console_signalled(signal_fd)) {
        int64_t until_ns = begin_ns + length_ns;
        if (rows && drawn_ns + REDRAW_NS < until_ns) {
            until_ns = drawn_ns + REDRAW_NS;
        }
        radio_scan_wait(scan, until_ns, signal_fd);
        if (rows && clock_mono_ns() - drawn_ns >= REDRAW_NS) {
            drawn_ns = clock_mono_ns();
            gather(scan, list);
            if (printed) {
                printf("\033[%dA\033[J", printed);
            }
            printed = print_list(scan, list, rows);
        }
    }
    gather(scan, list);
    if (printed) {
        printf("\033[%dA\033[J", printed);
    }
    if (json) {
        print_json(list);
    } else if (radio_scan_adapters(scan) > 0) {
        print_list(scan, list, ROWS_MAX);
    }
    if (radio_scan_adapters(scan) == 0) {
        fprintf(stderr, "scan: error: %s\n",
                radio_scan_trouble(scan) ? radio_scan_trouble(scan)
                                         : "bluetoothd did not answer in time");
        return EXIT_BENCH;
    }
    return EXIT_DONE;
}

struct scan_options {
    const char *bench;
    int64_t seconds;
    bool json;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct scan_options options = {.seconds = 15};
    struct bench_session bench_session = {0};
    struct console console = {.signal_fd = -1};
    struct diags diags = DIAGS_INIT;
    const char *adapters[BENCH_STATIONS_MAX];
    size_t adapter_count = 0;
    int status = EXIT_USAGE;
    (void)context;

    if (!option_parse(&cmd_scan, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.bench && bench_session_bench(&bench_session, &diags, options.bench) != 0) {
        goto out;
    }
    if (bench_session.bench && bench_session.bench->simulated) {
        diag_error(&diags, place_of("--bench"),
                   "leave --bench out to search with this machine's adapters",
                   "the radio of a simulated bench is simulated: there is nothing on the air");
        goto out;
    }
    for (size_t i = 0; bench_session.bench && i < bench_session.bench->station_count; i++) {
        if (bench_session.bench->stations[i].adapter) {
            adapters[adapter_count++] = bench_session.bench->stations[i].adapter;
        }
    }
    if (bench_session.bench && adapter_count == 0) {
        diag_error(&diags, place_of(bench_session.bench_name), "add `bluetooth: { adapter: ... }`",
                   "no station of this bench has a Bluetooth adapter");
        goto out;
    }
    if (console_open(&console) != 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        status = EXIT_BENCH;
        goto out;
    }
    struct scan *scan = radio_scan_open(adapters, adapter_count);
    struct list *list = xcalloc(sizeof(*list));
    status = listen(scan, list, options.seconds * NS_PER_S, options.json, console.signal_fd);
    free(list);
    radio_scan_close(scan);
out:
    bench_session_close(&bench_session);
    console_close(&console);
    return command_diags(&diags, status);
}

static const struct command_option options[] = {
    {.name = "bench",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "search only with this bench's adapters (default: all of the machine's)",
     OPTION_AT(struct scan_options, bench)},
    {.name = "seconds",
     .value = VALUE_NUMBER,
     .of = "N",
     .least = 1,
     .most = 86400,
     .help = "stop after N seconds (default: 15)",
     OPTION_AT(struct scan_options, seconds)},
    {.name = "json",
     .help = "print one JSON object at the end, and nothing else",
     OPTION_AT(struct scan_options, json)},
    OPTIONS_END,
};

const struct command cmd_scan = {
    .name = "scan",
    .summary = "list nearby Bluetooth units, live",
    .options = options,
    .about = "Searches by inquiry and for Low Energy advertising, and lists what it hears, nearest "
             "first: name, address, RSSI, how it was seen (bredr, le, or either where BlueZ does "
             "not say), paired, connected. On a terminal the list is live. Ctrl-C stops it.",
    .exits = "0 done, 2 usage or bad file, 5 no adapter could search",
    .examples = "longpress scan\n"
                "longpress scan --bench my-bench.yaml --seconds 30 --json",
    .run = run,
};
