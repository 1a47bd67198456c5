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
    return (struct folders){{places_users(arena, "firmware"), places_own(arena, "firmware")}};
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

struct firmware *at_hand_load_firmware(struct diags *diags, const char *path, const char *model)
{
    struct arena arena = ARENA_INIT;
    struct firmware *firmware = NULL;
    struct folders folders = folders_of(&arena);

    if (access(path, F_OK) != 0 && strcmp(path, nominal(&arena, &folders, model)) == 0) {
        const char *name = firmware_nominal_path(&arena, "firmware", model);
        diag_error(diags, place_of("--bench"),
                   arena_printf(&arena,
                                "name any firmware file, --bench sim:FILE, or write one and put it "
                                "at ~/.config/longpress/%s (hardware/sim/README.md says how)",
                                name),
                   "no unit of %s is simulated", model);
    } else {
        firmware = firmware_load(diags, path);
    }
    arena_free(&arena);
    return firmware;
}

const char *at_hand_firmware(struct arena *arena, const struct bench *bench, const char *bench_name,
                             const struct station *station, const char *serial, const char *model)
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

const char *at_hand_firmware_text(struct arena *arena, const struct firmware *firmware)
{
    return arena_printf(arena, "%s, version %s", firmware_name(firmware),
                        firmware_version(firmware));
}

int at_hand_bench(struct at_hand *at_hand, struct diags *diags, const char *name)
{
    const char *path = name;

    if (!name) {
        name = path = places_default_bench(&at_hand->arena);
        if (!name) {
            return diag_error(diags, place_of("--bench"),
                              "name a bench file, or try without hardware: --bench sim",
                              "no bench was named, and there is no bench.yaml in "
                              "~/.config/longpress or /etc/longpress");
        }
    } else if (own_bench(name)) {
        path = arena_printf(&at_hand->arena, "%s/%s.yaml", places_own(&at_hand->arena, "benches"),
                            own_bench(name));
    }
    at_hand->bench_name = name;
    at_hand->bench = bench_load(diags, path);
    return at_hand->bench ? 0 : -1;
}

int at_hand_wire(struct at_hand *at_hand, struct diags *diags,
                 const struct profile *const *profiles, size_t count)
{
    if (own_bench(at_hand->bench_name)) {
        at_hand->bench = sim_wiring(at_hand->bench, diags, profiles, count);
    }
    return at_hand->bench ? 0 : -1;
}

/* The simulated unit in the station. */
static int find_unit(struct at_hand *at_hand, struct diags *diags, const char *model)
{
    const char *path = at_hand_firmware(&at_hand->arena, at_hand->bench, at_hand->bench_name,
                                        at_hand->station, at_hand->unit, model);

    if (at_hand->no_unit && !named_firmware(at_hand->bench_name) && access(path, F_OK) != 0) {
        return 0;
    }
    at_hand->firmware = at_hand_load_firmware(diags, path, model);
    if (!at_hand->firmware) {
        return -1;
    }
    at_hand->firmware_text = at_hand_firmware_text(&at_hand->arena, at_hand->firmware);
    return 0;
}

int at_hand_find(struct at_hand *at_hand, struct diags *diags, const char *bench,
                 const char *station, const struct profile *profile)
{
    if (at_hand_bench(at_hand, diags, bench) != 0 ||
        at_hand_wire(at_hand, diags, &profile, profile ? 1 : 0) != 0) {
        return -1;
    }
    at_hand->station = bench_station(at_hand->bench, station, diags);
    if (!at_hand->station) {
        return -1;
    }
    return at_hand->bench->simulated
               ? find_unit(at_hand, diags, profile ? profile->model : "WH-1000XM5")
               : 0;
}

struct radio_setup at_hand_radio(const struct plan *plan)
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

int at_hand_open(struct at_hand *at_hand, struct diags *diags, int rate,
                 const struct radio_setup *radio, int wake_fd)
{
    if (at_hand->bench->simulated) {
        struct sim_options sim = {.rate = rate,
                                  .seed = SIM_SEED + at_hand->seed + sim_chances_of(at_hand->unit),
                                  .bonds = at_hand->bonds};
        at_hand->virtual_time = rate == 0;
        at_hand->port = sim_port_open(diags, at_hand->station, at_hand->firmware, &sim);
        if (at_hand->port) {
            at_hand->port->wake_fd = wake_fd;
        }
    } else {
        at_hand->port = station_port_open(diags, at_hand->bench, at_hand->station,
                                          at_hand->station->adapter ? radio : NULL, wake_fd);
    }
    return at_hand->port ? 0 : -1;
}

bool at_hand_can_answer(void *context, const char *question)
{
    const struct at_hand *at_hand = context;
    struct diags diags = DIAGS_INIT;
    bool answers = false;

    if (!at_hand->bench->simulated) {
        return at_hand->station->adapter && strcmp(question, "battery") == 0;
    }
    /* Asks a temporary unit. */
    struct sim_options sim = {.seed = SIM_SEED};
    struct port *port = sim_port_open(&diags, at_hand->station, at_hand->firmware, &sim);
    if (port) {
        answers = port->ops->ask(port, question);
        port->ops->close(port);
    }
    diags_clear(&diags);
    return answers;
}

void at_hand_close_port(struct at_hand *at_hand)
{
    if (at_hand->port) {
        at_hand->port->ops->close(at_hand->port);
        at_hand->port = NULL;
    }
}

void at_hand_close(struct at_hand *at_hand)
{
    at_hand_close_port(at_hand);
    firmware_free(at_hand->firmware);
    bench_free(at_hand->bench);
    arena_free(&at_hand->arena);
}
