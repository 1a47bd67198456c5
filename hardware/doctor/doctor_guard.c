/*
 * What doctor says about lines whose owner is gone: what this kernel does with them, and who makes
 * them inactive then.
 */
#include "hardware/doctor/doctor.h"

#include "hardware/gpio/lines.h"
#include "hardware/guard/guard.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char about[] = "guard";

/* 1, 0; -1: there is no such driver here, or it has no such parameter. */
static int keeps_levels(const char *sys, const char *driver)
{
    char path[PATH_MAX];
    int value = EOF;

    snprintf(path, sizeof(path), "%s/module/%s/parameters/persist_gpio_outputs", sys, driver);
    FILE *file = fopen(path, "re");
    if (file) {
        value = fgetc(file);
        fclose(file);
    }
    return value == EOF ? -1 : value == 'Y' || value == 'y' || value == '1';
}

static void look_at_drivers(struct doctor *doctor, const char *sys)
{
    static const char *const drivers[] = {"pinctrl_bcm2835", "pinctrl_rp1"};
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
        int keeps = keeps_levels(sys, drivers[i]);
        if (keeps == 1) {
            doctor_add(doctor, DOCTOR_OK, about, NULL,
                       "%s: persist_gpio_outputs is on: a line whose owner dies keeps its level, "
                       "so a button can stay down; the guard covers this",
                       drivers[i]);
        } else if (keeps == 0) {
            doctor_add(doctor, DOCTOR_OK, about, NULL,
                       "%s: persist_gpio_outputs is off: a line whose owner dies becomes an input, "
                       "and its pull decides: make sure that it pulls towards released",
                       drivers[i]);
        }
    }
}

/* All actuators of the bench that can be found, as the guard knows them. */
static int possible(const struct bench *bench)
{
    for (size_t s = 0; bench && s < bench->station_count; s++) {
        struct guard_wish wish = {.chip_count = 0};
        for (size_t i = 0; i < bench->stations[s].actuator_count; i++) {
            const struct line_ref *ref = &bench->stations[s].actuators[i].line;
            struct line_facts facts;
            lines_read_facts(ref, &facts);
            if (facts.found &&
                !guard_wish_line(&wish, facts.chip_path, facts.offset, ref->active_low)) {
                return ENOSPC;
            }
        }
        int error = guard_possible(&wish);
        if (error) {
            return error;
        }
    }
    return 0;
}

void doctor_examine_guard(struct doctor *doctor, const struct bench *bench, const char *sys)
{
    bool systemd = access("/run/systemd/system", F_OK) == 0;
    int error = possible(bench);

    look_at_drivers(doctor, sys);
    if (guard_refused()) {
        doctor_add(doctor, DOCTOR_WARN, about, "remove LONGPRESS_GUARD from the environment",
                   "LONGPRESS_GUARD is `none`: when longpress and its keeper are killed or stopped "
                   "together, a button may stay down");
    } else if (error) {
        doctor_add(
            doctor, DOCTOR_WARN, about, "use Linux 5.10 or later",
            "the lines of this bench cannot be guarded: %s: when longpress and its keeper are "
            "killed or stopped together, a button may stay down",
            strerror(error));
    } else if (guard_service_answers()) {
        doctor_add(doctor, DOCTOR_OK, about, NULL,
                   "the service answers: when longpress and its keeper are killed or stopped "
                   "together, it releases the buttons");
    } else {
        doctor_add(doctor, DOCTOR_WARN, about,
                   systemd ? "sudo systemctl enable --now longpress-guard.socket"
                           : "start `longpress guard` at boot",
                   "the service is not running: each keeper has a guard of its own, which does not "
                   "cover what ends or freezes a whole control group (systemctl stop or kill, the "
                   "end of a container or of a login)");
    }
}
