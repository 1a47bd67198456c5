/*
 * `longpress decode`: runs the LED decoder on a logic analyser's capture.
 */
#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/format/json.h"
#include "rig/format/vcd.h"
#include "rig/signal/senses.h"
#include "rig/signal/signal_json.h"
#include "tui/command/commands.h"
#include "tui/drive/bench_session.h"
#include "tui/print/print_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far more than any pattern has; further pulses are only counted. */
enum { PULSES_MAX = 65536 };

/* Signals that are looked for, by their index: three colours, a clear channel, and what our own
 * captures say of their completeness. */
enum { SIGNAL_LED = LED_CHANNELS, SIGNAL_LOST, SIGNAL_COUNT };

static const char *const signal_names[SIGNAL_COUNT] = {
    "led_r", "led_g", "led_b", [SIGNAL_LED] = "led", [SIGNAL_LOST] = "edges_lost"};

enum { SIGNAL_NAME_MAX = 64 };

enum polarity { POLARITY_OF_BENCH, POLARITY_HIGH, POLARITY_LOW };

struct decoding {
    struct blink_settings settings;
    bool named;                                  /* by --led: the lights are called ... */
    char names[SIGNAL_LED + 1][SIGNAL_NAME_MAX]; /* ... so in the capture; "": not wired */
    enum polarity polarity;
    unsigned bench_low; /* signals whose lines are active low on the bench */
    bool logical;       /* the capture says that its levels are logical */
    unsigned channels;  /* of the three, those that the capture has */
    bool clear;         /* it has `led` */
    bool watching;      /* `senses` have begun */
    bool lost;
    int8_t levels[SIGNAL_COUNT]; /* at the beginning */
    int64_t begin_ns;
    struct senses senses;
    struct pulse *pulses; /* owned */
    size_t count;
    size_t capacity;
    uint64_t unkept;
};

static void keep_pulse(void *context, const struct pulse *pulse)
{
    struct decoding *decoding = context;

    if (decoding->count == PULSES_MAX) {
        decoding->unkept++;
        return;
    }
    if (decoding->count == decoding->capacity) {
        decoding->capacity = decoding->capacity ? 2 * decoding->capacity : 64;
        decoding->pulses =
            xrealloc_array(decoding->pulses, decoding->capacity, sizeof(*decoding->pulses));
    }
    decoding->pulses[decoding->count++] = *pulse;
}

static int select_signal(void *context, const char *name)
{
    struct decoding *decoding = context;

    for (int i = 0; i < SIGNAL_COUNT; i++) {
        bool light = decoding->named && i <= SIGNAL_LED;
        if (text_equal_nocase(name, light ? decoding->names[i] : signal_names[i])) {
            decoding->channels |= i < LED_CHANNELS ? 1U << i : 0;
            decoding->clear |= i == SIGNAL_LED;
            return i;
        }
    }
    return -1;
}

/* What the header says about the levels: our own captures, old ones included, have logical levels.
 */
static void take_header(void *context, const char *text)
{
    struct decoding *decoding = context;
    decoding->logical = decoding->logical || strcmp(text, VCD_VERSION_OURS) == 0 ||
                        strcmp(text, VCD_LEVELS_LOGICAL) == 0;
}

/* The signals whose levels are inverted in this capture. */
static unsigned inverted(const struct decoding *decoding)
{
    static const unsigned lights = (1U << (SIGNAL_LED + 1)) - 1;
    if (decoding->polarity == POLARITY_OF_BENCH) {
        return decoding->logical ? 0 : decoding->bench_low;
    }
    return decoding->polarity == POLARITY_LOW ? lights : 0;
}

/* The first levels are known: start watching. Colour channels take precedence over a clear one if a
 * capture has both. */
static void watch(struct decoding *decoding)
{
    struct senses_wiring wiring = {.light = &decoding->settings, .input_count = SIGNAL_COUNT};

    if (decoding->watching) {
        return;
    }
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        wiring.sense_of[i] = i < LED_CHANNELS ? (int8_t)i : (int8_t)SENSES_NONE;
    }
    if (decoding->channels == 0) {
        wiring.sense_of[SIGNAL_LED] = 0;
    }
    decoding->watching = true;
    decoding->settings.channels = decoding->channels;
    senses_init(&decoding->senses, &wiring, decoding->levels, decoding->begin_ns, keep_pulse, NULL,
                decoding);
}

static void take_change(void *context, int signal, int64_t time_ns, bool level)
{
    struct decoding *decoding = context;

    level ^= (inverted(decoding) >> signal & 1) != 0;
    if (signal == SIGNAL_LOST) {
        decoding->lost |= level;
    }
    if (decoding->begin_ns < 0) {
        decoding->begin_ns = time_ns;
    }
    if (time_ns == decoding->begin_ns && !decoding->watching) {
        decoding->levels[signal] |= level;
    } else {
        watch(decoding);
        senses_edge(&decoding->senses, (size_t)signal, time_ns, level);
    }
}

