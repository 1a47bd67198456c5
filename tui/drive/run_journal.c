#include "tui/drive/run_journal.h"

#include "rig/base/clock.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/cli/command.h"
#include "tui/cli/paths.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BEGIN_MS = 3000,  /* a run waits for its journal this long */
    FINISH_MS = 8000, /* and its end: longer than a file may be locked by another process */
    WHAT_MAX = 512,
};

/* How often, at most, a run in progress is handed over: each time waits for the disk. */
static const int64_t GROW_NS = 250 * NS_PER_MS;

/* Text from outside has been made printable. */
static void warn(const char *what, const char *why)
{
    fprintf(stderr, "longpress: warning: %s%s%s\n", what, why[0] ? ": " : "", why);
}

bool keeping_undated(void)
{
    return !journal_clock_believed(clock_wall_ns());
}

static void open_at(struct keeping *keeping, const char *path)
{
    struct diags diags = DIAGS_INIT;

    keeping->journal = journal_open_or_spool(&diags, path);
    diags_print(&diags, stderr);
    if (!keeping->journal) {
        keeping->unkept = true;
        warn("the run continues, but is not kept", "");
    } else if (keeping_undated()) {
        warn("the clock is not set", "the run has no date; wait for the network's time, or set it");
    }
    diags_clear(&diags);
}

const char *keeping_path(struct arena *arena, const char *name, bool simulated)
{
    if (!name) {
        return places_journal(arena, simulated);
    }
    return strcmp(name, "none") == 0 ? NULL : name;
}

void keeping_open(struct keeping *keeping, const char *name, bool simulated)
{
    struct arena arena = ARENA_INIT;
    const char *path = keeping_path(&arena, name, simulated);

    *keeping = (struct keeping){.journal = NULL};
    if (!path && name) {
        warn("the run is not kept", "--journal none");
    } else if (!path) {
        keeping->unkept = true;
        warn("the run is not kept", "there is no home folder for its journal; name one with "
                                    "--journal");
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

void keeping_begin(struct keeping *keeping, struct port *port, const struct bench *bench,
                   struct journal_run run)
{
    struct run_entry *entry = &keeping->entry;

    run.operator_name = keeping_operator(run.operator_name);
    run_entry_begin(entry, keeping->journal, port, bench, run, GROW_NS);
    if (!keeping->journal) {
        return;
    }
    bool begun = journal_wait_begun(keeping->journal, entry->handle, BEGIN_MS) == 1;
    if (!begun && !keeping->told) {
        warn(run_entry_spooled(entry) ? "the run continues; for now it is kept in a separate file"
                                      : "the run continues; it has not been kept yet",
             trouble_of(keeping));
    }
    keeping->told = !begun;
    entry->grown_ns = clock_mono_ns();
}

/* ---- hooks -------------------------------------------------------------------------------- */

static void watch(void *context, const struct timeline *timeline, size_t first_new)
{
    struct keeping *keeping = context;

    if (keeping->hooks.watch) {
        keeping->hooks.watch(keeping->hooks.context, timeline, first_new);
    }
    run_entry_look(&keeping->entry, timeline, false);
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

void keeping_finish(struct keeping *keeping, const struct record *record)
{
    char notice[WHAT_MAX];

    run_entry_finish(&keeping->entry, record, notice, sizeof(notice));
    if (notice[0]) {
        warn(notice, "");
    }
}

/* The run's final state. */
static void tell_unwritten(struct keeping *keeping)
{
    const struct journal *journal = keeping->journal;

    if (!keeping->entry.handle) {
        return;
    }
    if (journal_finished(journal, keeping->entry.handle) != 1) {
        if (!run_entry_spooled(&keeping->entry)) {
            warn("the verdict is not in the journal", trouble_of(keeping));
        }
        return;
    }
    keeping->number = journal_number(journal, keeping->entry.handle);
    if (keeping->number && isatty(STDERR_FILENO)) {
        fprintf(stderr, "kept as run %" PRId64 "\n", keeping->number);
    }
}

void keeping_tell_spool(const struct journal *journal)
{
    char folder[PATH_MAX];
    char safe[PATH_MAX];
    const char *trouble = journal ? journal_trouble(journal) : "";
    size_t count = journal ? journal_spooled_runs(journal, folder, sizeof(folder)) : 0;

    if (count > 0) {
        fprintf(stderr,
                "longpress: warning: not in the journal yet: %zu run%s, kept in %s%s%s; the next "
                "longpress that opens the journal adds %s\n",
                count, count == 1 ? "" : "s", text_printable(safe, sizeof(safe), folder),
                trouble[0] ? ": " : "", trouble, count == 1 ? "it" : "them");
    }
}

bool keeping_close(struct keeping *keeping)
{
    if (keeping->journal && keeping->entry.handle) {
        journal_wait_finished(keeping->journal, keeping->entry.handle, FINISH_MS);
    }
    if (keeping->journal) {
        journal_stop(keeping->journal); /* which tries once more */
        tell_unwritten(keeping);
        keeping_tell_spool(keeping->journal);
    }
    if (!journal_close(keeping->journal)) {
        keeping->unkept = true;
        warn("not every verdict is in the journal", "write down what was shown");
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
