/*
 * Bench files: what a good one comes to, and what is told of a bad one, to the letter.
 */
#include "rig/base/units.h"
#include "rig/bench/bench.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WHOLE = -1 }; /* the text is the whole document */

/* What is written, and all that is told of it. */
struct bad {
    const char *name;
    int part; /* enum part, or WHOLE */
    const char *text;
    const char *told;
};

static const struct bad bad_benches[] = {
    {"unknown_key", PART_BENCH, "station: {}\n",
     "f:1:1: error: unknown key `station`; did you mean `stations`? (known: bench, "
     "simulated, firmware, units, keeper, stations)\n"},
    {"missing", WHOLE, "simulated: yes\n",
     "f:1:1: error: key `bench` is missing; add `bench: ...`\n"
     "f:1:1: error: key `stations` is missing; add `stations: ...`\n"},
    {"bench_name", PART_BENCH, "bench: my bench\n",
     "f:1:8: error: `bench` is not a name: `my bench`; use letters, digits and _ . @ "
     "+ - only, letter or digit first\n"},
    {"simulated_word", PART_BENCH, "simulated: maybe\n",
     "f:1:12: error: `maybe` is not a known `simulated`; known: no, yes, false, true\n"},
    {"firmware_on_real", PART_BENCH, "firmware: x.yaml\n",
     "f:1:11: error: a real bench has no firmware file; remove it, or write `simulated: yes`\n"},
    {"keeper", PART_BENCH, "keeper: { heartbeat: 1 ms, spin: 1 s, priority: 120, nice: 3 }\n",
     "f:1:22: error: duration `1 ms` is too short; write 10 ms to 10 s\n"
     "f:1:34: error: duration `1 s` is too long; write 0 s to 10 ms\n"
     "f:1:49: error: `120` is out of range; write 0 to 99\n"
     "f:1:54: error: unknown key `nice`; known: heartbeat, spin, priority\n"},
    {"stations_empty", PART_BENCH, "stations: {}\n",
     "f:1:11: error: 0 stations; there must be 1 to 32; describe each station\n"},
    {"station_twice", PART_BENCH,
     "stations:\n"
     "  A: { chip: c, actuators: { power: { line: 1, kind: relay, max_on: 1 s } } }\n"
     "  a: { chip: c, actuators: { power: { line: 2, kind: relay, max_on: 1 s } } }\n",
     "f:3:3: error: there is already a station `a`; give each station its own name\n"},
    {"station_name", PART_BENCH,
     "stations:\n"
     "  A 1: { chip: c, actuators: { power: { line: 1, kind: relay, max_on: 1 s } } }\n",
     "f:2:3: error: the name of a station is not a name: `A 1`; use letters, digits "
     "and _ . @ + - only, letter or digit first\n"},
    {"station_missing_actuators", PART_BENCH,
     "stations:\n"
     "  A: { chip: c }\n",
     "f:2:6: error: key `actuators` is missing; add `actuators: ...`\n"},
    {"actuators_empty", PART_STATION, "actuators: {}\n",
     "f:3:16: error: 0 actuators; there must be 1 to 16; add the actuators that press the "
     "buttons\n"},
    {"actuator_missing", PART_STATION, "actuators: { power: {} }\n",
     "f:3:25: error: key `line` is missing; add `line: ...`\n"
     "f:3:25: error: key `kind` is missing; add `kind: ...`\n"
     "f:3:25: error: key `max_on` is missing; add `max_on: ...`\n"},
    {"actuator_values", PART_STATION,
     "actuators: { power: { line: -3, kind: motor, max_on: 90 s, active: up, bias: up "
     "} }\n",
     "f:3:33: error: `-3` is out of range; write 0 to 4095\n"
     "f:3:43: error: `motor` is not a known `kind`; known: relay, solenoid, touch\n"
     "f:3:58: error: duration `90 s` is too long; write 10 ms to 1 min\n"
     "f:3:72: error: `up` is not a known `active`; known: high, low\n"
     "f:3:82: error: `up` is not a known `bias`; known: as-is, off, pull-up, pull-down\n"},
    {"actuator_servo", PART_STATION,
     "actuators: { power: { line: 3, kind: servo, max_on: 9 s } }\n",
     "f:3:42: error: a servo needs pulses, but lines are only switched on and off: servos are not "
     "supported; "
     "press with a relay, a solenoid or a touch pad\n"},
    {"actuator_twice", PART_STATION,
     "actuators:\n"
     "  power: { line: 1, kind: relay, max_on: 1 s }\n"
     "  Power: { line: 2, kind: relay, max_on: 1 s }\n",
     "f:5:7: error: `Power` already has an actuator; press each control with one "
     "actuator\n"},
    {"line_without_chip", PART_BENCH,
     "stations: { A: { actuators: { power: { line: 4, kind: relay, max_on: 1 s } } } "
     "}\n",
     "f:1:46: error: line 4 has no chip; give the line or its station a `chip`\n"},
    {"line_absurd", PART_STATION,
     "actuators: { power: { line: 99999, kind: relay, max_on: 1 s }, nc: { line: 4x, "
     "kind: relay, max_on: 1 s } }\n",
     "f:3:33: error: `99999` is out of range; write 0 to 4095\n"
     "f:3:80: error: `4x` is not a whole number; write digits, such as 3\n"},
    {"line_twice", PART_STATION,
     "actuators:\n"
     "  power: { line: 1, kind: relay, max_on: 1 s }\n"
     "  nc: { line: 1, kind: relay, max_on: 1 s }\n"
     "estop: { chip: other, line: 1 }\n"
     "sound: { line: X }\n"
     "inputs: { lid: { chip: gpiochip0, line: X, is: open, else: closed } }\n",
     "f:5:19: error: line 1 is already used, on line 4 of this file; wire each to its own line\n"
     "f:8:45: error: line X is already used, on line 7 of this file; wire each to its own "
     "line\n"},
    {"units_of_a_real_bench", PART_BENCH, "units: { A1: f.yaml }\n",
     "f:1:14: error: a real bench has no firmware file; remove it, or write `simulated: yes`\n"},
    {"units", PART_BENCH,
     "simulated: yes\n"
     "units:\n"
     "  A1: f.yaml\n"
     "  a1: g.yaml\n"
     "  B 2: f.yaml\n"
     "  C3: [f.yaml]\n",
     "f:4:3: error: there is already a unit `a1`; name each serial number once\n"
     "f:5:3: error: a serial number is not a name: `B 2`; use letters, digits and _ . @ + - "
     "only, letter or digit first\n"
     "f:6:7: error: a firmware file is a list; write a single value\n"},
    {"units_no_map", PART_BENCH, "simulated: yes\nunits: f.yaml\n",
     "f:2:8: error: `units` is a single value; write a map: { key: value }, or one `key: value` "
     "per line\n"},
    {"station_firmware", PART_STATION, "firmware: f.yaml\n",
     "f:3:15: error: a real bench has no firmware file; remove it, or write `simulated: yes`\n"},
    {"duty", PART_STATION,
     "actuators: { power: { line: 1, kind: relay, max_on: 1 s, duty: { max: 0 %, per: "
     "1 ms } } }\n",
     "f:3:75: error: the actuator may never be on; write more than 0 %\n"
     "f:3:85: error: duration `1 ms` is too short; write 1 s to 1 h\n"},
    {"duty_unit", PART_STATION,
     "actuators: { power: { line: 1, kind: relay, max_on: 1 s, duty: { max: 50 } } }\n",
     "f:3:68: error: key `per` is missing; add `per: ...`\n"
     "f:3:75: error: percentage `50` has no percent sign; write it like `20 %`\n"},
    {"travel", PART_STATION,
     "actuators: { power: { line: 1, kind: relay, max_on: 1 s, travel: { press: 8, "
     "release: 6 s, slack: 1 ms } } }\n",
     "f:3:79: error: duration `8` has no unit; write `8 s` or `8 ms`\n"
     "f:3:91: error: duration `6 s` is too long; write 0 s to 5 s\n"
     "f:3:96: error: unknown key `slack`; known: press, release, tolerance\n"},
    {"interlock", PART_STATION, "interlock: [power, nose]\n",
     "f:3:24: error: this station has no actuator for `nose`; known: power, "
     "nc_ambient\n"},
    {"interlock_one", PART_STATION, "interlock: [power]\n",
     "f:3:16: error: an interlock needs at least two controls; name the controls that must never "
     "be down together\n"},
    {"led_partial", PART_STATION, "led: { r: { line: 1 }, g: { line: 2 } }\n",
     "f:3:10: error: an LED needs three colour channels or one clear channel; "
     "wire r, g and b, or `mono` for a clear photodiode\n"},
    {"led_both", PART_STATION,
     "led: { r: { line: 1 }, g: { line: 2 }, b: { line: 3 }, mono: { line: 4 } }\n",
     "f:3:10: error: an LED needs three colour channels or one clear channel; "
     "wire r, g and b, or `mono` for a clear photodiode\n"},
    {"led_none", PART_STATION, "led: { glitch: 2 ms }\n",
     "f:3:10: error: an LED needs three colour channels or one clear channel; "
     "wire r, g and b, or `mono` for a clear photodiode\n"},
    {"led_mono_colours", PART_STATION, "led: { mono: { line: 1 }, colours: { red: red } }\n",
     "f:3:40: error: one clear channel cannot distinguish colours; remove `colours`\n"},
    {"led_colours", PART_STATION,
     "led: { r: { line: 1 }, g: { line: 2 }, b: { line: 3 }, colours: { red+mauve: "
     "red, red+green: mauve, green+red: amber, blue: lit } }\n",
     "f:3:71: error: `red+mauve` is not a set of channels; write red, green and blue "
     "joined by `+`\n"
     "f:3:98: error: `mauve` is not a colour that three channels can detect; write one of red, "
     "green, blue, amber, magenta, cyan, white\n"
     "f:3:105: error: these channels already have a colour; name each set once\n"
     "f:3:129: error: `lit` is not a colour that three channels can detect; write one of red, "
     "green, blue, amber, magenta, cyan, white\n"},
    {"sound", PART_STATION, "sound: { line: 1, merge: 400 }\n",
     "f:3:30: error: duration `400` has no unit; write `400 s` or `400 ms`\n"},
    {"contact", PART_STATION, "contact: { pwr: { line: 1 }, power: { line: 2, is: open } }\n",
     "f:3:16: error: this station has no actuator for `pwr`; known: power, nc_ambient\n"
     "f:3:52: error: unknown key `is`; known: chip, line, active, bias\n"},
    {"inputs", PART_STATION,
     "inputs:\n"
     "  lid: { line: 1, is: ajar, else: closed }\n"
     "  placed: { line: 2, is: yes, else: yes }\n"
     "  battery: { line: 3, is: 80 %, else: 10 % }\n"
     "  led: { line: 4, is: a, else: b }\n"
     "  app: { line: 5, is: a }\n",
     "f:4:27: error: `ajar` is not an answer to `lid`; write open or closed\n"
     "f:5:41: error: `is` and `else` are both `yes`; give the two levels different "
     "answers\n"
     "f:6:7: error: `battery` is a percentage, which an input line cannot report; leave it to "
     "the operator, or to --answer\n"
     "f:7:7: error: `led` is not a question; `inputs` are lines that answer questions, "
     "such as lid or placed\n"
     "f:8:12: error: key `else` is missing; add `else: ...`\n"},
    {"estop", PART_STATION, "estop: { active: low }\n",
     "f:3:12: error: key `line` is missing; add `line: ...`\n"},
    {"adapter", PART_STATION, "bluetooth: { adapter: hci0 }\n",
     "f:3:27: error: `hci0` is not a Bluetooth address; write its address, as "
     "`bluetoothctl list` shows it: \"AA:BB:CC:DD:EE:FF\"\n"},
};

