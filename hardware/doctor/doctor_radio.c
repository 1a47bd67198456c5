/* The machine's Bluetooth: bluetoothd, its adapters, and what blocks them. */
#include "hardware/doctor/doctor.h"

#include "hardware/radio/bluez.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static const int64_t WITHIN_NS = 5 * NS_PER_S;
static const char radio[] = "radio";

/* What bluetoothd said by now. */
struct heard {
    bool loaded;
    char why[BLUEZ_WHY_MAX]; /* not loaded: why not */
};

static void on_loaded(void *context, const char *why)
{
    struct heard *heard = context;
    heard->loaded = why == NULL;
    snprintf(heard->why, sizeof(heard->why), "%s", why ? why : "");
}

static void on_adapter(void *context, const struct bluez_adapter *adapter, const char *path)
{
    (void)context;
    (void)adapter;
    (void)path;
}

static void on_device(void *context, const struct bluez_device *device, unsigned changes)
{
    (void)context;
    (void)device;
    (void)changes;
}

static bool read_word(const char *path, char *out, size_t size)
{
    FILE *in = fopen(path, "re");
    bool good = in && fgets(out, (int)size, in);
    if (in) {
        fclose(in);
    }
    if (good) {
        out[strcspn(out, "\n")] = '\0';
    }
    return good;
}