static int read_capture(struct decoding *decoding, struct diags *diags, const char *path)
{
    const struct vcd_reader reader = {
        .context = decoding,
        .wanted = decoding->named ? "give --led the signal names used in the capture"
                                  : "name the LED's red, green and blue signals (--led D0,D1,D2), "
                                    "or its only one (--led D0)",
        .select = select_signal,
        .change = take_change,
        .header = take_header,
    };
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    int64_t start_ns;
    int64_t end_ns;

    decoding->begin_ns = -1;
    if (standard ? vcd_read_stream(diags, name, stdin, &reader, &start_ns, &end_ns)
                 : vcd_read(diags, path, &reader, &start_ns, &end_ns)) {
        return -1;
    }
    if (!decoding->channels && !decoding->clear) {
        return diag_error(diags, place_of(name), reader.wanted, "has no LED signal");
    }
    if (decoding->channels && decoding->clear) {
        diag_warning(diags, place_of(name), NULL,
                     "has colour channels and `led`; `led` is ignored");
    }
    if (decoding->lost) {
        diag_warning(diags, place_of(name), NULL,
                     "edges were lost during the capture: the decoded pulses may be wrong");
    }
    if (decoding->polarity == POLARITY_OF_BENCH && inverted(decoding)) {
        diag_warning(diags, place_of(name),
                     "if the capture has logical levels already, give --active high",
                     "read as raw levels of active-low lines, as in the bench file");
    }
    watch(decoding);
    senses_finish(&decoding->senses, end_ns);
    return 0;
}

/* ---- what was found ----------------------------------------------------------------------- */

/* The brightest channel, in percent. */
static int brightness(const struct pulse *pulse)
{
    int most = 0;
    for (int i = 0; i < LED_CHANNELS; i++) {
        most = pulse->duty_permille[i] > most ? pulse->duty_permille[i] : most;
    }
    return (most + 5) / 10;
}

static void print_pulse(const struct pulse *pulse, int64_t begin_ns)
{
    char at[32];
    char length[32];

    print_run_instant(at, sizeof(at), pulse->start_ns - begin_ns);
    print_run_instant(length, sizeof(length), pulse->end_ns - pulse->start_ns);
    printf("%11s  %-8s %11s  brightness %3d %%%s%s\n", at, colour_name(pulse->colour), length,
           brightness(pulse), pulse->clipped ? "  already lit when the capture began" : "",
           pulse->open ? "  still lit when it ended" : "");
}

static void print_text(const struct decoding *decoding, const struct pattern *pattern,
                       bool truncated)
{
    char text[PATTERN_TEXT_MAX];

    for (size_t i = 0; i < decoding->count; i++) {
        print_pulse(&decoding->pulses[i], decoding->begin_ns);
    }
    if (decoding->unkept) {
        printf("(%" PRIu64 " more pulses)\n", decoding->unkept);
    }
    if (truncated) {
        printf("too long for a pattern; it begins:\n");
    }
    printf("%s\n", pattern_format(text, pattern));
}

static void print_json(const struct decoding *decoding, const struct pattern *pattern,
                       bool truncated)
{
    json_t *object = json_put_object();
    json_t *pulses = json_put_array();

    for (size_t i = 0; i < decoding->count; i++) {
        json_put_new(pulses, signal_json_pulse(&decoding->pulses[i], decoding->begin_ns));
    }
    json_put(object, "pattern", signal_json_pattern(pattern));
    json_put(object, "truncated", json_boolean(truncated));
    json_put(object, "lost", json_boolean(decoding->lost));
    json_put(object, "pulses", pulses);
    /* Write errors are checked when the program ends. */
    json_write(object, stdout);
}

static unsigned lows_of(const struct station *station)
{
    unsigned lows = 0;
    for (size_t i = 0; i < station->input_count; i++) {
        const struct input *input = &station->inputs[i];
        int channel = input->role == INPUT_LED ? SIGNAL_LED : bench_input_led_channel(input->role);
        if (channel >= 0 && input->line.active_low) {
            lows |= 1U << channel;
        }
    }
    return lows;
}

/* The decoder's settings: the station's if a bench is given. */
static int find_settings(struct decoding *decoding, struct diags *diags, const char *bench,
                         const char *station_name)
{
    struct bench_session bench_session = {0};
    int failed = -1;

    decoding->settings = blink_defaults();
    if (!bench) {
        return 0;
    }
    if (bench_session_bench(&bench_session, diags, bench) == 0) {
        const struct station *station = bench_station(bench_session.bench, station_name, diags);
        if (station && station->has_led) {
            decoding->settings = station->led;
            decoding->bench_low = lows_of(station);
            failed = 0;
        } else if (station) {
            diag_error(diags, place_of(bench), "leave --bench out for the usual settings",
                       "station `%s` has no LED channels", station->name);
        }
    }
    bench_session_close(&bench_session);
    return failed;
}