static void check_told(const struct bad *bad, bool loads)
{
    struct diags diags = DIAGS_INIT;
    char *document =
        bad->part == WHOLE ? strdup(bad->text) : part_document((enum part)bad->part, bad->text);
    assert_non_null(document);
    struct bench *bench = bench_load_text(&diags, "f", document, strlen(document));
    char *told = diags_text(&diags);
    if (strcmp(told, bad->told) != 0 || loads != (bench != NULL)) {
        fail_msg("%s:\n%s\ntold:\n%s\nexpected:\n%s", bad->name, document, told, bad->told);
    }
    bench_free(bench);
    free(told);
    free(document);
}

static void every_mistake_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_benches) / sizeof(bad_benches[0]); i++) {
        check_told(&bad_benches[i], false);
    }
}

/* ---- good ones ------------------------------------------------------------------------------ */

static struct bench *load_good(const char *name, enum part part, const char *text)
{
    struct diags diags = DIAGS_INIT;
    char *document = part_document(part, text);
    struct bench *bench = bench_load_text(&diags, name, document, strlen(document));
    char *told = diags_text(&diags);
    assert_string_equal(told, "");
    assert_non_null(bench);
    free(told);
    free(document); /* the bench keeps nothing of it */
    return bench;
}

static struct bench *load_shipped(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load(&diags, path);
    char *told = diags_text(&diags);
    assert_string_equal(told, "");
    assert_non_null(bench);
    free(told);
    return bench;
}

