/*
 * longpress-dut: the simulated unit, played on the lines of a kernel's gpio-sim chip. It reads the
 * actuator lines that longpress drives, and drives the LED, sound, contact and question lines that
 * longpress reads; the wiring is that of the same bench file.
 *
 *     longpress-dut [--adapter ADDRESS] [--poll MS] FIRMWARE.yaml BENCH.yaml STATION [SYSFS]
 *
 * ADDRESS is that of a Bluetooth controller, which then is the unit's radio. SYSFS has a folder for
 * each chip (default /sys/bus/gpio/devices). Its lights come when they are due; every MS
 * milliseconds (1) it looks at the lines that press its buttons, which sysfs does not tell of. It
 * says what happens on standard output, a line each, and ends on SIGTERM; SIGUSR1 is the hand that
 * switches it off and on. PWM is left out: a line is switched by a write to sysfs, too slow for it.
 */
#include "hardware/gpio/lines.h"
#include "hardware/sim/firmware_data.h"
#include "hardware/sim/unit.h"
#include "rig/base/least.h"
#include "rig/base/units.h"
#include "rig/bench/bench.h"
#include "tests/dut/dut_radio.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const long POLL_MS = 1;
static const long POLL_MS_MAX = 20;

/* Each look at a line costs an emulated processor some 70 us: what presses no button of this unit
 * is looked at more seldom. */
static const int64_t NO_BUTTON_NS = 16 * NS_PER_MS;

/* On an emulated processor this program may be held up for longer than its own lights last. It says
 * so, for the test to know that it was the unit that was not played right. */
static const int64_t STALL_NS = 30 * NS_PER_MS;

/* An actuator and the button it presses, which follows after the travel. */
struct pressed {
    int value_fd; /* of the actuator's line */
    bool active_low;
    bool on;
    bool down;
    int64_t moves_ns; /* when the button follows; INT64_MAX: it has */
    int button;
    int contact; /* index into pulls; -1 */
};

struct pull {
    int fd; /* -1: no such line */
    bool active_low;
};

