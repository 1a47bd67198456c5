/*
 * What is said of lines that cannot be had. True on a machine without chips and on one with them;
 * that lines can be had is tested where there are simulated ones (tests/vm/programs/vm_lines.c).
 */
#include "hardware/doctor/doctor.h"
#include "hardware/gpio/lines.h"
#include "hardware/station/station_port.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        print_error("expected `%s` in: %s\n", part, text);
        fail();
    }
}

static void test_chips_are_listed(void **state)
{
    struct chip_facts chips[CHIPS_MAX];
    size_t count = lines_list_chips(chips);
    (void)state;

    assert_true(count <= CHIPS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        assert_int_equal(stat(chips[i].path, &status), 0);
        assert_true(S_ISCHR(status.st_mode));
        assert_contains(chips[i].path, chips[i].name);
    }
}

static void test_missing_chip(void **state)
{
    static const char *const names[] = {"gpiochip9999", "/dev/gpiochip9999", "no-such-label",
                                        "/dev/null", ""};
    struct chip_facts chips[CHIPS_MAX];
    size_t count = lines_list_chips(chips);
    (void)state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct line_ref ref = {.chip = names[i], .offset = 17};
        struct line_facts facts;
        char problem[100];
        lines_read_facts(&ref, &facts);
        assert_false(facts.found);
        assert_false(facts.in_use);
        snprintf(problem, sizeof(problem), "chip `%s` not found", names[i]);
        assert_string_equal(facts.problem, problem);
        if (count > 0) {
            assert_contains(facts.todo, "chips here: ");
            assert_contains(facts.todo, chips[0].name);
        } else {
            assert_contains(facts.todo, "this machine has no GPIO chip");
        }
    }
}

static void test_missing_name(void **state)
{
    struct line_ref ref = {.name = "longpress-no-such-line"};
    struct line_facts facts;
    (void)state;

    lines_read_facts(&ref, &facts);
    assert_false(facts.found);
    assert_string_equal(facts.line_name, ref.name);
    assert_true(facts.problem[0] && facts.todo[0]);
}

/* The place is the bench file's, and each line has an error of its own. */
static void test_errors_name_the_place(void **state)
{
    struct diags diags = DIAGS_INIT;
    const struct line_ref refs[] = {
        {.chip = "gpiochip9999", .offset = 1, .place = {"bench.yaml", 7, 14}},
        {.chip = "gpiochip9998", .offset = 2, .place = {"bench.yaml", 8, 14}},
        {.chip = "gpiochip9997", .offset = 3},
    };
    const struct line_ref *const pointers[] = {&refs[0], &refs[1], &refs[2]};
    (void)state;

    assert_null(lines_output_open(&diags, pointers, 3));
    assert_int_equal(diags.errors, 3);
    assert_string_equal(diags.items[0].where, "bench.yaml");
    assert_int_equal(diags.items[0].line, 7);
    assert_int_equal(diags.items[0].column, 14);
    assert_string_equal(diags.items[0].what, "chip `gpiochip9999` not found");
    assert_int_equal(diags.items[1].line, 8);
    assert_string_equal(diags.items[2].where, "gpiochip9997:3");
    diags_clear(&diags);

    assert_null(lines_input_open(&diags, pointers, 3));
    assert_int_equal(diags.errors, 3);
    diags_clear(&diags);
}

static void test_permission_names_the_group(void **state)
{
    char what[200];
    char todo[400];
    char path[] = "/tmp/longpress-test-XXXXXX";
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(path, 0600), 0);
    lines_permission(path, what, sizeof(what), todo, sizeof(todo));
    assert_contains(what, path);
    assert_contains(todo, "root alone");
    assert_int_equal(chmod(path, 0660), 0);
    lines_permission(path, what, sizeof(what), todo, sizeof(todo));
    if (getgid() != 0) {
        assert_contains(todo, "sudo usermod -aG");
    } else if (chown(path, (uid_t)-1, 12) == 0) { /* a group that every Debian has: man */
        lines_permission(path, what, sizeof(what), todo, sizeof(todo));
        assert_contains(todo, "it belongs to the group `man`: run `sudo usermod -aG man $USER`");
    }
    unlink(path);
}