static void what_is_not_said_has_a_default(void **state)
{
    (void)state;
    struct bench *bench = load_good("f", PART_BENCH, "");
    assert_string_equal(bench->name, "b");
    assert_false(bench->simulated);
    assert_null(bench->firmware);
    assert_int_equal(bench->heartbeat_ns, 250 * NS_PER_MS);
    assert_int_equal(bench->spin_ns, 0);
    assert_int_equal(bench->realtime_priority, 50);
    const struct station *station = &bench->stations[0];
    assert_int_equal(station->input_count, 0);
    assert_int_equal(station->interlock, 0);
    assert_false(station->has_led);
    assert_false(station->has_sound);
    assert_null(station->adapter);
    assert_false(bench_station_sees_colour(station));
    const struct actuator *actuator = &station->actuators[0];
    assert_string_equal(actuator->line.chip, "gpiochip0");
    assert_null(actuator->line.name);
    assert_int_equal(actuator->line.offset, 17);
    assert_false(actuator->line.active_low);
    assert_int_equal(actuator->line.bias, BIAS_AS_IS);
    assert_int_equal(actuator->line.place.line, 5);
    assert_string_equal(actuator->line.place.file, "f");
    assert_int_equal(actuator->duty_percent_x100, 10000);
    assert_int_equal(actuator->travel_press_ns, 0);
    bench_free(bench);
}

