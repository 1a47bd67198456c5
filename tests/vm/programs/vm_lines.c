/*
 * hardware/gpio/lines.h and hardware/station/station_port.h on the kernel's simulated chips. Runs
 * in the VM, as root: it makes its chips through configfs and drives their lines through sysfs.
 */
#include "hardware/doctor/doctor.h"
#include "hardware/gpio/lines.h"
#include "hardware/station/station_port.h"
#include "rig/base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- simulated chips ---------------------------------------------------------------------------
 */

#define CONFIG "/sys/kernel/config/gpio-sim"

enum { PATH_SIZE = 300 };

static void write_file(const char *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_file(const char *text, const char *format, ...)
{
    char path[PATH_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        print_error("%s: %s\n", path, strerror(errno));
        fail();
    }
    close(fd);
}

static void read_file(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void read_file(char *out, size_t size, const char *format, ...)
{
    char path[PATH_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);
    if (length < 0) {
        print_error("%s: %s\n", path, strerror(errno));
        fail();
    }
    close(fd);
    out[length] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static void sim_live(const char *device, bool live)
{
    write_file(live ? "1" : "0", CONFIG "/%s/live", device);
}

static void sim_make(const char *device, const char *label, const char *const *names, size_t count)
{
    char path[PATH_SIZE];
    char number[16];

    snprintf(path, sizeof(path), CONFIG "/%s", device);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), CONFIG "/%s/bank0", device);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(number, sizeof(number), "%zu", count);
    write_file(number, CONFIG "/%s/bank0/num_lines", device);
    write_file(label, CONFIG "/%s/bank0/label", device);
    for (size_t i = 0; i < count; i++) {
        if (names[i]) {
            snprintf(path, sizeof(path), CONFIG "/%s/bank0/line%zu", device, i);
            assert_int_equal(mkdir(path, 0755), 0);
            write_file(names[i], CONFIG "/%s/bank0/line%zu/name", device, i);
        }
    }
    sim_live(device, true);
}

/* gpiochipN */
static void sim_chip(char *out, size_t size, const char *device)
{
    read_file(out, size, CONFIG "/%s/bank0/chip_name", device);
}

static void sim_dir(char *out, size_t size, const char *device, unsigned offset)
{
    char device_name[64];
    char chip[64];
    read_file(device_name, sizeof(device_name), CONFIG "/%s/dev_name", device);
    sim_chip(chip, sizeof(chip), device);
    snprintf(out, size, "/sys/devices/platform/%s/%s/sim_gpio%u", device_name, chip, offset);
}

static void sim_pull(const char *device, unsigned offset, bool up)
{
    char directory[PATH_SIZE - 8];
    sim_dir(directory, sizeof(directory), device, offset);
    write_file(up ? "pull-up" : "pull-down", "%s/pull", directory);
}

static int sim_value(const char *device, unsigned offset)
{
    char directory[PATH_SIZE - 8];
    char value[16];
    sim_dir(directory, sizeof(directory), device, offset);
    read_file(value, sizeof(value), "%s/value", directory);
    return value[0] == '1';
}

/* rig: 0 power, 1 nc, 2 without a name, 3 led, 4 lid, 5 estop; more: 0 led_b, 1 power2 */
static int make_chips(void **state)
{
    static const char *const rig[] = {"power", "nc", NULL, "led", "lid", "estop"};
    static const char *const more[] = {"led_b", "power2"};
    (void)state;
    sim_make("lprig", "lp-rig", rig, 6);
    sim_make("lpmore", "lp-more", more, 2);
    return 0;
}

static void sim_remove(const char *device, size_t count)
{
    char path[PATH_SIZE];

    sim_live(device, false);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), CONFIG "/%s/bank0/line%zu", device, i);
        rmdir(path); /* not there for a line without a name */
    }
    snprintf(path, sizeof(path), CONFIG "/%s/bank0", device);
    assert_int_equal(rmdir(path), 0);
    snprintf(path, sizeof(path), CONFIG "/%s", device);
    assert_int_equal(rmdir(path), 0);
}

static int remove_chips(void **state)
{
    (void)state;
    sim_remove("lprig", 6);
    sim_remove("lpmore", 2);
    return 0;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_ms(long ms)
{
    struct timespec length = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&length, NULL);
}

