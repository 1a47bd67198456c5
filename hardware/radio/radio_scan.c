#include "hardware/radio/radio_scan.h"

#include "hardware/radio/bluez.h"
#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"
#include "rig/timeline/timeline.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t CALL_NS = 5 * NS_PER_S;

struct scan {
    const char *const *wanted;
    size_t wanted_count;
    struct bluez *bluez;
    char searching[SCAN_ADAPTERS_MAX][BLUEZ_PATH_MAX];
    size_t searching_count;
    char trouble[SCAN_TEXT_MAX];
};

static void on_started(void *context, const struct bluez_reply *reply)
{
    struct scan *scan = context;
    char words[128];
    if (reply->error && !strstr(reply->error, "InProgress")) {
        snprintf(scan->trouble, sizeof(scan->trouble), "discovery cannot be started: %s",
                 bluez_error_words(words, sizeof(words), reply));
    }
}

static void on_filtered(void *context, const struct bluez_reply *reply)
{
    (void)context;
    (void)reply;
}

static bool is_searching(const struct scan *scan, const char *path)
{
    for (size_t i = 0; i < scan->searching_count; i++) {
        if (strcmp(scan->searching[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct scan *scan, const struct bluez_adapter *adapter)
{
    for (size_t i = 0; i < scan->wanted_count; i++) {
        if (strcmp(scan->wanted[i], adapter->address) == 0) {
            return true;
        }
    }
    return scan->wanted_count == 0;
}

static void search(struct scan *scan, const struct bluez_adapter *adapter)
{
    if (!adapter->powered || !is_wanted(scan, adapter) || is_searching(scan, adapter->path) ||
        scan->searching_count == SCAN_ADAPTERS_MAX) {
        return;
    }
    snprintf(scan->searching[scan->searching_count++], BLUEZ_PATH_MAX, "%s", adapter->path);
    scan->trouble[0] = '\0';
    bluez_call(scan->bluez, adapter->path, BLUEZ_ADAPTER, "SetDiscoveryFilter", CALL_NS,
               on_filtered, scan, "a{sv}", 2, "Transport", "s", "auto", "RSSI", "n", -127);
    bluez_call(scan->bluez, adapter->path, BLUEZ_ADAPTER, "StartDiscovery", CALL_NS, on_started,
               scan, "");
}

static void on_loaded(void *context, const char *why)
{
    struct scan *scan = context;
    const struct bluez_adapter *adapter;
    bool any = false;
    size_t i = 0;
    scan->searching_count = 0;
    if (why) {
        snprintf(scan->trouble, sizeof(scan->trouble), "%s", why);
        return;
    }
    while ((adapter = bluez_adapter_next(scan->bluez, &i))) {
        any = true;
        search(scan, adapter);
    }
    if (scan->searching_count == 0) {
        snprintf(scan->trouble, sizeof(scan->trouble), "%s",
                 !any ? "there is no Bluetooth adapter"
                 : scan->wanted_count
                     ? "the bench's adapter is missing or switched off"
                     : "the Bluetooth adapter is switched off: `bluetoothctl power "
                       "on`, or `rfkill unblock bluetooth`");
    }
}

static void on_adapter(void *context, const struct bluez_adapter *adapter, const char *path)
{
    struct scan *scan = context;
    for (size_t i = 0; i < scan->searching_count; i++) {
        if (strcmp(scan->searching[i], path) == 0 && !(adapter->path[0] && adapter->powered)) {
            memmove(scan->searching[i], scan->searching[--scan->searching_count], BLUEZ_PATH_MAX);
            snprintf(scan->trouble, sizeof(scan->trouble),
                     "the Bluetooth adapter was switched off or unplugged");
            return;
        }
    }
    if (adapter->path[0]) {
        search(scan, adapter);
    }
}

static void on_device(void *context, const struct bluez_device *device, unsigned changes)
{
    (void)context;
    (void)device;
    (void)changes;
}

struct scan *radio_scan_open(const char *const *adapters, size_t adapter_count)
{
    struct scan *scan = xcalloc(sizeof(*scan));
    struct bluez_watcher watcher = {
        .context = scan, .loaded = on_loaded, .adapter = on_adapter, .device = on_device};
    scan->wanted = adapters;
    scan->wanted_count = adapter_count;
    scan->bluez = bluez_open(&watcher);
    return scan;
}

void radio_scan_close(struct scan *scan)
{
    if (scan) {
        /* bluetoothd ends a discovery whose client leaves the bus. */
        bluez_close(scan->bluez);
        free(scan);
    }
}

void radio_scan_wait(struct scan *scan, int64_t until_ns, int wake_fd)
{
    struct pollfd fds[2] = {{.fd = wake_fd, .events = POLLIN}};
    bluez_process(scan->bluez);
    int64_t now_ns = clock_mono_ns();
    int64_t due_ns = bluez_due_ns(scan->bluez);
    int64_t left_ns = (due_ns < until_ns ? due_ns : until_ns) - now_ns;
    left_ns = left_ns > 0 ? left_ns : 0;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    fds[1] = (struct pollfd){.fd = bluez_fd(scan->bluez), .events = bluez_events(scan->bluez)};
    ppoll(fds, 2, &left, NULL);
    bluez_process(scan->bluez);
}

const char *radio_scan_trouble(const struct scan *scan)
{
    return scan->trouble[0] ? scan->trouble : NULL;
}

size_t radio_scan_adapters(const struct scan *scan)
{
    return scan->searching_count;
}

static const char *address_of(const struct scan *scan, const char *path)
{
    const struct bluez_adapter *adapter;
    size_t i = 0;
    while ((adapter = bluez_adapter_next(scan->bluez, &i))) {
        if (strcmp(adapter->path, path) == 0) {
            return adapter->address;
        }
    }
    return "";
}

bool radio_scan_next(const struct scan *scan, size_t *i, struct scan_device *device)
{
    const struct bluez_device *found;
    while ((found = bluez_device_next(scan->bluez, i))) {
        if (!is_searching(scan, found->adapter)) {
            continue;
        }
        uint32_t transports = found->random                       ? TRANSPORT_LE
                              : found->classed && found->in_range ? TRANSPORT_BREDR
                              : found->in_range                   ? TRANSPORT_BREDR | TRANSPORT_LE
                                                                  : 0;
        *device = (struct scan_device){
            .name = found->name,
            .address = found->address,
            .adapter = address_of(scan, found->adapter),
            .random = found->random,
            .transports = transports,
            .heard = found->in_range,
            .rssi = found->rssi,
            .age_ns = found->seen_ns ? clock_mono_ns() - found->seen_ns : 0,
            .paired = found->paired,
            .connected = found->connected,
        };
        return true;
    }
    return false;
}