static void stations_are_read(void **state)
{
    (void)state;
    struct bench *bench = load_good(
        "f", PART_STATION,
        "chip: c0\n"
        "actuators:\n"
        "  power: { line: \"17\", active: low, bias: pull-up, kind: solenoid, max_on: 9 s,\n"
        "           duty: { max: 12.5 %, per: 60 s },\n"
        "           travel: { press: 8 ms, release: 5 ms, tolerance: 3 ms } }\n"
        "  nc: { chip: c1, line: 4, kind: touch, max_on: 9 s }\n"
        "interlock: [nc, power]\n"
        "led: { r: { line: 1 }, g: { line: 2 }, b: { line: 3 }, glitch: 1 ms, merge: 5 ms, skew: 2 "
        "ms,\n"
        "       colours: { green+red: orange } }\n"
        "sound: { line: S, merge: 300 ms }\n"
        "contact: { nc: { line: 5, active: low } }\n"
        "inputs: { lid: { line: 6, is: Open, else: closed }, app: { line: 7, is: a, else: b } }\n"
        "estop: { line: 8, active: low }\n"
        "bluetooth: { adapter: \"aa:bb:cc:dd:ee:0f\" }\n");
    const struct station *station = &bench->stations[0];
    assert_string_equal(station->name, "A");
    assert_int_equal(station->place.line, 2);
    assert_int_equal(bench_station_actuator(station, "POWER"), 0);
    assert_int_equal(bench_station_actuator(station, "nose"), -1);
    const struct actuator *power = &station->actuators[0];
    assert_string_equal(power->line.name, "17");
    assert_true(power->line.active_low);
    assert_int_equal(power->line.bias, BIAS_UP);
    assert_string_equal(power->kind->name, "solenoid");
    assert_int_equal(power->max_on_ns, 9 * NS_PER_S);
    assert_int_equal(power->duty_percent_x100, 1250);
    assert_int_equal(power->duty_window_ns, 60 * NS_PER_S);
    assert_int_equal(power->travel_press_ns, 8 * NS_PER_MS);
    assert_int_equal(power->travel_release_ns, 5 * NS_PER_MS);
    assert_int_equal(power->travel_tolerance_ns, 3 * NS_PER_MS);
    assert_string_equal(station->actuators[1].line.chip, "c1");
    assert_int_equal(station->interlock, 3);
    assert_true(station->has_led);
    assert_true(bench_station_sees_colour(station));
    assert_int_equal(station->led.channels, 7);
    assert_int_equal(station->led.glitch_ns, NS_PER_MS);
    assert_int_equal(station->led.merge_ns, 5 * NS_PER_MS);
    assert_int_equal(station->led.skew_ns, 2 * NS_PER_MS);
    assert_int_equal(station->led.colours[3], COLOUR_AMBER);
    assert_int_equal(station->led.colours[7], COLOUR_WHITE);
    assert_true(station->has_sound);
    assert_int_equal(station->sound.merge_ns, 300 * NS_PER_MS);
    assert_int_equal(station->sound.glitch_ns, blink_sound_defaults().glitch_ns);
    int contact = bench_station_input(station, INPUT_CONTACT);
    assert_true(contact >= 0);
    assert_int_equal(station->inputs[contact].actuator, 1);
    assert_string_equal(station->inputs[contact].name, "contact_nc");
    const struct input *lid = &station->inputs[bench_station_input(station, INPUT_QUESTION)];
    assert_string_equal(lid->name, "lid");
    assert_string_equal(lid->question, "lid");
    assert_string_equal(lid->when_active, "open");
    assert_string_equal(lid->when_inactive, "closed");
    assert_int_equal(lid->actuator, -1);
    assert_string_equal(station->inputs[bench_station_input(station, INPUT_LED_G)].name, "led_g");
    assert_int_equal(bench_station_input(station, INPUT_LED), -1);
    assert_true(station->inputs[bench_station_input(station, INPUT_ESTOP)].line.active_low);
    assert_string_equal(station->adapter, "AA:BB:CC:DD:EE:0F");
    bench_free(bench);
}

