#include "tui/task/batch_precheck.h"

#include "rig/base/arena.h"
#include "rig/journal/journal_read.h"

#include <inttypes.h>
#include <string.h>

int batch_ready_procedure(struct set_up *set_up, struct diags *diags, const struct context *context,
                          const struct batch_options *options)
{
    struct batch_bays_setup *setup = &set_up->headless.setup;
    setup->profile = run_options_profile(&options->run, context, diags, &set_up->catalog);
    setup->procedure =
        setup->profile ? run_options_procedure(&options->run, setup->profile, diags) : NULL;
    setup->unit_firmware = options->run.unit_firmware;
    return setup->procedure ? 0 : -1;
}

static int choose_station(struct set_up *set_up, struct diags *diags, const char *name)
{
    const struct station *station = bench_station(set_up->bench_session.bench, name, diags);
    if (!station) {
        return -1;
    }
    for (size_t i = 0; i < set_up->station_count; i++) {
        if (set_up->stations[i] == station) {
            return diag_error(diags, place_of("--stations"), "name each station once",
                              "station `%s` is given twice", name);
        }
    }
    if (set_up->station_count == BATCH_STATIONS_MAX) {
        return diag_error(diags, place_of("--stations"), "choose fewer with --stations A,B,...",
                          "a batch has at most %d stations", BATCH_STATIONS_MAX);
    }
    set_up->stations[set_up->station_count++] = station;
    return 0;
}

int batch_ready_stations(struct set_up *set_up, struct diags *diags, const char *names)
{
    const struct bench *bench = set_up->bench_session.bench;
    int result = 0;
    if (!names) {
        for (size_t i = 0; i < bench->station_count && result == 0; i++) {
            result = choose_station(set_up, diags, bench->stations[i].name);
        }
        return result;
    }
    char *list = arena_strdup(&set_up->bench_session.arena, names);
    char *rest = NULL;
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        result |= choose_station(set_up, diags, name);
    }
    if (result == 0 && set_up->station_count == 0) {
        return diag_error(diags, place_of("--stations"), "name some: --stations A,B",
                          "no station is named");
    }
    return result;
}

const struct station *batch_ready_without_line(const struct set_up *set_up)
{
    for (size_t i = 0; !set_up->bench_session.bench->simulated && i < set_up->station_count; i++) {
        if (bench_station_question_input(set_up->stations[i], "placed") < 0) {
            return set_up->stations[i];
        }
    }
    return NULL;
}

/* How do we know that a unit is in place? */
int batch_ready_placing(struct set_up *set_up, struct diags *diags, bool in_place)
{
    const struct station *station = batch_ready_without_line(set_up);
    if (!station) {
        return 0;
    }
    if (in_place && set_up->serials.count > set_up->station_count) {
        return diag_error(
            diags, place_of("--answer"),
            "give at most one serial number per station, in the order of the stations",
            "placed=yes says that all units are in their stations, but %zu serial numbers do not "
            "fit %zu station%s",
            set_up->serials.count, set_up->station_count, set_up->station_count == 1 ? "" : "s");
    }
    if (!in_place && !set_up->console.terminal) {
        return diag_error(diags, station->place,
                          "wire a `placed` input, run it at a terminal, or put one unit in each "
                          "station first and add --answer placed=yes",
                          "station `%s` cannot tell when a unit is in place: it has no `placed` "
                          "input and there is no terminal",
                          station->name);
    }
    return 0;
}

