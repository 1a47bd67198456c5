#include "hardware/radio/radio_watch.h"

#include "hardware/radio/bluez.h"
#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* bluetoothd takes its name first, and brings its adapters after that. */
static const int64_t SETTLE_NS = 2 * NS_PER_S;
/* There is no event for a switch whose adapter stays off. */
static const int64_t SWITCH_NS = 2 * NS_PER_S;

struct radio_watch {
    struct bluez *bluez;
    bool changed;
    enum bluez_lack lack; /* as last reported */
    int64_t settled_ns;   /* an adapter that is not there by then is missing */
    int64_t switch_ns;    /* look at the switches then; INT64_MAX: no adapter is off */
};

static bool any_off(const struct bluez *bluez)
{
    const struct bluez_adapter *adapter;
    size_t i = 0;
    while ((adapter = bluez_adapter_next(bluez, &i))) {
        if (!adapter->powered) {
            return true;
        }
    }
    return false;
}

static void look_again(struct radio_watch *watch)
{
    watch->changed = true;
    watch->switch_ns = any_off(watch->bluez) ? clock_mono_ns() + SWITCH_NS : INT64_MAX;
}

static void on_loaded(void *context, const char *why)
{
    struct radio_watch *watch = context;
    if (!why) {
        watch->settled_ns = clock_mono_ns() + SETTLE_NS;
    }
    look_again(watch);
}

static void on_adapter(void *context, const struct bluez_adapter *adapter, const char *path)
{
    (void)adapter;
    (void)path;
    look_again(context);
}

struct radio_watch *radio_watch_open(void)
{
    struct radio_watch *watch = xcalloc(sizeof(*watch));
    const struct bluez_watcher watcher = {
        .context = watch, .loaded = on_loaded, .adapter = on_adapter};
    watch->bluez = bluez_open(&watcher);
    watch->settled_ns = INT64_MAX;
    watch->switch_ns = INT64_MAX;
    return watch;
}

void radio_watch_close(struct radio_watch *watch)
{
    if (watch) {
        bluez_close(watch->bluez);
        free(watch);
    }
}

int radio_watch_fd(const struct radio_watch *watch)
{
    return bluez_fd(watch->bluez);
}

short radio_watch_events(const struct radio_watch *watch)
{
    return bluez_events(watch->bluez);
}

int64_t radio_watch_due_ns(const struct radio_watch *watch)
{
    int64_t due_ns = bluez_due_ns(watch->bluez);
    due_ns = watch->settled_ns < due_ns ? watch->settled_ns : due_ns;
    return watch->switch_ns < due_ns ? watch->switch_ns : due_ns;
}

bool radio_watch_process(struct radio_watch *watch)
{
    watch->changed = false;
    bluez_process(watch->bluez);
    int64_t now_ns = clock_mono_ns();
    if (watch->switch_ns <= now_ns) {
        look_again(watch);
    }
    if (watch->settled_ns <= now_ns) {
        watch->settled_ns = INT64_MAX;
        watch->changed = true;
    }
    if (bluez_lack(watch->bluez) != watch->lack) {
        watch->lack = bluez_lack(watch->bluez);
        watch->changed = true;
    }
    return watch->changed;
}

/* ---- in words ----------------------------------------------------------------------------- */

enum blocking { NOT_BLOCKED, BLOCKED_BY_COMMAND, BLOCKED_BY_SWITCH };

/* "1" in /sys/class/bluetooth/hci0/rfkill3/soft (kernel: Documentation/driver-api/rfkill.rst). */
static bool is_set(const char *folder, const char *rfkill, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%.200s/%s", folder, rfkill, name);
    FILE *in = fopen(path, "re");
    bool set = in && fgetc(in) == '1';
    if (in) {
        fclose(in);
    }
    return set;
}

/* bluetoothd reports it only if started with --experimental. */
static enum blocking blocking_of(const struct bluez_adapter *adapter)
{
    const char *name = strrchr(adapter->path, '/');
    enum blocking blocking = adapter->blocked ? BLOCKED_BY_COMMAND : NOT_BLOCKED;
    char folder[BLUEZ_PATH_MAX + 32];
    const struct dirent *entry;

    snprintf(folder, sizeof(folder), "/sys/class/bluetooth%s", name ? name : "/");
    DIR *open = opendir(folder);
    while (open && (entry = readdir(open))) {
        if (strncmp(entry->d_name, "rfkill", 6) != 0) {
            continue;
        }
        if (is_set(folder, entry->d_name, "hard")) {
            blocking = BLOCKED_BY_SWITCH;
        } else if (is_set(folder, entry->d_name, "soft")) {
            blocking = BLOCKED_BY_COMMAND;
        }
    }
    if (open) {
        closedir(open);
    }
    return blocking;
}

static void say(struct adapter_state *state, const char *words)
{
    snprintf(state->words, sizeof(state->words), "%s", words);
}

static void complain(struct adapter_state *state, const char *words, const char *todo)
{
    state->trouble = true;
    say(state, words);
    snprintf(state->todo, sizeof(state->todo), "%s", todo);
}

static void complain_of_adapter(struct adapter_state *state, const char *address, const char *how,
                                const char *todo)
{
    char words[ADAPTER_WORDS_MAX];
    snprintf(words, sizeof(words), "adapter %.64s %s", address, how);
    complain(state, words, todo);
}

void radio_watch_adapter(const struct radio_watch *watch, const char *address,
                         struct adapter_state *state)
{
    *state = (struct adapter_state){.trouble = false};
    switch (bluez_lack(watch->bluez)) {
    case BLUEZ_LACKS_BUS:
        complain(state, "the system bus is gone", "`systemctl start dbus`");
        return;
    case BLUEZ_LACKS_DAEMON:
        complain(state, "bluetoothd is not running", "`systemctl start bluetooth`");
        return;
    case BLUEZ_LACKS_PERMISSION:
        complain(state, "this user may not talk to bluetoothd",
                 "join the group `bluetooth` and log in again");
        return;
    case BLUEZ_LACKS_ANSWER:
        complain(state, "bluetoothd does not answer", "`systemctl restart bluetooth`");
        return;
    case BLUEZ_LACKS_NOTHING:
        break;
    }
    const struct bluez_adapter *adapter = bluez_adapter_at(watch->bluez, address);
    if (!adapter && (!bluez_loaded(watch->bluez) || watch->settled_ns != INT64_MAX)) {
        say(state, "asking bluetoothd");
        return;
    }
    if (!adapter) {
        complain_of_adapter(state, address, "is missing", "plug it in, or run `doctor`");
        return;
    }
    switch (adapter->powered ? NOT_BLOCKED : blocking_of(adapter)) {
    case BLOCKED_BY_COMMAND:
        complain_of_adapter(state, address, "is blocked", "`rfkill unblock bluetooth`");
        break;
    case BLOCKED_BY_SWITCH:
        complain_of_adapter(state, address, "is blocked", "turn the machine's radio switch on");
        break;
    case NOT_BLOCKED:
        say(state, adapter->powered ? "ready" : "off; a run switches it on");
        break;
    }
}