static void one_clear_channel_sees_light_only(void **state)
{
    (void)state;
    struct bench *bench = load_good("f", PART_STATION, "led: { mono: { line: 1 } }\n");
    const struct station *station = &bench->stations[0];
    assert_true(station->has_led);
    assert_int_equal(station->led.channels, 0);
    assert_false(bench_station_sees_colour(station));
    assert_true(bench_station_input(station, INPUT_LED) >= 0);
    bench_free(bench);
}

static void firmware_counts_from_the_bench_file(void **state)
{
    (void)state;
    static const char relative[] = "simulated: yes\nfirmware: fw/slow.yaml\n";
    static const char absolute[] = "simulated: yes\nfirmware: /fw/slow.yaml\n";
    struct bench *bench = load_good("my/benches/b.yaml", PART_BENCH, relative);
    assert_true(bench->simulated);
    assert_string_equal(bench->firmware, "my/benches/fw/slow.yaml");
    bench_free(bench);
    bench = load_good("b.yaml", PART_BENCH, relative);
    assert_string_equal(bench->firmware, "fw/slow.yaml");
    bench_free(bench);
    bench = load_good("my/benches/b.yaml", PART_BENCH, absolute);
    assert_string_equal(bench->firmware, "/fw/slow.yaml");
    bench_free(bench);
}

