#include "tui/at_hand.h"

#include "hardware/sim/sim_port.h"
#include "hardware/station_port.h"
#include "tui/places.h"

#include <string.h>

/* One run is like the other, to the nanosecond: what differs is in the firmware file. */
enum { SIM_SEED = 1 };

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
    } else if (strcmp(name, "sim") == 0 || strncmp(name, "sim:", 4) == 0) {
        path = arena_printf(&at_hand->arena, "%s/sim.yaml", places_own(&at_hand->arena, "benches"));
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
    const char *firmware = bench && strncmp(bench, "sim:", 4) == 0 ? bench + 4 : NULL;
    if (!firmware) {
        firmware = at_hand->bench->firmware;
    }
    if (!firmware) {
        firmware =
            firmware_nominal_path(&at_hand->arena, places_own(&at_hand->arena, "firmware"), model);
    }
    at_hand->firmware = firmware_load(diags, firmware);
    if (!at_hand->firmware) {
        return -1;
    }
    at_hand->firmware_text =
        arena_printf(&at_hand->arena, "%s, version %s", firmware_name(at_hand->firmware),
                     firmware_version(at_hand->firmware));
    return 0;
}

struct radio_setup at_hand_radio(const struct at_hand *at_hand, const struct plan *plan)
{
    const struct station *station = at_hand->station;
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
        struct sim_options sim = {.rate = rate, .seed = SIM_SEED};
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