/* Before each test: the chip is there and all is down. */
static int set_up(void **state)
{
    char live[8];
    (void)state;
    read_file(live, sizeof(live), CONFIG "/lprig/live");
    if (live[0] == '0') {
        sim_live("lprig", true);
    }
    for (unsigned i = 0; i < 6; i++) {
        sim_pull("lprig", i, false);
    }
    sim_pull("lpmore", 0, false);
    sim_pull("lpmore", 1, false);
    return 0;
}

static void assert_one_error(struct diags *diags, const char *part)
{
    if (diags->errors != 1 || !strstr(diags->items[0].what, part)) {
        print_error("expected one error with `%s`, got:\n", part);
        diags_print(diags, stderr);
        fail();
    }
}

/* ---- finding -----------------------------------------------------------------------------------
 */

static void test_finds_lines(void **state)
{
    char chip[64];
    char path[80];
    struct line_facts facts;
    (void)state;

    sim_chip(chip, sizeof(chip), "lprig");
    snprintf(path, sizeof(path), "/dev/%s", chip);
    const struct line_ref refs[] = {
        {.name = "nc"},
        {.chip = chip, .name = "nc"},
        {.chip = "lp-rig", .name = "nc"},
        {.chip = path, .name = "nc"},
        {.chip = chip, .offset = 1},
        {.chip = "lp-rig", .offset = 1},
    };
    for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
        lines_read_facts(&refs[i], &facts);
        assert_true(facts.found && facts.permitted && !facts.in_use);
        assert_string_equal(facts.problem, "");
        assert_string_equal(facts.chip, chip);
        assert_string_equal(facts.chip_path, path);
        assert_string_equal(facts.chip_label, "lp-rig");
        assert_string_equal(facts.line_name, "nc");
        assert_int_equal(facts.offset, 1);
    }
}