/* Its own, else the station's, else the bench's, else nobody's. */
static void firmware_of_a_unit(void **state)
{
    (void)state;
    static const char text[] =
        "bench: b\n"
        "simulated: yes\n"
        "units: { \"5012345\": odd.yaml, Fault-1: /fw/dead.yaml }\n"
        "stations:\n"
        "  A: { chip: a, actuators: { power: { line: 0, kind: relay, max_on: 1 s } } }\n"
        "  B: { chip: b, firmware: b.yaml, actuators: { power: { line: 0, kind: relay, max_on: 1 s "
        "} "
        "} }\n";
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "my/b.yaml", text, sizeof(text) - 1);
    char *told = diags_text(&diags);
    assert_string_equal(told, "");
    free(told);
    const struct station *a = &bench->stations[0];
    const struct station *b = &bench->stations[1];
    assert_string_equal(bench_firmware(bench, a, "5012345"), "my/odd.yaml");
    assert_string_equal(bench_firmware(bench, b, "FAULT-1"), "/fw/dead.yaml");
    assert_string_equal(bench_firmware(bench, b, "501234"), "my/b.yaml");
    assert_string_equal(bench_firmware(bench, b, NULL), "my/b.yaml");
    assert_null(bench_firmware(bench, a, "501234"));
    bench->firmware = "all.yaml";
    assert_string_equal(bench_firmware(bench, a, NULL), "all.yaml");
    assert_string_equal(bench_firmware(bench, b, NULL), "my/b.yaml");
    bench_free(bench);
}

/* Every file that the shipped bench names is one of our own. */
static void units_of_sim4_are_there(void **state)
{
    (void)state;
    struct bench *bench = load_shipped("hardware/benches/sim4.yaml");
    assert_true(bench->simulated);
    assert_int_equal(bench->station_count, 4);
    assert_true(bench->unit_count >= 8);
    for (size_t i = 0; i < bench->unit_count; i++) {
        char path[200];
        const char *slash = strrchr(bench->units[i].firmware, '/');
        assert_non_null(slash);
        snprintf(path, sizeof(path), "hardware/sim/firmware%s", slash);
        size_t length;
        free(file_text(path, &length));
        assert_true(length > 0);
    }
    for (size_t i = 0; i < bench->station_count; i++) {
        const struct station *station = &bench->stations[i];
        assert_int_equal(bench_station_input(station, INPUT_QUESTION) >= 0, i < 2);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(station->adapter, bench->stations[k].adapter);
        }
    }
    bench_free(bench);
}

static void led_channels_of_roles(void **state)
{
    (void)state;
    assert_int_equal(bench_input_led_channel(INPUT_LED_R), 0);
    assert_int_equal(bench_input_led_channel(INPUT_LED_G), 1);
    assert_int_equal(bench_input_led_channel(INPUT_LED_B), 2);
    assert_int_equal(bench_input_led_channel(INPUT_LED), 0);
    assert_int_equal(bench_input_led_channel(INPUT_SOUND), -1);
    assert_int_equal(bench_input_led_channel(INPUT_QUESTION), -1);
}

static void stations_are_found(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    struct bench *bench = load_shipped("hardware/benches/reference.yaml");
    assert_string_equal(bench_station(bench, "b", &diags)->name, "B");
    assert_null(bench_station(bench, NULL, &diags));
    assert_null(bench_station(bench, "C", &diags));
    char *told = diags_text(&diags);
    assert_string_equal(told,
                        "hardware/benches/reference.yaml: error: this bench has 2 stations, A "
                        "to B; say which with --station\n"
                        "hardware/benches/reference.yaml: error: there is no station `C`; "
                        "known: A, B\n");
    free(told);
    bench_free(bench);
    bench = load_shipped("hardware/benches/sim.yaml");
    assert_string_equal(bench_station(bench, NULL, &diags)->name, "sim");
    assert_int_equal(diags.count, 0);
    bench_free(bench);
}

