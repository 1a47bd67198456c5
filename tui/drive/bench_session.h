/*
 * The bench of a command: the file that --bench names (or the default one), the station, the
 * simulated unit's firmware if the bench is simulated, and the port. A bench is simulated only if
 * the bench file or the option asks for it, never as a fallback.
 */
#ifndef LONGPRESS_TUI_AT_HAND_H
#define LONGPRESS_TUI_AT_HAND_H

#include "hardware/radio/radio.h"
#include "hardware/sim/firmware.h"
#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/bench/bench.h"
#include "rig/plan/plan.h"
#include "rig/run/port.h"

#include <stdbool.h>
#include <stdint.h>

struct bench_session {
    struct arena arena;
    struct bench *bench;
    const char *bench_name; /* as it was named */
    const struct station *station;
    /* Set before bench_session_find: */
    const char *unit; /* its serial number; NULL: not known */
    bool no_unit;     /* nothing is run: that no unit of the model is simulated is no error */

    struct firmware *firmware; /* NULL with a real bench, and without a unit */
    const char *firmware_text; /* "WH-1000XM5 nominal, version 2.3.1"; NULL without firmware */
    struct port *port;         /* NULL until bench_session_open */
    bool virtual_time;
    /* Of a simulated bench, set before bench_session_open by who makes several runs on one port: */
    bool bonds;    /* its radio pairs again (hardware/sim/sim_port.h) */
    uint64_t seed; /* another one of its chances; 0: that of all single runs */
};

/* Load the bench file: `name` is a path, a shipped simulated bench (`sim`, `sim4`), optionally with
 * a firmware file (`sim:FIRMWARE.yaml`), or NULL for the default one. 0, or -1 after an error. */
int bench_session_bench(struct bench_session *bench_session, struct diags *diags, const char *name);

/* Call once the models are known, before choosing a station: wires a shipped bench for all their
 * controls (tui/cli/sim_wiring.h). 0, or -1 after an error. */
int bench_session_wire(struct bench_session *bench_session, struct diags *diags,
                       const struct profile *const *profiles, size_t count);

/* The bench, its station (NULL: the only one), and the simulated unit: of the profile's model,
 * unless the bench names its firmware; without a profile a WH-1000XM5. */
int bench_session_find(struct bench_session *bench_session, struct diags *diags, const char *bench,
                       const char *station, const struct profile *profile);

/* Path of the firmware file of the simulated unit `serial` (NULL: unknown) of `model` in a station:
 * by its serial number, else from --bench, else from the bench file, else the model's nominal one.
 * A file that is not at its path is looked for in the user's folder, then among the shipped ones.
 */
const char *bench_session_firmware(struct arena *arena, const struct bench *bench,
                                   const char *bench_name, const struct station *station,
                                   const char *serial, const char *model);
/* Load it. NULL after an error, which says how to simulate a model without a nominal firmware file.
 */
struct firmware *bench_session_load_firmware(struct diags *diags, const char *path,
                                             const char *model);
/* "WH-1000XM5 nominal, version 2.3.1". */
const char *bench_session_firmware_text(struct arena *arena, const struct firmware *firmware);

/* The radio's settings for the plan's station; the caller adds the unit's address and the addresses
 * to ignore. */
struct radio_setup bench_session_radio(const struct plan *plan);

/* Open the port. `rate` (see hardware/sim/sim_port.h) is for simulated benches; `radio` for real
 * ones, NULL to leave the radio alone; `wake_fd`: see port.h. */
int bench_session_open(struct bench_session *bench_session, struct diags *diags, int rate,
                       const struct radio_setup *radio, int wake_fd);

/* Can the simulated unit answer this question by itself? On a real bench: could a unit answer it
 * over the radio? */
bool bench_session_can_answer(void *bench_session, const char *question);

/* Release everything; the rest stays. */
void bench_session_close_port(struct bench_session *bench_session);
void bench_session_close(struct bench_session *bench_session);

#endif