/* Every Bluetooth switch of /sys/class/rfkill (kernel: Documentation/driver-api/rfkill.rst). */
static void look_at_rfkill(struct doctor *doctor)
{
    DIR *folder = opendir("/sys/class/rfkill");
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char path[400];
        char type[32] = "";
        char soft[8] = "0";
        char hard[8] = "0";
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.200s/type", entry->d_name);
        if (entry->d_name[0] == '.' || !read_word(path, type, sizeof(type)) ||
            strcmp(type, "bluetooth") != 0) {
            continue;
        }
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.200s/soft", entry->d_name);
        read_word(path, soft, sizeof(soft));
        snprintf(path, sizeof(path), "/sys/class/rfkill/%.200s/hard", entry->d_name);
        read_word(path, hard, sizeof(hard));
        if (strcmp(hard, "1") == 0) {
            doctor_add(doctor, DOCTOR_WARN, radio, "turn the machine's radio switch on",
                       "rfkill: %s is blocked by a switch", entry->d_name);
        } else if (strcmp(soft, "1") == 0) {
            doctor_add(doctor, DOCTOR_WARN, radio, "run `rfkill unblock bluetooth`",
                       "rfkill: %s is blocked", entry->d_name);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

/* A rig must not silently pair again when it tries an old key. */
static void look_at_repairing(struct doctor *doctor)
{
    static const char path[] = "/etc/bluetooth/main.conf";
    char line[256];
    FILE *in = fopen(path, "re");
    while (in && fgets(line, sizeof(line), in)) {
        const char *key = line + strspn(line, " \t");
        const char *equals = strchr(key, '=');
        if (strncmp(key, "JustWorksRepairing", 18) == 0 && equals && strstr(equals, "always")) {
            doctor_add(doctor, DOCTOR_WARN, radio,
                       "set it to `never`, its default, and restart bluetoothd",
                       "%s: JustWorksRepairing = always: a unit that lost its key is paired again "
                       "silently, and `bond_rejected` fails",
                       path);
        }
    }
    if (in) {
        fclose(in);
    }
}

/* Of one address, as cheap dongles have it: where they are ("hci0, hci1"); how many. */
static size_t adapters_of_address(const struct bluez *bluez, const char *address, char *out,
                                  size_t size)
{
    const struct bluez_adapter *adapter;
    size_t count = 0;
    size_t used = 0;
    size_t i = 0;
    while ((adapter = bluez_adapter_next(bluez, &i))) {
        if (strcmp(adapter->address, address) == 0 && used < size) {
            const char *slash = strrchr(adapter->path, '/');
            used += (size_t)snprintf(out + used, size - used, "%s%s", count++ ? ", " : "",
                                     slash ? slash + 1 : adapter->path);
        }
    }
    return count;
}

static void look_for_twins(struct doctor *doctor, const struct bluez *bluez,
                           const struct bluez_adapter *adapter)
{
    char where[160];
    if (bluez_adapter_at(bluez, adapter->address) == adapter &&
        adapters_of_address(bluez, adapter->address, where, sizeof(where)) > 1) {
        doctor_add(
            doctor, DOCTOR_WARN, radio, "unplug all but one, or give them other addresses",
            "several adapters have the address %s: %s; it is unclear which of them a bench means",
            adapter->address, where);
    }
}

static void look_at_adapters(struct doctor *doctor, const struct bluez *bluez)
{
    const struct bluez_adapter *adapter;
    char version[BLUEZ_VERSION_MAX];
    size_t count = 0;
    size_t i = 0;
    while ((adapter = bluez_adapter_next(bluez, &i))) {
        if (count++ == 0) {
            bluez_version(version, sizeof(version), adapter);
            doctor_add(doctor, DOCTOR_OK, radio, NULL, "bluetoothd %s",
                       version[0] ? version : "(version unknown)");
        }
        if (adapter->blocked) {
            doctor_add(doctor, DOCTOR_WARN, radio, "run `rfkill unblock bluetooth`",
                       "adapter %s: blocked", adapter->address);
        } else {
            doctor_add(doctor, DOCTOR_OK, radio, NULL, "adapter %s: %s", adapter->address,
                       adapter->powered ? "on" : "off; a run switches it on, then off again");
        }
        look_for_twins(doctor, bluez, adapter);
    }
    if (count == 0) {
        doctor_add(doctor, DOCTOR_WARN, radio,
                   "plug one in; without it, radio expectations are inconclusive",
                   "bluetoothd is running, but there is no Bluetooth adapter");
    }
}

static void look_at_stations(struct doctor *doctor, const struct bluez *bluez,
                             const struct bench *bench)
{
    for (size_t i = 0; bench && !bench->simulated && i < bench->station_count; i++) {
        const struct station *station = &bench->stations[i];
        char about[80];
        char where[160];
        snprintf(about, sizeof(about), "station %.60s", station->name);
        if (!station->adapter) {
            doctor_add(doctor, DOCTOR_WARN, about,
                       "add `bluetooth: { adapter: ... }`; without it, Bluetooth is inconclusive",
                       "no Bluetooth adapter");
        } else if (!bluez_adapter_at(bluez, station->adapter)) {
            doctor_add(doctor, DOCTOR_WARN, about,
                       "name one of those above; without it, Bluetooth is inconclusive",
                       "its Bluetooth adapter %s is missing", station->adapter);
        } else if (adapters_of_address(bluez, station->adapter, where, sizeof(where)) > 1) {
            doctor_add(doctor, DOCTOR_WARN, about, "see above",
                       "its Bluetooth adapter %s exists more than once: %s", station->adapter,
                       where);
        } else {
            doctor_add(doctor, DOCTOR_OK, about, NULL, "Bluetooth adapter %s", station->adapter);
        }
    }
}

void doctor_examine_radio(struct doctor *doctor, const struct bench *bench)
{
    struct heard heard = {0};
    struct bluez_watcher watcher = {
        .context = &heard, .loaded = on_loaded, .adapter = on_adapter, .device = on_device};
    struct bluez *bluez = bluez_open(&watcher);
    int64_t end_ns = clock_mono_ns() + WITHIN_NS;

    bluez_process(bluez);
    while (!heard.loaded && !heard.why[0] && clock_mono_ns() < end_ns) {
        struct pollfd polled = {.fd = bluez_fd(bluez), .events = bluez_events(bluez)};
        poll(&polled, 1, 50);
        bluez_process(bluez);
    }
    if (heard.loaded) {
        look_at_adapters(doctor, bluez);
    } else {
        doctor_add(doctor, DOCTOR_WARN, radio, "until then radio expectations are inconclusive",
                   "%s", heard.why[0] ? heard.why : "bluetoothd does not answer");
    }
    look_at_rfkill(doctor);
    look_at_repairing(doctor);
    if (heard.loaded) {
        look_at_stations(doctor, bluez, bench);
    }
    bluez_close(bluez);
}