/* Both stations have all that the wiring table says; the simulated one has every control. */
static void shipped_benches_are_whole(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t station;
        const char *controls[8];
        size_t questions;
        bool estop;
    } wanted[] = {
        {"hardware/benches/reference.yaml", 0, {"power", "nc_ambient", "volume_down"}, 1, true},
        {"hardware/benches/reference.yaml", 1, {"touch_left", "touch_right"}, 3, true},
        {"hardware/benches/sim.yaml",
         0,
         {"power", "nc_ambient", "custom", "volume_down", "touch_left", "touch_right"},
         0,
         false},
        {"hardware/benches/sim4.yaml",
         1,
         {"power", "nc_ambient", "custom", "volume_down", "touch_left", "touch_right"},
         1,
         false},
        {"hardware/benches/sim4.yaml",
         3,
         {"power", "nc_ambient", "custom", "volume_down", "touch_left", "touch_right"},
         0,
         false},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct bench *bench = load_shipped(wanted[i].path);
        const struct station *station = &bench->stations[wanted[i].station];
        size_t controls = 0;
        while (wanted[i].controls[controls]) {
            assert_true(bench_station_actuator(station, wanted[i].controls[controls]) >= 0);
            controls++;
        }
        size_t contacts = 0;
        size_t questions = 0;
        for (size_t k = 0; k < station->input_count; k++) {
            contacts += station->inputs[k].role == INPUT_CONTACT;
            questions += station->inputs[k].role == INPUT_QUESTION;
        }
        assert_int_equal(station->actuator_count, controls);
        assert_int_equal(contacts, controls);
        assert_int_equal(questions, wanted[i].questions);
        assert_int_equal(bench_station_input(station, INPUT_ESTOP) >= 0, wanted[i].estop);
        assert_true(bench_station_sees_colour(station));
        assert_true(station->has_sound);
        assert_non_null(station->adapter);
        assert_int_equal(bench->simulated, strstr(wanted[i].path, "sim") != NULL);
        bench_free(bench);
    }
}

static void names_are_those_of_the_files(void **state)
{
    (void)state;
    assert_string_equal(bench_input_role_name(INPUT_LED_B), "led_b");
    assert_string_equal(bench_input_role_name(INPUT_ESTOP), "estop");
}

/* What the bench file does not say of an actuator its kind does; what it says counts. */
static void kinds_have_defaults(void **state)
{
    (void)state;
    struct bench *bench =
        load_good("kinds", PART_STATION,
                  "actuators:\n"
                  "  relay: { line: 1, kind: relay, max_on: 9 s }\n"
                  "  touch: { line: 2, kind: touch, max_on: 9 s }\n"
                  "  plain: { line: 3, kind: solenoid, max_on: 9 s }\n"
                  "  told: { travel: { press: 20 ms, tolerance: 0 ms }, line: 4, kind: solenoid,\n"
                  "          duty: { max: 100 %, per: 60 s }, max_on: 9 s }\n");
    static const struct {
        int64_t press_ms, release_ms, tolerance_ms, duty_percent;
    } wanted[] = {{0, 0, 0, 100}, {0, 0, 0, 100}, {12, 9, 4, 50}, {20, 9, 0, 100}};

    for (size_t i = 0; i < 4; i++) {
        const struct actuator *actuator = &bench->stations[0].actuators[i];
        assert_int_equal(actuator->travel_press_ns, wanted[i].press_ms * NS_PER_MS);
        assert_int_equal(actuator->travel_release_ns, wanted[i].release_ms * NS_PER_MS);
        assert_int_equal(actuator->travel_tolerance_ns, wanted[i].tolerance_ms * NS_PER_MS);
        assert_int_equal(actuator->duty_percent_x100, wanted[i].duty_percent * 100);
    }
    assert_int_equal(bench->stations[0].actuators[2].duty_window_ns, 60 * NS_PER_S);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_told),
        cmocka_unit_test(what_is_not_said_has_a_default),
        cmocka_unit_test(stations_are_read),
        cmocka_unit_test(one_clear_channel_sees_light_only),
        cmocka_unit_test(firmware_counts_from_the_bench_file),
        cmocka_unit_test(firmware_of_a_unit),
        cmocka_unit_test(units_of_sim4_are_there),
        cmocka_unit_test(led_channels_of_roles),
        cmocka_unit_test(stations_are_found),
        cmocka_unit_test(shipped_benches_are_whole),
        cmocka_unit_test(names_are_those_of_the_files),
        cmocka_unit_test(kinds_have_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
