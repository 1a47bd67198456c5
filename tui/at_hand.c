#include "tui/at_hand.h"

#include "hardware/sim/random.h"
#include "hardware/sim/sim_port.h"
#include "hardware/station_port.h"
#include "tui/places.h"

#include <string.h>
#include <unistd.h>

/* One run is like the other, to the nanosecond: what differs is in the firmware file. */
enum { SIM_SEED = 1 };

/* The one of our benches that is named, alone or with a firmware file; NULL: none. */
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

/* The firmware file that is named with one of our benches, NULL: none. */
static const char *named_firmware(const char *bench_name)
{
    const char *own = bench_name ? own_bench(bench_name) : NULL;
    return own && bench_name[strlen(own)] ? bench_name + strlen(own) + 1 : NULL;
}

/* One of our own files, with or without its `.yaml`; as it was named when there is none. */
static const char *own_firmware(struct arena *arena, const char *own, const char *named)
{
    static const char *const ends[] = {"", ".yaml"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && !strchr(named, '/'); i++) {
        const char *path = arena_printf(arena, "%s/%s%s", own, named, ends[i]);
        if (access(path, F_OK) == 0) {
            return path;
        }
    }
    return named;
}

const char *at_hand_firmware(struct arena *arena, const struct bench *bench, const char *bench_name,
                             const struct station *station, const char *serial, const char *model)
{
    const char *others = bench_firmware(bench, station, NULL);
    const char *path = bench_firmware(bench, station, serial);
    const char *named = named_firmware(bench_name);
    const char *own = places_own(arena, "firmware");

    if (named && path == others) {
        return access(named, F_OK) == 0 ? named : own_firmware(arena, own, named);
    }
    if (!path) {
        return firmware_nominal_path(arena, own, model);
    }
    if (access(path, F_OK) != 0) {
        const char *slash = strrchr(path, '/');
        const char *ours = arena_printf(arena, "%s/%s", own, slash ? slash + 1 : path);
        return access(ours, F_OK) == 0 ? ours : path;
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

int at_hand_find(struct at_hand *at_hand, struct diags *diags, const char *bench,
                 const char *station, const char *model)
{
    if (at_hand_bench(at_hand, diags, bench) != 0) {
        return -1;
    }
    at_hand->station = bench_station(at_hand->bench, station, diags);
    if (!at_hand->station) {
        return -1;
    }
    if (!at_hand->bench->simulated) {
        return 0;
    }
    at_hand->firmware =
        firmware_load(diags, at_hand_firmware(&at_hand->arena, at_hand->bench, bench,
                                              at_hand->station, at_hand->unit, model));
    if (!at_hand->firmware) {
        return -1;
    }
    at_hand->firmware_text = at_hand_firmware_text(&at_hand->arena, at_hand->firmware);
    return 0;
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
    /* Asked of a unit of its own, which is thrown away. */
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