static void test_library(void **state)
{
    (void)state;
    assert_int_equal(lines_uapi(), lines_library_version()[0] == '1' ? 1 : 2);
}

static const char bench_text[] = "bench: none\n"
                                 "stations:\n"
                                 "  A:\n"
                                 "    chip: gpiochip9999\n"
                                 "    actuators:\n"
                                 "      power: { line: 1, kind: relay, max_on: 5 s }\n"
                                 "      nc_ambient: { line: 2, kind: relay, max_on: 5 s }\n"
                                 "    led: { mono: { line: 3 } }\n"
                                 "    estop: { line: 4 }\n"
                                 "  B:\n"
                                 "    chip: gpiochip9998\n"
                                 "    actuators:\n"
                                 "      power: { line: 1, kind: relay, max_on: 5 s }\n";

static size_t descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

/* All lines that cannot be had are told in one go, and nothing is left behind. */
static void test_station_without_chips(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "none.yaml", bench_text, sizeof(bench_text) - 1);
    size_t before = descriptors();
    bool seen[10] = {false};
    (void)state;

    assert_non_null(bench);
    assert_null(station_port_open(&diags, bench, &bench->stations[0], NULL, -1));
    assert_int_equal(diags.errors, 4);
    for (size_t i = 0; i < diags.count; i++) {
        assert_string_equal(diags.items[i].where, "none.yaml");
        assert_string_equal(diags.items[i].what, "chip `gpiochip9999` not found");
        assert_in_range(diags.items[i].line, 6, 9);
        seen[diags.items[i].line] = true;
    }
    assert_true(seen[6] && seen[7] && seen[8] && seen[9]);
    diags_clear(&diags);
    assert_int_equal(descriptors(), before);
    bench_free(bench);
}

static void test_doctor(void **state)
{
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "none.yaml", bench_text, sizeof(bench_text) - 1);
    struct doctor doctor;
    size_t bad = 0;
    bool version = false;
    (void)state;

    assert_non_null(bench);
    doctor_examine(&doctor, bench);
    assert_false(doctor.can_run);
    assert_int_equal(doctor.stations_ready, 0);
    for (size_t i = 0; i < doctor.count; i++) {
        const struct doctor_line *line = &doctor.lines[i];
        assert_true(line->about[0] && line->what[0]);
        if (line->state == DOCTOR_BAD && strcmp(line->about, "machine") != 0) {
            bad++;
        }
        version = version || strstr(line->what, lines_library_version());
    }
    assert_true(version);
    assert_int_equal(bad, 5 + 2); /* each line, and each station */
    doctor_free(&doctor);

    doctor_examine(&doctor, NULL);
    struct chip_facts chips[CHIPS_MAX];
    assert_true(!doctor.can_run || lines_list_chips(chips) > 0);
    doctor_free(&doctor);
    bench_free(bench);
}

static void test_doctor_of_a_simulated_bench(void **state)
{
    static const char text[] = "bench: sim\n"
                               "simulated: yes\n"
                               "stations:\n"
                               "  sim:\n"
                               "    chip: sim\n"
                               "    actuators: { power: { line: 0, kind: relay, max_on: 5 s } }\n";
    struct diags diags = DIAGS_INIT;
    struct bench *bench = bench_load_text(&diags, "sim.yaml", text, sizeof(text) - 1);
    struct doctor doctor;
    (void)state;

    assert_non_null(bench);
    doctor_examine(&doctor, bench);
    assert_true(doctor.can_run);
    assert_int_equal(doctor.stations_ready, 1);
    doctor_free(&doctor);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chips_are_listed),
        cmocka_unit_test(test_missing_chip),
        cmocka_unit_test(test_missing_name),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_permission_names_the_group),
        cmocka_unit_test(test_library),
        cmocka_unit_test(test_station_without_chips),
        cmocka_unit_test(test_doctor),
        cmocka_unit_test(test_doctor_of_a_simulated_bench),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