static void test_says_what_is_missing(void **state)
{
    char chip[64];
    struct line_facts facts;
    (void)state;

    sim_chip(chip, sizeof(chip), "lprig");
    const struct {
        struct line_ref ref;
        const char *problem;
        const char *todo;
    } cases[] = {
        {{.chip = "gpiochip99", .offset = 1}, "chip `gpiochip99` not found", chip},
        {{.chip = "lp-rig", .name = "volume"}, "has no line named `volume`", "gpioinfo"},
        {{.name = "volume"}, "no chip here has a line named `volume`", "gpioinfo"},
        {{.chip = "lp-rig", .offset = 6}, "has no line 6", "0 to 5"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lines_read_facts(&cases[i].ref, &facts);
        assert_false(facts.found);
        assert_non_null(strstr(facts.problem, cases[i].problem));
        assert_non_null(strstr(facts.todo, cases[i].todo));
    }
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

static void test_writes_outputs(void **state)
{
    struct diags diags = DIAGS_INIT;
    const struct line_ref refs[] = {
        {.name = "power"},
        {.name = "nc", .active_low = true},
        {.chip = "lp-rig", .offset = 2},
        {.name = "power2"},
    };
    const struct line_ref *const pointers[] = {&refs[0], &refs[1], &refs[2], &refs[3]};
    (void)state;

    struct output_lines *lines = lines_output_open(&diags, pointers, 4);
    assert_non_null(lines);
    for (uint32_t mask = 0; mask < 16; mask++) {
        assert_int_equal(lines_output_set(lines, mask, true), 0);
        assert_int_equal(sim_value("lprig", 0), mask & 1);
        assert_int_equal(sim_value("lprig", 1), !(mask >> 1 & 1));
        assert_int_equal(sim_value("lprig", 2), mask >> 2 & 1);
        assert_int_equal(sim_value("lpmore", 1), mask >> 3 & 1);
        assert_int_equal(lines_output_set(lines, mask, false), 0);
        assert_int_equal(sim_value("lprig", 0), 0);
        assert_int_equal(sim_value("lprig", 1), 1);
        assert_int_equal(sim_value("lprig", 2), 0);
        assert_int_equal(sim_value("lpmore", 1), 0);
    }

    /* A second time: each line says who has it. */
    assert_null(lines_output_open(&diags, pointers, 4));
    assert_int_equal(diags.errors, 4);
    assert_string_equal(diags.items[0].what, "line is in use by `longpress`");
    assert_string_equal(diags.items[0].todo, "stop that program or wire another line");
    assert_non_null(strstr(diags.items[0].where, ":0 (power)"));
    diags_clear(&diags);

    const struct line_ref *const twice[] = {&refs[0], &refs[0]};
    lines_output_close(lines);
    assert_null(lines_output_open(&diags, twice, 2));
    assert_one_error(&diags, "the bench file uses this line twice");
    diags_clear(&diags);
}

/* ---- inputs ------------------------------------------------------------------------------------
 */

static size_t read_all(struct input_lines *lines, struct line_edge *edges, size_t max,
                       unsigned *lost)
{
    size_t count = 0;
    int64_t end_ns = now_ns() + 200 * NS_PER_MS;
    while (count < max && now_ns() < end_ns) {
        int got = lines_input_read(lines, edges + count, max - count, lost);
        assert_true(got >= 0);
        count += (size_t)got;
        sleep_ms(got ? 0 : 5);
    }
    return count;
}

static void test_reads_edges(void **state)
{
    struct diags diags = DIAGS_INIT;
    const struct line_ref refs[] = {
        {.name = "led"}, {.name = "lid", .active_low = true}, {.name = "led_b"}};
    const struct line_ref *const pointers[] = {&refs[0], &refs[1], &refs[2]};
    struct line_edge edges[64];
    unsigned lost[3] = {0};
    int fds[LINES_MAX];
    (void)state;

    struct input_lines *lines = lines_input_open(&diags, pointers, 3);
    assert_non_null(lines);
    assert_int_equal(lines_input_fds(lines, fds), 3);
    assert_int_equal(lines_input_level(lines, 0), 0);
    assert_int_equal(lines_input_level(lines, 1), 1); /* low, and so active */
    assert_int_equal(lines_input_read(lines, edges, 64, lost), 0);

    /* One after the other, over two chips: in this order they come out. */
    static const struct {
        const char *device;
        unsigned offset;
        unsigned input;
        bool up;
        bool level;
    } moves[] = {{"lprig", 3, 0, true, true},   {"lpmore", 0, 2, true, true},
                 {"lprig", 4, 1, true, false},  {"lpmore", 0, 2, false, false},
                 {"lprig", 3, 0, false, false}, {"lprig", 4, 1, false, true}};
    enum { MOVES = sizeof(moves) / sizeof(moves[0]) };
    int64_t before_ns[MOVES];
    for (size_t i = 0; i < MOVES; i++) {
        before_ns[i] = now_ns();
        sim_pull(moves[i].device, moves[i].offset, moves[i].up);
        sleep_ms(3);
    }
    assert_int_equal(read_all(lines, edges, 64, lost), MOVES);
    for (size_t i = 0; i < MOVES; i++) {
        assert_int_equal(edges[i].input, moves[i].input);
        assert_int_equal(edges[i].level, moves[i].level);
        /* Stamped by the clock that we read, when it happened. */
        assert_true(edges[i].time_ns >= before_ns[i]);
        assert_true(i == 0 || edges[i].time_ns >= edges[i - 1].time_ns);
        assert_true(edges[i].time_ns <= now_ns());
    }
    assert_int_equal(lost[0] + lost[1] + lost[2], 0);
    lines_input_close(lines);
}

static void test_bias(void **state)
{
    static const struct {
        enum line_bias bias;
        int level;
    } cases[] = {{BIAS_UP, 1}, {BIAS_DOWN, 0}, {BIAS_UP, 1}};
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct diags diags = DIAGS_INIT;
        const struct line_ref ref = {.name = "lid", .bias = cases[i].bias};
        const struct line_ref *const pointer = &ref;
        struct input_lines *lines = lines_input_open(&diags, &pointer, 1);
        assert_non_null(lines);
        assert_int_equal(lines_input_level(lines, 0), cases[i].level);
        lines_input_close(lines);
    }
}

static void test_notices_overflow(void **state)
{
    enum { TOGGLES = 3000 };
    struct diags diags = DIAGS_INIT;
    const struct line_ref refs[] = {{.name = "led"}, {.name = "lid"}};
    const struct line_ref *const pointers[] = {&refs[0], &refs[1]};
    static struct line_edge edges[4096];
    unsigned lost[2] = {0};
    char directory[PATH_SIZE - 8];
    char path[PATH_SIZE];
    (void)state;

    struct input_lines *lines = lines_input_open(&diags, pointers, 2);
    assert_non_null(lines);
    sim_pull("lprig", 4, true);
    sim_dir(directory, sizeof(directory), "lprig", 3);
    snprintf(path, sizeof(path), "%s/pull", directory);
    int pull = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(pull >= 0);
    for (int i = 0; i < TOGGLES; i++) {
        static const struct timespec rhythm = {.tv_nsec = 500000};
        assert_true(pwrite(pull, i % 2 ? "pull-down" : "pull-up", i % 2 ? 9 : 7, 0) > 0);
        nanosleep(&rhythm, NULL);
    }
    close(pull);
    size_t count = read_all(lines, edges, 4096, lost);
    print_message("note: of %d edges that nobody read for a while, %zu came and %u were lost\n",
                  TOGGLES, count - 1, lost[0]);
    assert_true(count < TOGGLES);
    assert_true(lost[0] > 0);
    if (lines_uapi() == 2) {
        /* Counted one by one, but those that melted into one in the simulated interrupt, of which
         * two in a row of one kind tell. */
        assert_in_range(count - 1 + lost[0], 1025, TOGGLES);
    }
    assert_int_equal(lost[1], 0);

    /* And after that it goes on without a loss. */
    lost[0] = 0;
    sim_pull("lprig", 3, true);
    sleep_ms(3);
    sim_pull("lprig", 3, false);
    assert_int_equal(read_all(lines, edges, 64, lost), 2);
    assert_int_equal(lost[0], 0);
    lines_input_close(lines);
}

static void test_chip_unbound_while_listening(void **state)
{
    struct diags diags = DIAGS_INIT;
    const struct line_ref refs[] = {{.name = "led"}, {.name = "led_b"}};
    const struct line_ref *const pointers[] = {&refs[0], &refs[1]};
    struct line_edge edges[16];
    unsigned lost[2] = {0};
    int fds[LINES_MAX];
    (void)state;

    struct input_lines *lines = lines_input_open(&diags, pointers, 2);
    assert_non_null(lines);
    sim_live("lprig", false);
    lines_input_fds(lines, fds);
    struct pollfd polled = {.fd = fds[0], .events = POLLIN};
    assert_int_equal(poll(&polled, 1, 2000), 1);
    assert_int_equal(lines_input_read(lines, edges, 16, lost), -1);
    assert_int_equal(errno, ENODEV);
    assert_non_null(strstr(lines_input_gone(lines), "(led)"));
    assert_int_equal(lines_input_level(lines, 0), -1);
    /* The other chip is still heard. */
    assert_int_equal(lines_input_fds(lines, fds), 1);
    sim_pull("lpmore", 0, true);
    sleep_ms(5);
    assert_int_equal(lines_input_read(lines, edges, 16, lost), 1);
    assert_int_equal(edges[0].input, 1);
    lines_input_close(lines);
}

/* ---- a station ---------------------------------------------------------------------------------
 */

static const char bench_text[] =
    "bench: vm\n"
    "keeper: { spin: 200 us, priority: 50 }\n"
    "stations:\n"
    "  A:\n"
    "    chip: lp-rig\n"
    "    actuators:\n"
    "      power: { line: power, kind: relay, max_on: 5 s }\n"
    "      nc_ambient: { line: nc, active: low, kind: relay, max_on: 5 s }\n"
    "    led: { mono: { line: led } }\n"
    "    inputs:\n"
    "      lid: { line: lid, active: low, is: closed, else: open }\n"
    "    estop: { line: estop }\n";

struct opened {
    struct bench *bench;
    struct port *port;
};

static struct opened open_station(void)
{
    struct diags diags = DIAGS_INIT;
    struct opened opened;
    opened.bench = bench_load_text(&diags, "vm.yaml", bench_text, sizeof(bench_text) - 1);
    opened.port =
        opened.bench ? station_port_open(&diags, opened.bench, &opened.bench->stations[0], NULL, -1)
                     : NULL;
    if (!opened.port) {
        diags_print(&diags, stderr);
        abort();
    }
    diags_clear(&diags);
    return opened;
}

static void close_station(struct opened *opened)
{
    opened->port->ops->close(opened->port);
    bench_free(opened->bench);
}

static struct port_event expect(struct port *port, enum port_event_kind kind)
{
    struct port_event event;
    bool came = port->ops->next(port, now_ns() + 5 * NS_PER_S, &event);
    if (came && event.kind != kind) {
        print_error("event %d (%s; %s) instead of %d\n", event.kind, event.text, event.text2, kind);
    }
    assert_true(came);
    assert_int_equal(event.kind, kind);
    assert_true(event.time_ns <= now_ns());
    return event;
}

static void order(struct port *port, uint32_t mask, int64_t energise_ns)
{
    static uint32_t number;
    struct press_order wanted = {
        .press = ++number, .mask = mask, .press_ns = now_ns(), .energise_ns = energise_ns};
    assert_int_equal(port->ops->press(port, &wanted), 0);
}

static void test_station_presses(void **state)
{
    struct opened opened = open_station();
    struct port *port = opened.port;
    struct port_event event;
    (void)state;

    assert_int_equal(sim_value("lprig", 0), 0);
    assert_int_equal(sim_value("lprig", 1), 1);
    order(port, 0x3, 50 * NS_PER_MS);
    struct port_event pressed = expect(port, PORT_PRESSED);
    assert_int_equal(sim_value("lprig", 0), 1);
    assert_int_equal(sim_value("lprig", 1), 0);
    struct port_event released = expect(port, PORT_RELEASED);
    assert_true(released.at_ns >= pressed.at_ns + 50 * NS_PER_MS);
    assert_false(released.early);
    assert_int_equal(sim_value("lprig", 0), 0);
    assert_int_equal(sim_value("lprig", 1), 1);

    /* An LED edge is told at once; the lid once it is at rest. */
    sim_pull("lprig", 3, true);
    event = expect(port, PORT_EDGE);
    assert_int_equal(event.input, 0);
    assert_int_equal(event.level, 1);
    for (int i = 0; i < 5; i++) {
        sim_pull("lprig", 4, i % 2 == 0);
    }
    event = expect(port, PORT_EDGE);
    assert_int_equal(event.input, 1);
    assert_int_equal(event.level, 0);
    assert_false(port->ops->next(port, now_ns() + 30 * NS_PER_MS, &event));
    assert_true(port->ops->ask(port, "lid"));
    event = expect(port, PORT_ANSWER);
    assert_string_equal(event.text, "lid");
    assert_string_equal(event.text2, "open");
    assert_false(port->ops->ask(port, "power"));
    assert_int_equal(port->ops->level(port, 0), 1);
    assert_int_equal(port->ops->level(port, 1), 0);
    assert_int_equal(port->ops->level(port, 2), 0);
    assert_int_equal(port->ops->level(port, 3), -1);

    port->ops->radio(port, RADIO_START_WATCH, NULL);
    event = expect(port, PORT_RADIO);
    assert_int_equal(event.radio, RADIO_ABSENT);
    assert_non_null(strstr(event.text, "no Bluetooth adapter"));
    close_station(&opened);
}

/* As a loop of several stations drives it: by descriptors and due times, never waiting in `next`.
 * False when `until_ns` has come first. */
static bool next_in_loop(struct port *port, int64_t until_ns, struct port_event *event)
{
    for (;;) {
        int64_t now = now_ns();
        if (port->ops->next(port, now, event)) {
            return true;
        }
        if (now >= until_ns) {
            return false;
        }
        int64_t due_ns = port->ops->due_ns(port);
        port_wait(port, due_ns < until_ns ? due_ns : until_ns);
    }
}

static void test_station_in_a_loop(void **state)
{
    struct opened opened = open_station();
    struct port *port = opened.port;
    struct pollfd fds[PORT_FDS_MAX];
    struct port_event event;
    const struct timespec stall = {.tv_nsec = 700 * NS_PER_MS};
    (void)state;

    /* Keeper, LED and lid: all quiet, and nothing is ever due. */
    assert_int_equal(port->ops->fds(port, fds, PORT_FDS_MAX), 3);
    assert_int_equal(port->ops->fds(port, fds, 2), 2);
    assert_false(next_in_loop(port, now_ns(), &event));
    assert_true(port->ops->due_ns(port) == INT64_MAX);
    assert_int_equal(poll(fds, 2, 0), 0);

    /* Nobody looks for longer than the heartbeat: an idle keeper does not mind. */
    nanosleep(&stall, NULL);
    assert_false(next_in_loop(port, now_ns() + 50 * NS_PER_MS, &event));

    /* A press that outlasts several heartbeats: due times alone keep it alive. */
    int64_t begin_ns = now_ns();
    order(port, 0x3, 900 * NS_PER_MS);
    assert_true(port->ops->due_ns(port) < begin_ns + 300 * NS_PER_MS);
    assert_true(next_in_loop(port, begin_ns + 3 * NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_PRESSED);
    assert_true(next_in_loop(port, begin_ns + 3 * NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_RELEASED);
    assert_false(event.early);
    assert_false(next_in_loop(port, now_ns(), &event));
    assert_true(port->ops->due_ns(port) == INT64_MAX);

    /* An edge wakes it; the lid is due when it will be at rest. */
    sim_pull("lprig", 3, true);
    assert_true(next_in_loop(port, now_ns() + NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_EDGE);
    assert_int_equal(event.input, 0);
    sim_pull("lprig", 4, true);
    assert_true(next_in_loop(port, now_ns() + NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_EDGE);
    assert_int_equal(event.input, 1);
    close_station(&opened);
}

/* The inputs go, the keeper's lines stay: it is told once all is released, no call waits for that,
 * and nothing is pressed any more. */
static void test_inputs_gone_in_a_loop(void **state)
{
    static const char text[] = "bench: vm\n"
                               "stations:\n"
                               "  A:\n"
                               "    chip: lp-rig\n"
                               "    actuators:\n"
                               "      power: { line: power, kind: relay, max_on: 5 s }\n"
                               "    led: { mono: { chip: lp-more, line: led_b } }\n";
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "vm.yaml", text, sizeof(text) - 1);
    struct port *port =
        bench ? station_port_open(&diags, bench, &bench->stations[0], NULL, -1) : NULL;
    struct port_event event;
    (void)state;

    if (!port) {
        diags_print(&diags, stderr);
        abort();
    }
    order(port, 0x1, 3 * NS_PER_S);
    assert_true(next_in_loop(port, now_ns() + NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_PRESSED);
    sim_live("lpmore", false);
    assert_true(next_in_loop(port, now_ns() + 2 * NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_RELEASED);
    assert_true(event.early);
    /* Released, and not told why yet: who presses again now is refused all the same. */
    struct press_order again = {
        .press = 999, .mask = 0x1, .press_ns = now_ns(), .energise_ns = NS_PER_S};
    assert_int_equal(port->ops->press(port, &again), -1);
    assert_int_equal(errno, ECANCELED);
    assert_int_equal(sim_value("lprig", 0), 0);
    assert_true(next_in_loop(port, now_ns() + 2 * NS_PER_S, &event));
    assert_int_equal(event.kind, PORT_FAULT);
    assert_non_null(strstr(event.text, "can no longer be read"));
    assert_false(next_in_loop(port, now_ns() + 100 * NS_PER_MS, &event));
    assert_true(port->ops->due_ns(port) == INT64_MAX);
    port->ops->close(port);
    bench_free(bench);
    sim_live("lpmore", true);
}

static void test_station_estop(void **state)
{
    struct opened opened = open_station();
    (void)state;

    order(opened.port, 0x1, 3 * NS_PER_S);
    expect(opened.port, PORT_PRESSED);
    int64_t hit_ns = now_ns();
    sim_pull("lprig", 5, true);
    struct port_event released = expect(opened.port, PORT_RELEASED);
    assert_true(released.early);
    print_message("note: e-stop to release: %.1f ms, of which 5 ms to be sure of it\n",
                  (double)(released.at_ns - hit_ns) / 1e6);
    expect(opened.port, PORT_ESTOP);
    assert_int_equal(sim_value("lprig", 0), 0);
    assert_int_equal(opened.port->ops->level(opened.port, 2), 1);
    opened.port->ops->close(opened.port);

    /* While it is active nothing starts. */
    struct diags diags = DIAGS_INIT;
    assert_null(station_port_open(&diags, opened.bench, &opened.bench->stations[0], NULL, -1));
    assert_one_error(&diags, "the e-stop is active");
    diags_clear(&diags);
    bench_free(opened.bench);
}

static void test_chip_unbound_during_a_press(void **state)
{
    struct opened opened = open_station();
    char chip[64];
    (void)state;

    sim_chip(chip, sizeof(chip), "lprig");
    order(opened.port, 0x3, 3 * NS_PER_S);
    expect(opened.port, PORT_PRESSED);
    int64_t gone_ns = now_ns();
    sim_live("lprig", false);
    struct port_event event;
    do {
        assert_true(opened.port->ops->next(opened.port, now_ns() + 5 * NS_PER_S, &event));
    } while (event.kind != PORT_FAULT);
    print_message("note: chip gone, told %.1f ms later: %s; %s\n",
                  (double)(now_ns() - gone_ns) / 1e6, event.text, event.text2);
    assert_non_null(strstr(event.text, chip));
    assert_true(now_ns() - gone_ns < 2 * NS_PER_S);
    close_station(&opened);

    /* It comes back, and so does the station. */
    sim_live("lprig", true);
    opened = open_station();
    order(opened.port, 0x1, 10 * NS_PER_MS);
    expect(opened.port, PORT_PRESSED);
    expect(opened.port, PORT_RELEASED);
    close_station(&opened);
}

static void test_keeper_killed_leaves_nothing_pressed(void **state)
{
    struct opened opened = open_station();
    (void)state;

    order(opened.port, 0x3, 3 * NS_PER_S);
    expect(opened.port, PORT_PRESSED);
    /* The worst of wirings: what nobody drives is active. */
    sim_pull("lprig", 0, true);
    assert_int_equal(kill(station_port_powers(opened.port).pid, SIGKILL), 0);
    struct port_event event = expect(opened.port, PORT_FAULT);
    assert_non_null(strstr(event.text, "killed by signal 9"));
    assert_int_equal(sim_value("lprig", 0), 0);
    assert_int_equal(sim_value("lprig", 1), 1);
    close_station(&opened);
}

static void test_doctor(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "vm.yaml", bench_text, sizeof(bench_text) - 1);
    struct doctor doctor;
    const struct line_ref ref = {.name = "power"};
    const struct line_ref *const pointer = &ref;
    (void)state;

    assert_non_null(bench);
    doctor_examine(&doctor, bench);
    assert_true(doctor.can_run);
    assert_int_equal(doctor.stations_ready, 1);
    doctor_free(&doctor);

    struct output_lines *taken = lines_output_open(&diags, &pointer, 1);
    assert_non_null(taken);
    doctor_examine(&doctor, bench);
    assert_false(doctor.can_run);
    bool told = false;
    for (size_t i = 0; i < doctor.count; i++) {
        print_message("note: %s %s: %s; %s\n",
                      doctor.lines[i].state == DOCTOR_OK     ? "ok  "
                      : doctor.lines[i].state == DOCTOR_WARN ? "warn"
                                                             : "bad ",
                      doctor.lines[i].about, doctor.lines[i].what, doctor.lines[i].todo);
        told = told || strstr(doctor.lines[i].what, "line is in use by `longpress`");
    }
    assert_true(told);
    doctor_free(&doctor);
    lines_output_close(taken);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_finds_lines, set_up),
        cmocka_unit_test_setup(test_says_what_is_missing, set_up),
        cmocka_unit_test_setup(test_writes_outputs, set_up),
        cmocka_unit_test_setup(test_reads_edges, set_up),
        cmocka_unit_test_setup(test_bias, set_up),
        cmocka_unit_test_setup(test_notices_overflow, set_up),
        cmocka_unit_test_setup(test_chip_unbound_while_listening, set_up),
        cmocka_unit_test_setup(test_station_presses, set_up),
        cmocka_unit_test_setup(test_station_in_a_loop, set_up),
        cmocka_unit_test_setup(test_inputs_gone_in_a_loop, set_up),
        cmocka_unit_test_setup(test_station_estop, set_up),
        cmocka_unit_test_setup(test_chip_unbound_during_a_press, set_up),
        cmocka_unit_test_setup(test_keeper_killed_leaves_nothing_pressed, set_up),
        cmocka_unit_test_setup(test_doctor, set_up),
    };
    return cmocka_run_group_tests_name("lines", tests, make_chips, remove_chips);
}