struct dut {
    const struct station *station;
    const struct firmware *firmware;
    struct unit *unit;
    struct pressed pressed[BENCH_ACTUATORS_MAX];
    struct pull pulls[BENCH_INPUTS_MAX];
    int led[LED_CHANNELS];
    int led_mono;
    int sound;
    unsigned lit;
    int64_t seldom_ns; /* when what presses no button is looked at next */
    const char *action;
    bool bricked;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

_Noreturn static void die(const char *what, const char *path)
{
    fprintf(stderr, "longpress-dut: %s: %s: %s\n", what, path, strerror(errno));
    exit(1);
}

static void say(const char *what, const char *more)
{
    int64_t at_us = now_ns() / NS_PER_US;
    printf("%" PRId64 ".%06" PRId64 " %s %s\n", at_us / 1000000, at_us % 1000000, what, more);
    fflush(stdout);
}

/* The file of a line's attribute in sysfs: by chip and offset, or found by its name. */
static int line_open(const char *sysfs, const struct line_ref *ref, const char *attribute, int mode)
{
    char path[512];
    struct line_facts facts = {.offset = ref->offset};
    snprintf(facts.chip, sizeof(facts.chip), "%s", ref->chip ? ref->chip : "");
    if (ref->name) {
        lines_read_facts(ref, &facts);
        if (!facts.found) {
            fprintf(stderr, "longpress-dut: %s: %s\n", ref->name, facts.problem);
            exit(1);
        }
    }
    snprintf(path, sizeof(path), "%s/%s/sim_gpio%u/%s", sysfs, facts.chip, facts.offset, attribute);
    int fd = open(path, mode | O_CLOEXEC);
    if (fd < 0) {
        die("cannot be opened", path);
    }
    return fd;
}

static void set_pull(struct dut *dut, int input, bool active)
{
    if (input < 0 || dut->pulls[input].fd < 0) {
        return;
    }
    const char *word = active != dut->pulls[input].active_low ? "pull-up" : "pull-down";
    if (pwrite(dut->pulls[input].fd, word, strlen(word), 0) < 0) {
        die("cannot be written", dut->station->inputs[input].name);
    }
}

static bool is_on(const struct pressed *pressed)
{
    char text[8] = "";
    if (pread(pressed->value_fd, text, sizeof(text) - 1, 0) < 1) {
        /* The chip is gone, as some tests want it: nothing presses any more. */
        return false;
    }
    return (text[0] == '1') != pressed->active_low;
}

static void wire(struct dut *dut, const char *sysfs)
{
    const struct station *station = dut->station;
    static const enum input_role channels[] = {INPUT_LED_R, INPUT_LED_G, INPUT_LED_B};

    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        dut->pulls[i].active_low = input->line.active_low;
        dut->pulls[i].fd = line_open(sysfs, &input->line, "pull", O_WRONLY);
        bool active = false;
        for (size_t a = 0; input->role == INPUT_QUESTION && a < dut->firmware->answer_count; a++) {
            if (strcmp(dut->firmware->answers[a].question, input->question) == 0) {
                active = strcmp(dut->firmware->answers[a].say, input->when_active) == 0;
            }
        }
        set_pull(dut, (int)i, active);
    }
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        dut->led[i] = bench_station_input(station, channels[i]);
    }
    dut->led_mono = bench_station_input(station, INPUT_LED);
    dut->sound = bench_station_input(station, INPUT_SOUND);
    for (size_t i = 0; i < station->actuator_count; i++) {
        const struct actuator *actuator = &station->actuators[i];
        dut->pressed[i] = (struct pressed){
            .value_fd = line_open(sysfs, &actuator->line, "value", O_RDONLY),
            .active_low = actuator->line.active_low,
            .moves_ns = INT64_MAX,
            .button = unit_button_named(dut->unit, actuator->control),
            .contact = -1,
        };
        for (size_t n = 0; n < station->input_count; n++) {
            if (station->inputs[n].role == INPUT_CONTACT && station->inputs[n].actuator == (int)i) {
                dut->pressed[i].contact = (int)n;
            }
        }
    }
}

static void take_changes(struct dut *dut, int64_t at_ns)
{
    struct unit_change change;
    while (unit_next(dut->unit, at_ns, &change)) {
        if (change.kind == UNIT_LED) {
            unsigned bit = 1U << change.channel;
            dut->lit = change.level ? dut->lit | bit : dut->lit & ~bit;
            if (dut->led_mono >= 0) {
                set_pull(dut, dut->led_mono, dut->lit != 0);
            } else {
                set_pull(dut, dut->led[change.channel], change.level);
            }
        } else if (change.kind == UNIT_SOUND) {
            set_pull(dut, dut->sound, change.level);
        } else {
            say("radio", radio_event_name(change.radio));
        }
    }
    const char *action = unit_action(dut->unit);
    if (action && action != dut->action) {
        dut->action = action;
        say("action", action);
    }
    if (unit_bricked(dut->unit) && !dut->bricked) {
        dut->bricked = true;
        say("state", "bricked");
    }
}

static void watch_buttons(struct dut *dut)
{
    int64_t begin_ns = now_ns();
    bool seldom = begin_ns >= dut->seldom_ns;
    if (seldom) {
        dut->seldom_ns = begin_ns + NO_BUTTON_NS;
    }
    for (size_t i = 0; i < dut->station->actuator_count; i++) {
        struct pressed *pressed = &dut->pressed[i];
        if (pressed->button < 0 && !seldom && pressed->moves_ns == INT64_MAX) {
            continue;
        }
        const struct actuator *actuator = &dut->station->actuators[i];
        int64_t at_ns = now_ns();
        bool on = is_on(pressed);
        if (on != pressed->on) {
            pressed->on = on;
            pressed->moves_ns =
                at_ns + (on ? actuator->travel_press_ns : actuator->travel_release_ns);
        }
        if (pressed->moves_ns > at_ns) {
            continue;
        }
        pressed->moves_ns = INT64_MAX;
        if (pressed->down != on) {
            take_changes(dut, at_ns);
            pressed->down = on;
            unit_button(dut->unit, at_ns, pressed->button, on);
            set_pull(dut, pressed->contact, on);
            say(on ? "down" : "up", actuator->control);
        }
    }
}

