/*
 * The parts of the mirror; only for hardware/radio/bluez*.c.
 *
 * bluez.c has the connection, the calls and the loop; bluez_objects.c has the table of objects,
 * which it updates from signals.
 */
#ifndef LONGPRESS_HARDWARE_BLUEZ_INTERNAL_H
#define LONGPRESS_HARDWARE_BLUEZ_INTERNAL_H

#include "hardware/radio/bluez.h"

struct call;

struct bluez {
    struct bluez_watcher watcher;
    sd_bus *bus;        /* NULL: none */
    int64_t reopen_ns;  /* try again then; INT64_MAX: no need */
    int64_t loading_ns; /* being connected since; the bus must answer in time. INT64_MAX: it did, or
                           nobody waits */
    int64_t reload_ns;  /* when to ask for them again; INT64_MAX: never */
    bool followed_only;
    sd_bus_slot *all;           /* the match for every device's changes; NULL: not now */
    sd_bus_slot *adapters_only; /* ... for adapters' and batteries' instead */
    sd_bus_slot *batteries_only;
    struct followed {
        char path[BLUEZ_PATH_MAX];
        sd_bus_slot *slot;
    } followed[BLUEZ_FOLLOWED_MAX];
    size_t followed_next;
    bool loaded;
    bool told; /* that there is nothing, and ... */
    char why[BLUEZ_WHY_MAX];
    enum bluez_lack lack;
    struct call *unsent;
    struct bluez_adapter adapters[BLUEZ_ADAPTERS_MAX];
    struct bluez_device devices[BLUEZ_DEVICES_MAX];
};

/* Take in an a{sa{sv}}: the interfaces of the object at `path`. `quiet`: tell nobody. */
void bluez_read_object(struct bluez *bluez, sd_bus_message *in, const char *path, bool quiet);

/* Handlers of signals; their context is the struct bluez. */
int bluez_on_added(sd_bus_message *in, void *context, sd_bus_error *error);
int bluez_on_removed(sd_bus_message *in, void *context, sd_bus_error *error);
int bluez_on_changed(sd_bus_message *in, void *context, sd_bus_error *error);
int bluez_on_parted(sd_bus_message *in, void *context, sd_bus_error *error);

#endif
