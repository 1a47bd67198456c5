#include "tui/drive/bench_session.h"

#include "hardware/sim/random.h"
#include "hardware/sim/sim_port.h"
#include "hardware/station/station_port.h"
#include "tui/cli/paths.h"
#include "tui/cli/sim_wiring.h"

#include <string.h>
#include <unistd.h>

/* Every run is the same, to the nanosecond: differences come from the firmware file. */
enum { SIM_SEED = 1 };

/* The shipped bench that is named, with or without a firmware file, or NULL. */
static const char *own_bench(const char *name)
{
    static const char *const benches[] = {"sim", "sim4"};
    for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
        size_t length = strlen(benches[i]);
        if (strncmp(name, benches[i], length) == 0 && (!name[length] || name[length] == ':')) {
            return benches[i];
        }
    }
    return NULL;
}

/* The firmware file named with a shipped bench, or NULL. */
static const char *named_firmware(const char *bench_name)
{
    const char *own = bench_name ? own_bench(bench_name) : NULL;
    return own && bench_name[strlen(own)] ? bench_name + strlen(own) + 1 : NULL;
}

/* The user's folder of firmware files (NULL without a home), and the shipped one. */
struct folders {
    const char *items[2];
};

static struct folders folders_of(struct arena *arena)
{
    return (struct folders){{paths_users(arena, "firmware"), paths_own(arena, "firmware")}};
}

/* A file of these folders, with or without its `.yaml`; NULL when there is none. */
static const char *in_folders(struct arena *arena, const struct folders *folders, const char *name)
{
    static const char *const ends[] = {"", ".yaml"};
    for (size_t i = 0; i < sizeof(folders->items) / sizeof(folders->items[0]); i++) {
        for (size_t j = 0; folders->items[i] && j < sizeof(ends) / sizeof(ends[0]); j++) {
            const char *path = arena_printf(arena, "%s/%s%s", folders->items[i], name, ends[j]);
            if (access(path, F_OK) == 0) {
                return path;
            }
        }
    }
    return NULL;
}

/* The user's own file takes precedence over the shipped one; the shipped path if there is neither.
 */
static const char *nominal(struct arena *arena, const struct folders *folders, const char *model)
{
    const char *theirs =
        folders->items[0] ? firmware_nominal_path(arena, folders->items[0], model) : NULL;
    return theirs && access(theirs, F_OK) == 0
               ? theirs
               : firmware_nominal_path(arena, folders->items[1], model);
}

struct firmware *bench_session_load_firmware(struct diags *diags, const char *path,
                                             const char *model)
{
    struct arena arena = ARENA_INIT;
    struct firmware *firmware = NULL;
    struct folders folders = folders_of(&arena);

    if (access(path, F_OK) != 0 && strcmp(path, nominal(&arena, &folders, model)) == 0) {
        const char *name = firmware_nominal_path(&arena, "firmware", model);
        diag_error(
            diags, place_of("--bench"),
            arena_printf(&arena,
                         "name any firmware file, --bench sim:FILE, or write one and put it "
                         "at ~/.config/longpress/%s (hardware/sim/firmware/README.md says how)",
                         name),
            "no unit of %s is simulated", model);
    } else {
        firmware = firmware_load(diags, path);
    }
    arena_free(&arena);
    return firmware;
}

const char *bench_session_firmware(struct arena *arena, const struct bench *bench,
                                   const char *bench_name, const struct station *station,
                                   const char *serial, const char *model)
{
    const char *others = bench_firmware(bench, station, NULL);
    const char *path = bench_firmware(bench, station, serial);
    const char *named = named_firmware(bench_name);
    struct folders folders = folders_of(arena);

    if (named && path == others) {
        bool bare = access(named, F_OK) != 0 && !strchr(named, '/');
        const char *found = bare ? in_folders(arena, &folders, named) : NULL;
        return found ? found : named;
    }
    if (!path) {
        return nominal(arena, &folders, model);
    }
    if (access(path, F_OK) != 0) {
        const char *slash = strrchr(path, '/');
        const char *found = in_folders(arena, &folders, slash ? slash + 1 : path);
        return found ? found : path;
    }
    return path;
}

const char *bench_session_firmware_text(struct arena *arena, const struct firmware *firmware)
{
    return arena_printf(arena, "%s, version %s", firmware_name(firmware),
                        firmware_version(firmware));
}