/* Until a signal or the radio's bus has something, a light or a button moves, or it is time to
 * look. */
static void wait_for(const struct dut *dut, int signal_fd, const struct dut_radio *radio,
                     int64_t look_ns)
{
    struct pollfd polled[] = {{.fd = signal_fd, .events = POLLIN},
                              {.fd = radio ? dut_radio_fd(radio) : -1, .events = POLLIN}};
    int64_t wake_ns = least(look_ns, unit_next_ns(dut->unit));
    for (size_t i = 0; i < dut->station->actuator_count; i++) {
        wake_ns = least(wake_ns, dut->pressed[i].moves_ns);
    }
    int64_t left_ns = wake_ns - now_ns();
    left_ns = left_ns < 0 ? 0 : left_ns;
    const struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    ppoll(polled, sizeof(polled) / sizeof(polled[0]), &left, NULL);
}

/* 0: none came. */
static int signal_taken(int signal_fd)
{
    struct signalfd_siginfo info;
    return read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    sigset_t signals;
    const char *adapter = NULL;
    long poll_ms = POLL_MS;
    if (argc > 2 && strcmp(argv[1], "--adapter") == 0) {
        adapter = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc > 2 && strcmp(argv[1], "--poll") == 0) {
        poll_ms = strtol(argv[2], NULL, 10);
        argc -= 2;
        argv += 2;
    }
    if (argc < 4 || argc > 5 || poll_ms < 1 || poll_ms > POLL_MS_MAX) {
        fputs(
            "usage: longpress-dut [--adapter ADDRESS] [--poll MS] FIRMWARE.yaml BENCH.yaml STATION "
            "[SYSFS]\n",
            stderr);
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    struct firmware *firmware = firmware_load(&diags, argv[1]);
    struct bench *bench = bench_load(&diags, argv[2]);
    const struct station *station = bench ? bench_station(bench, argv[3], &diags) : NULL;
    if (!firmware || !station) {
        diags_print(&diags, stderr);
        return 2;
    }
    struct dut dut = {.station = station, .firmware = firmware};
    dut.unit = unit_new(firmware, (uint64_t)now_ns(), now_ns(), false);
    wire(&dut, argc > 4 ? argv[4] : "/sys/bus/gpio/devices");
    struct dut_radio *radio = NULL;
    if (adapter && !(radio = dut_radio_open(adapter, dut.unit, now_ns(), say))) {
        return 1;
    }
    say("ready", firmware_name(firmware));
    int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    int64_t last_ns = now_ns();
    for (;;) {
        wait_for(&dut, signal_fd, radio, last_ns + poll_ms * NS_PER_MS);
        int signal = signal_taken(signal_fd);
        if (signal == SIGTERM || signal == SIGINT) {
            break;
        }
        if (signal == SIGUSR1) {
            take_changes(&dut, now_ns());
            const char *done = unit_ask(dut.unit, now_ns(), "power_cycled");
            say("power cycled", done ? done : "not by this unit");
        }
        int64_t stall_ns = now_ns() - last_ns;
        last_ns += stall_ns;
        if (stall_ns > STALL_NS) {
            char text[DURATION_TEXT_MAX];
            say("stall", units_duration_format(text, stall_ns / NS_PER_MS * NS_PER_MS));
        }
        watch_buttons(&dut);
        take_changes(&dut, now_ns());
        if (radio && !dut_radio_step(radio, now_ns())) {
            break;
        }
    }
    dut_radio_close(radio);
    unit_free(dut.unit);
    bench_free(bench);
    firmware_free(firmware);
    return 0;
}
