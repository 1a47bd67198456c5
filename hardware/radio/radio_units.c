#include "hardware/radio/radio_units.h"

#include <stdio.h>
#include <string.h>

static const char LE_PREFIX[] = "LE_";

void radio_units_begin(struct radio_units *units, const struct radio_setup *setup, int64_t now_ns)
{
    *units = (struct radio_units){.setup = setup, .begin_ns = now_ns};
}

/* The name of the Low Energy side? */
static bool le_named(const struct radio_setup *setup, const char *name)
{
    if (!setup->name) {
        return false;
    }
    if (setup->le_name) {
        return strcmp(name, setup->le_name) == 0;
    }
    return strncmp(name, LE_PREFIX, sizeof(LE_PREFIX) - 1) == 0 &&
           strcmp(name + sizeof(LE_PREFIX) - 1, setup->name) == 0;
}

/* Only ever a unit's Low Energy side: by its name, or because its address changes. */
static bool le_side(const struct radio_setup *setup, const struct bluez_device *device)
{
    return le_named(setup, device->name) || (device->random && !device->classed);
}

static bool is_listed(const char *address, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], address) == 0) {
            return true;
        }
    }
    return false;
}

bool radio_units_named(const struct radio_units *units, const struct bluez_device *device)
{
    const struct radio_setup *setup = units->setup;
    return setup->name && (strcmp(device->name, setup->name) == 0 || le_named(setup, device->name));
}

/* Could this be the unit, by address or by name? */
static bool fits(const struct radio_units *units, const struct bluez_device *device)
{
    const struct radio_setup *setup = units->setup;
    if (is_listed(device->address, setup->done, setup->done_count)) {
        return false;
    }
    if (setup->address) {
        return strcmp(device->address, setup->address) == 0;
    }
    return radio_units_named(units, device);
}

static bool on_the_air(const struct radio_units *units, const struct bluez_device *device)
{
    return device->in_range && device->seen_ns >= units->begin_ns &&
           device->rssi >= units->setup->rssi_floor;
}

static bool set_aside(const struct radio_units *units, const struct bluez_device *device)
{
    for (size_t i = 0; i < units->other_count; i++) {
        if (strcmp(units->others[i], device->address) == 0) {
            return true;
        }
    }
    return false;
}

const struct bluez_device *radio_units_bonded(const struct radio_units *units,
                                              const struct bluez *bluez, const char *adapter)
{
    const struct bluez_device *device;
    const struct bluez_device *paired = NULL;
    const struct bluez_device *connected = NULL;
    size_t paired_count = 0;
    size_t connected_count = 0;
    size_t i = 0;

    while ((device = bluez_device_next(bluez, &i))) {
        if (strcmp(device->adapter, adapter) != 0 || !device->paired || !fits(units, device)) {
            continue;
        }
        paired = device;
        paired_count++;
        if (device->connected) {
            connected = device;
            connected_count++;
        }
    }
    return connected_count == 1                        ? connected
           : connected_count == 0 && paired_count == 1 ? paired
                                                       : NULL;
}

/* Candidates, strongest first. */
struct field {
    size_t count;
    const struct bluez_device *devices[RADIO_CANDIDATES_MAX];
};

static void add_candidate(struct field *field, const struct bluez_device *device)
{
    size_t at = field->count;
    if (at == RADIO_CANDIDATES_MAX) {
        if (field->devices[at - 1]->rssi >= device->rssi) {
            return;
        }
        at--;
    } else {
        field->count++;
    }
    while (at > 0 && field->devices[at - 1]->rssi < device->rssi) {
        field->devices[at] = field->devices[at - 1];
        at--;
    }
    field->devices[at] = device;
}