int bench_session_bench(struct bench_session *bench_session, struct diags *diags, const char *name)
{
    const char *path = name;

    if (!name) {
        name = path = paths_default_bench(&bench_session->arena);
        if (!name) {
            return diag_error(diags, place_of("--bench"),
                              "name a bench file, or try without hardware: --bench sim",
                              "no bench was named, and there is no bench.yaml in "
                              "~/.config/longpress or /etc/longpress");
        }
    } else if (own_bench(name)) {
        path = arena_printf(&bench_session->arena, "%s/%s.yaml",
                            paths_own(&bench_session->arena, "benches"), own_bench(name));
    }
    bench_session->bench_name = name;
    bench_session->bench = bench_load(diags, path);
    return bench_session->bench ? 0 : -1;
}

int bench_session_wire(struct bench_session *bench_session, struct diags *diags,
                       const struct profile *const *profiles, size_t count)
{
    if (own_bench(bench_session->bench_name)) {
        bench_session->bench = sim_wiring(bench_session->bench, diags, profiles, count);
    }
    return bench_session->bench ? 0 : -1;
}

/* The simulated unit in the station. */
static int find_unit(struct bench_session *bench_session, struct diags *diags, const char *model)
{
    const char *path = bench_session_firmware(&bench_session->arena, bench_session->bench,
                                              bench_session->bench_name, bench_session->station,
                                              bench_session->unit, model);

    if (bench_session->no_unit && !named_firmware(bench_session->bench_name) &&
        access(path, F_OK) != 0) {
        return 0;
    }
    bench_session->firmware = bench_session_load_firmware(diags, path, model);
    if (!bench_session->firmware) {
        return -1;
    }
    bench_session->firmware_text =
        bench_session_firmware_text(&bench_session->arena, bench_session->firmware);
    return 0;
}

int bench_session_find(struct bench_session *bench_session, struct diags *diags, const char *bench,
                       const char *station, const struct profile *profile)
{
    if (bench_session_bench(bench_session, diags, bench) != 0 ||
        bench_session_wire(bench_session, diags, &profile, profile ? 1 : 0) != 0) {
        return -1;
    }
    bench_session->station = bench_station(bench_session->bench, station, diags);
    if (!bench_session->station) {
        return -1;
    }
    return bench_session->bench->simulated
               ? find_unit(bench_session, diags, profile ? profile->model : "WH-1000XM5")
               : 0;
}

struct radio_setup bench_session_radio(const struct plan *plan)
{
    const struct station *station = plan->station;
    return (struct radio_setup){
        .adapter = station->adapter,
        .name = plan->profile->bluetooth_name,
        .le_name = plan->profile->le_name,
        .rssi_floor = station->rssi_floor,
        .rssi_margin = station->rssi_margin,
        .forget = station->forget,
        .needs_bond = plan->radio_needs & RADIO_NEED_BOND,
        .finds_gone = plan->radio_needs & RADIO_NEED_GONE,
        .finds_services = plan->radio_needs & RADIO_NEED_SERVICES,
    };
}

int bench_session_open(struct bench_session *bench_session, struct diags *diags, int rate,
                       const struct radio_setup *radio, int wake_fd)
{
    if (bench_session->bench->simulated) {
        struct sim_options sim = {.rate = rate,
                                  .seed = SIM_SEED + bench_session->seed +
                                          sim_chances_of(bench_session->unit),
                                  .bonds = bench_session->bonds};
        bench_session->virtual_time = rate == 0;
        bench_session->port =
            sim_port_open(diags, bench_session->station, bench_session->firmware, &sim);
        if (bench_session->port) {
            bench_session->port->wake_fd = wake_fd;
        }
    } else {
        bench_session->port =
            station_port_open(diags, bench_session->bench, bench_session->station,
                              bench_session->station->adapter ? radio : NULL, wake_fd);
    }
    return bench_session->port ? 0 : -1;
}

bool bench_session_can_answer(void *context, const char *question)
{
    const struct bench_session *bench_session = context;
    struct diags diags = DIAGS_INIT;
    bool answers = false;

    if (!bench_session->bench->simulated) {
        return bench_session->station->adapter && strcmp(question, "battery") == 0;
    }
    /* Asks a temporary unit. */
    struct sim_options sim = {.seed = SIM_SEED};
    struct port *port =
        sim_port_open(&diags, bench_session->station, bench_session->firmware, &sim);
    if (port) {
        answers = port->ops->ask(port, question);
        port->ops->close(port);
    }
    diags_clear(&diags);
    return answers;
}

void bench_session_close_port(struct bench_session *bench_session)
{
    if (bench_session->port) {
        bench_session->port->ops->close(bench_session->port);
        bench_session->port = NULL;
    }
}

void bench_session_close(struct bench_session *bench_session)
{
    bench_session_close_port(bench_session);
    firmware_free(bench_session->firmware);
    bench_free(bench_session->bench);
    arena_free(&bench_session->arena);
}