/* Checks that every chosen station can run it, and that all its questions have an answer. */
int batch_ready_plans(struct set_up *set_up, struct diags *diags,
                      const struct batch_options *options)
{
    struct headless *headless = &set_up->headless;
    struct bench_session *bench_session = &set_up->bench_session;
    const struct batch_bays_setup *setup = &headless->setup;
    struct plan_choices choices = run_options_choices(&options->run);

    if (bench_session->bench->simulated) {
        const char *model = setup->profile->model;
        bench_session->firmware = bench_session_load_firmware(
            diags,
            bench_session_firmware(&bench_session->arena, bench_session->bench,
                                   bench_session->bench_name, set_up->stations[0],
                                   set_up->serials.items[0], model),
            model);
        if (!bench_session->firmware) {
            return -1;
        }
    }
    /* Once a unit is known to be in place, each run gets that answer: by --answer on a simulated
     * bench, too, with or without a terminal. */
    if ((options->in_place || batch_ready_without_line(set_up)) &&
        profile_requirement(setup->procedure, "placed")) {
        console_give(&set_up->console, "placed=yes");
    }
    for (size_t i = 0; i < set_up->station_count; i++) {
        bench_session->station = set_up->stations[i];
        struct plan *plan = plan_make(diags, setup->profile, setup->procedure, bench_session->bench,
                                      bench_session->station, &choices, NULL);
        int result = plan ? console_check(&set_up->console, diags, plan, bench_session_can_answer,
                                          bench_session)
                          : -1;
        headless->plan_ns = plan ? plan->longest_ns : 0;
        plan_free(plan);
        if (result != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- earlier runs ----------------------------------------------------------------- */

/* Is a simulated unit with that serial number still the same on some station? */
static bool is_same_simulated(const struct set_up *set_up, const struct kept_run *kept)
{
    const struct bench_session *bench_session = &set_up->bench_session;
    struct arena arena = ARENA_INIT;
    bool same = false;

    for (size_t i = 0; kept->sim_firmware && !same && i < set_up->station_count; i++) {
        struct diags diags = DIAGS_INIT; /* of a file that is none the unit's run will tell */
        struct firmware *firmware = firmware_load(
            &diags, bench_session_firmware(&arena, bench_session->bench, bench_session->bench_name,
                                           set_up->stations[i], kept->unit, kept->model));
        same = firmware &&
               strcmp(kept->sim_firmware, bench_session_firmware_text(&arena, firmware)) == 0;
        firmware_free(firmware);
        diags_clear(&diags);
    }
    arena_free(&arena);
    return same;
}

/* A pass with another firmware says nothing about this one. */
static bool is_pass(const struct set_up *set_up, const struct kept_run *kept)
{
    const char *firmware = set_up->headless.setup.unit_firmware;
    return kept->state == KEPT_DONE && kept->verdict == VERDICT_PASS &&
           (!firmware || (kept->unit_firmware && strcmp(kept->unit_firmware, firmware) == 0)) &&
           (!kept->simulated || is_same_simulated(set_up, kept));
}

/* The number of the unit's last run if that passed, else 0. -1 after an error. */
static int64_t passed_in(struct journal_reader *reader, struct diags *diags,
                         const struct set_up *set_up, const char *serial)
{
    const struct batch_bays_setup *setup = &set_up->headless.setup;
    struct run_filter filter = {
        .model = setup->profile->model,
        .procedure = setup->procedure->name,
        .unit = serial,
        .reality = set_up->bench_session.bench->simulated ? FILTER_SIMULATED : FILTER_REAL,
        .latest_first = true,
    };
    struct run_list *list = journal_run_list_open(reader, diags, &filter);
    if (!list) {
        return -1;
    }
    /* Filters ignore case, and so does a batch. */
    const struct kept_run *kept = journal_run_list_next(list);
    int64_t number = kept && is_pass(set_up, kept) ? kept->number : 0;
    return journal_run_list_close(list, diags) == 0 ? number : -1;
}

void batch_ready_leave_out_passed(struct set_up *set_up, struct diags *diags, const char *path,
                                  bool in_place)
{
    struct serials *todo = &set_up->headless.todo;
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;
    size_t kept_stations = 0;

    todo->items = xcalloc((set_up->serials.count + 1) * sizeof(*todo->items));
    for (size_t i = 0; i < set_up->serials.count; i++) {
        const char *serial = set_up->serials.items[i];
        int64_t run = reader ? passed_in(reader, diags, set_up, serial) : 0;
        if (run < 0) {
            journal_reader_close(reader);
            reader = NULL;
        }
        if (run > 0) {
            line_queue_line(&set_up->out, "%s already passed, run %" PRId64 ": skipped", serial,
                            run);
            set_up->passed++;
            continue;
        }
        memcpy(todo->items[todo->count++], serial, BATCH_SERIAL_MAX);
        if (in_place) {
            set_up->stations[kept_stations++] = set_up->stations[i];
        }
    }
    if (in_place) {
        set_up->station_count = kept_stations;
    }
    journal_reader_close(reader);
}
