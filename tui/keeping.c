#include "tui/keeping.h"

#include "hardware/station_port.h"
#include "rig/evidence.h"
#include "rig/text.h"
#include "rig/units.h"
#include "tui/command.h"
#include "tui/places.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BEGIN_MS = 3000, /* a run waits for its journal this long */
    WHY_MAX = 512,
    FINISH_MS = 8000, /* and its end: longer than a file may be locked by another process */
};

/* While it goes on a run is handed over this often at most: each time the disk is waited for. */
static const int64_t GROW_NS = 250 * NS_PER_MS;

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Text from outside is printable by then. */
static void warn(const char *what, const char *why)
{
    fprintf(stderr, "longpress: warning: %s%s%s\n", what, why[0] ? ": " : "", why);
}

static void open_at(struct keeping *keeping, const char *path)
{
    struct diags diags = DIAGS_INIT;

    keeping->journal = journal_open(&diags, path);
    if (!keeping->journal) {
        diags_print(&diags, stderr);
        keeping->unkept = true;
        warn("the run goes on, and is not kept", "");
    }
    diags_clear(&diags);
}

void keeping_open(struct keeping *keeping, const char *name, bool simulated)
{
    struct arena arena = ARENA_INIT;
    const char *path = name ? name : places_journal(&arena, simulated);

    *keeping = (struct keeping){.journal = NULL};
    if (!path) {
        keeping->unkept = true;
        warn("the run is not kept", "there is no home folder for its journal; name one with "
                                    "--journal");
    } else if (strcmp(path, "none") == 0) {
        warn("the run is not kept", "--journal none");
    } else {
        open_at(keeping, path);
    }
    arena_free(&arena);
}

static const char *trouble_of(const struct keeping *keeping)
{
    const char *trouble = journal_trouble(keeping->journal);
    return trouble[0] ? trouble : "the disk is slow";
}

void keeping_begin(struct keeping *keeping, const struct journal_run *run, struct port *port)
{
    keeping->port = port;
    keeping->bluez_told = port->simulated;
    if (!keeping->journal) {
        return;
    }
    keeping->handle = journal_begin(keeping->journal, run);
    if (journal_wait_begun(keeping->journal, keeping->handle, BEGIN_MS) != 1) {
        warn("the run goes on, and is not in the journal so far", trouble_of(keeping));
    }
    keeping->grown_ns = now_ns();
}

/* ---- hooks -------------------------------------------------------------------------------- */

/* bluetoothd is heard only once the run goes on. */
static void tell_bluez(struct keeping *keeping)
{
    const char *version = keeping->bluez_told ? NULL : station_port_bluez(keeping->port);
    if (version) {
        journal_bluez(keeping->journal, keeping->handle, version);
        keeping->bluez_told = true;
    }
}

static void watch(void *context, const struct timeline *timeline, size_t first_new)
{
    struct keeping *keeping = context;

    if (keeping->hooks.watch) {
        keeping->hooks.watch(keeping->hooks.context, timeline, first_new);
    }
    tell_bluez(keeping);
    if (now_ns() - keeping->grown_ns >= GROW_NS) {
        journal_append(keeping->journal, keeping->handle, timeline);
        keeping->grown_ns = now_ns();
    }
}

static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    struct keeping *keeping = context;
    return keeping->hooks.answer_first(keeping->hooks.context, engine, question);
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct keeping *keeping = context;
    keeping->hooks.ask(keeping->hooks.context, engine, question);
}

static void look(void *context, struct engine *engine)
{
    struct keeping *keeping = context;
    keeping->hooks.poll(keeping->hooks.context, engine);
}

struct run_hooks keeping_hooks(struct keeping *keeping, const struct run_hooks *hooks)
{
    if (!keeping->journal) {
        return *hooks;
    }
    keeping->hooks = *hooks;
    return (struct run_hooks){
        .context = keeping,
        .watch = watch,
        .answer_first = hooks->answer_first ? answer_first : NULL,
        .ask = hooks->ask ? ask : NULL,
        .poll = hooks->poll ? look : NULL,
    };
}

/* ---- the end ------------------------------------------------------------------------------ */

/* One serial, two addresses: two units were taken for one, or the wrong number was scanned. */
static void tell_other_address(struct keeping *keeping, const struct record *record)
{
    char now[TEXT_BLUETOOTH_MAX];
    char then[TEXT_BLUETOOTH_MAX];
    char what[WHY_MAX];
    int64_t own = journal_number(keeping->journal, keeping->handle);
    int64_t number;

    if (!record->unit || record->simulated || !evidence_address(record->timeline, now) ||
        !journal_unit_address(keeping->journal, record->profile->model, record->unit,
                              own > 0 ? own : INT64_MAX, then, &number) ||
        strcmp(now, then) == 0) {
        return;
    }
    snprintf(what, sizeof(what), "unit %.64s is %s now, and was %s in run %" PRId64, record->unit,
             now, then, number);
    warn(what, "is that its serial number?");
}

void keeping_finish(struct keeping *keeping, const struct record *record)
{
    if (keeping->journal) {
        journal_finish(keeping->journal, keeping->handle, record);
        tell_other_address(keeping, record);
    }
}

bool keeping_close(struct keeping *keeping)
{
    char why[WHY_MAX] = "";

    if (keeping->journal && keeping->handle) {
        if (journal_wait_finished(keeping->journal, keeping->handle, FINISH_MS) != 1) {
            snprintf(why, sizeof(why), "%s", trouble_of(keeping));
        } else {
            keeping->number = journal_number(keeping->journal, keeping->handle);
        }
        if (keeping->number && isatty(STDERR_FILENO)) {
            fprintf(stderr, "kept as run %" PRId64 "\n", keeping->number);
        }
    }
    /* Which tries once more. */
    if (!journal_close(keeping->journal)) {
        warn("the verdict is not in the journal", why);
        keeping->unkept = true;
    }
    keeping->journal = NULL;
    return !keeping->unkept;
}

int keeping_status(int status, bool kept)
{
    return status == EXIT_DONE && !kept ? EXIT_BENCH : status;
}

const char *keeping_operator(const char *option)
{
    const char *const names[] = {option, getenv("SUDO_USER"), getenv("USER"), getlogin()};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] && names[i][0]) {
            return names[i];
        }
    }
    return NULL;
}