static void gather(const struct radio_units *units, const struct bluez *bluez, const char *adapter,
                   bool le, struct field *field)
{
    const struct bluez_device *device;
    size_t i = 0;
    while ((device = bluez_device_next(bluez, &i))) {
        if (strcmp(device->adapter, adapter) == 0 && on_the_air(units, device) &&
            fits(units, device) && le_side(units->setup, device) == le) {
            add_candidate(field, device);
        }
    }
}

void radio_units_choose(const struct radio_units *units, const struct bluez *bluez,
                        const char *adapter, struct radio_choice *choice)
{
    struct field field = {0};
    size_t used = 0;

    *choice = (struct radio_choice){0};
    /* The Low Energy sides are the same units again, unless there is nothing else of them. */
    gather(units, bluez, adapter, false, &field);
    if (field.count == 0) {
        gather(units, bluez, adapter, true, &field);
    }
    if (field.count == 0) {
        return;
    }
    choice->best = field.devices[0];
    for (size_t i = 0; i < field.count; i++) {
        if (field.devices[0]->rssi - field.devices[i]->rssi <= units->setup->rssi_margin) {
            choice->count++;
            used += (size_t)snprintf(choice->addresses + used, sizeof(choice->addresses) - used,
                                     "%s%s", i ? " " : "", field.devices[i]->address);
        }
    }
}

const struct bluez_device *radio_units_renamed(const struct radio_units *units,
                                               const struct bluez *bluez, const char *adapter)
{
    const struct radio_setup *setup = units->setup;
    const struct bluez_device *device;
    const struct bluez_device *best = NULL;
    size_t i = 0;
    /* With no room to remember who was declined, nobody is asked about. */
    bool asks = !setup->address && units->other_count < RADIO_OTHERS_MAX;
    while (asks && (device = bluez_device_next(bluez, &i))) {
        if (device->headset && device->name[0] && strcmp(device->adapter, adapter) == 0 &&
            on_the_air(units, device) && !set_aside(units, device) &&
            !is_listed(device->address, setup->done, setup->done_count) &&
            (!best || device->rssi > best->rssi)) {
            best = device;
        }
    }
    return best;
}

void radio_units_decline(struct radio_units *units, const char *address)
{
    if (units->other_count < RADIO_OTHERS_MAX) {
        snprintf(units->others[units->other_count++], BLUEZ_ADDRESS_MAX, "%s", address);
    }
}

void radio_units_set_aside(struct radio_units *units, const struct bluez *bluez,
                           const char *adapter)
{
    const struct bluez_device *device;
    size_t i = 0;
    while ((device = bluez_device_next(bluez, &i))) {
        if (strcmp(device->adapter, adapter) == 0 && device->in_range && fits(units, device) &&
            units->other_count < RADIO_OTHERS_MAX) {
            snprintf(units->others[units->other_count++], BLUEZ_ADDRESS_MAX, "%s", device->address);
        }
    }
}

/* Is there anybody else whose Low Energy side this could be, or another such side? */
static bool disputed(const struct radio_units *units, const struct bluez *bluez,
                     const struct bluez_device *side, const char *unit)
{
    const struct bluez_device *device;
    size_t i = 0;
    while ((device = bluez_device_next(bluez, &i))) {
        if (device != side && radio_units_named(units, device) &&
            strcmp(device->adapter, side->adapter) == 0 && on_the_air(units, device) &&
            strcmp(device->path, unit) != 0) {
            return true;
        }
    }
    return false;
}

bool radio_units_is(const struct radio_units *units, const struct bluez *bluez,
                    const struct bluez_device *device, const char *unit)
{
    const struct radio_setup *setup = units->setup;
    if (unit[0] && strcmp(device->path, unit) == 0) {
        return true;
    }
    if (!on_the_air(units, device) || is_listed(device->address, setup->done, setup->done_count)) {
        return false;
    }
    if (unit[0]) {
        return le_named(setup, device->name) && !set_aside(units, device) &&
               !disputed(units, bluez, device, unit);
    }
    return fits(units, device) && !set_aside(units, device);
}