/* "D0", "D0,D1,D2", "D0,-,D2". False: it is none of these. */
static bool take_names(struct decoding *decoding, const char *text)
{
    size_t count = 0;
    char names[LED_CHANNELS][SIGNAL_NAME_MAX];

    for (;;) {
        size_t length = strcspn(text, ",");
        if (count == LED_CHANNELS || length == 0 || length >= SIGNAL_NAME_MAX) {
            return false;
        }
        snprintf(names[count++], SIGNAL_NAME_MAX, "%.*s", (int)length, text);
        if (!text[length]) {
            break;
        }
        text += length + 1;
    }
    if (count != 1 && count != LED_CHANNELS) {
        return false;
    }
    memset(decoding->names, 0, sizeof(decoding->names));
    for (size_t i = 0; i < count; i++) {
        char *name = decoding->names[count == 1 ? SIGNAL_LED : i];
        snprintf(name, SIGNAL_NAME_MAX, "%.*s", SIGNAL_NAME_MAX - 1,
                 strcmp(names[i], "-") == 0 ? "" : names[i]);
    }
    decoding->named = true;
    return true;
}

struct decode_options {
    struct decoding decoding;
    const char *capture;
    const char *bench;
    const char *station;
    bool json;
};

static bool take_led(const struct option_given *given, void *options, const char *text)
{
    struct decode_options *decode = options;

    return take_names(&decode->decoding, text) ||
           option_refuse(
               given,
               "must be one signal name, or three for red, green, blue (`-`: not wired), not `%s`",
               text);
}

static int run(const struct context *context, int argc, char **argv)
{
    struct decode_options options = {0};
    struct decoding *decoding = &options.decoding;
    struct diags diags = DIAGS_INIT;
    int status = EXIT_USAGE;
    (void)context;

    if (!option_parse(&cmd_decode, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.station && !options.bench) {
        return command_usage(&cmd_decode, "--station needs --bench");
    }
    if (find_settings(decoding, &diags, options.bench, options.station) == 0 &&
        read_capture(decoding, &diags, options.capture) == 0) {
        struct pattern pattern;
        bool truncated = false;
        pattern_recognise(decoding->pulses, decoding->count, &pattern, &truncated);
        truncated |= decoding->unkept > 0;
        (options.json ? print_json : print_text)(decoding, &pattern, truncated);
        status = EXIT_DONE;
    }
    free(decoding->pulses);
    return command_diags(&diags, status);
}

static const struct command_operand operands[] = {
    {.name = "CAPTURE.vcd",
     .value = VALUE_FILE,
     .missing = "which capture?",
     OPTION_AT(struct decode_options, capture)},
    OPERANDS_END,
};

static const struct option_word levels[] = {
    {.word = "high", .value = POLARITY_HIGH},
    {.word = "low", .value = POLARITY_LOW},
    {.word = NULL},
};

static const struct command_option options[] = {
    {.name = "led",
     .value = VALUE_TEXT,
     .of = "NAMES",
     .help = "the LED's signals in the capture: D0,D1,D2 for red, green and blue (`-`: not wired), "
             "or D0 for one clear channel",
     .take = take_led},
    {.name = "bench",
     .value = VALUE_BENCH,
     .of = "FILE",
     .help = "use the settings of a station of this bench",
     OPTION_AT(struct decode_options, bench)},
    OPTION_STATION(struct decode_options, station),
    {.name = "active",
     .value = VALUE_CHOICE,
     .words = levels,
     .help =
         "the level that means lit (default: high, or with --bench as its lines are, with a "
         "warning if they are active low); `run --capture` always writes logical levels, so high",
     OPTION_AT(struct decode_options, decoding.polarity)},
    {.name = "json",
     .help = "print one JSON object: pattern, pulses",
     OPTION_AT(struct decode_options, json)},
    OPTIONS_END,
};

const struct command cmd_decode = {
    .name = "decode",
    .summary = "run the LED decoder on a logic analyser's capture",
    .operands = operands,
    .options = options,
    .about =
        "Reads a value change dump (VCD) from PulseView, GTKWave, Saleae Logic or `run --capture`, "
        "and prints what the LED did: one line per pulse, and last the pattern as a profile would "
        "state it. The signals must be called led_r, led_g and led_b (those that are wired), or "
        "led for one clear channel; --led selects others. `-` reads standard input.",
    .exits = "0 done, 2 not a usable capture",
    .examples = "longpress decode capture.vcd\n"
                "longpress decode capture.vcd --json | jq -r .pattern\n"
                "sigrok-cli -d fx2lafw --time 20s -O vcd | longpress decode --led D0,D1,D2 -",
    .run = run,
};
