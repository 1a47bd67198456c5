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

bool run_journal_undated(void)
{
    return !journal_clock_believed(clock_wall_ns());
}

static void open_at(struct run_journal *run_journal, const char *path)
{
    struct diags diags = DIAGS_INIT;

    run_journal->journal = journal_open_or_spool(&diags, path);
    diags_print(&diags, stderr);
    if (!run_journal->journal) {
        run_journal->unkept = true;
        warn("the run continues, but is not kept", "");
    } else if (run_journal_undated()) {
        warn("the clock is not set", "the run has no date; wait for the network's time, or set it");
    }
    diags_clear(&diags);
}

const char *run_journal_path(struct arena *arena, const char *name, bool simulated)
{
    if (!name) {
        return paths_journal(arena, simulated);
    }
    return strcmp(name, "none") == 0 ? NULL : name;
}

void run_journal_open(struct run_journal *run_journal, const char *name, bool simulated)
{
    struct arena arena = ARENA_INIT;
    const char *path = run_journal_path(&arena, name, simulated);

    *run_journal = (struct run_journal){.journal = NULL};
    if (!path && name) {
        warn("the run is not kept", "--journal none");
    } else if (!path) {
        run_journal->unkept = true;
        warn("the run is not kept", "there is no home folder for its journal; name one with "
                                    "--journal");
    } else {
        open_at(run_journal, path);
    }
    arena_free(&arena);
}

static const char *trouble_of(const struct run_journal *run_journal)
{
    const char *trouble = journal_trouble(run_journal->journal);
    return trouble[0] ? trouble : "the disk is slow";
}

void run_journal_begin(struct run_journal *run_journal, struct port *port,
                       const struct bench *bench, struct journal_run run)
{
    struct run_entry *entry = &run_journal->entry;

    run.operator_name = run_journal_operator(run.operator_name);
    run_entry_begin(entry, run_journal->journal, port, bench, run, GROW_NS);
    if (!run_journal->journal) {
        return;
    }
    bool begun = journal_wait_begun(run_journal->journal, entry->handle, BEGIN_MS) == 1;
    if (!begun && !run_journal->told) {
        warn(run_entry_spooled(entry) ? "the run continues; for now it is kept in a separate file"
                                      : "the run continues; it has not been kept yet",
             trouble_of(run_journal));
    }
    run_journal->told = !begun;
    entry->grown_ns = clock_mono_ns();
}

/* ---- hooks -------------------------------------------------------------------------------- */

static void watch(void *context, const struct timeline *timeline, size_t first_new)
{
    struct run_journal *run_journal = context;

    if (run_journal->hooks.watch) {
        run_journal->hooks.watch(run_journal->hooks.context, timeline, first_new);
    }
    run_entry_look(&run_journal->entry, timeline, false);
}

static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    struct run_journal *run_journal = context;
    return run_journal->hooks.answer_first(run_journal->hooks.context, engine, question);
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct run_journal *run_journal = context;
    run_journal->hooks.ask(run_journal->hooks.context, engine, question);
}

static void look(void *context, struct engine *engine)
{
    struct run_journal *run_journal = context;
    run_journal->hooks.poll(run_journal->hooks.context, engine);
}

struct run_hooks run_journal_hooks(struct run_journal *run_journal, const struct run_hooks *hooks)
{
    if (!run_journal->journal) {
        return *hooks;
    }
    run_journal->hooks = *hooks;
    return (struct run_hooks){
        .context = run_journal,
        .watch = watch,
        .answer_first = hooks->answer_first ? answer_first : NULL,
        .ask = hooks->ask ? ask : NULL,
        .poll = hooks->poll ? look : NULL,
    };
}

/* ---- the end ------------------------------------------------------------------------------ */

void run_journal_finish(struct run_journal *run_journal, const struct record *record)
{
    char notice[WHAT_MAX];

    run_entry_finish(&run_journal->entry, record, notice, sizeof(notice));
    if (notice[0]) {
        warn(notice, "");
    }
}

/* The run's final state. */
static void tell_unwritten(struct run_journal *run_journal)
{
    const struct journal *journal = run_journal->journal;

    if (!run_journal->entry.handle) {
        return;
    }
    if (journal_finished(journal, run_journal->entry.handle) != 1) {
        if (!run_entry_spooled(&run_journal->entry)) {
            warn("the verdict is not in the journal", trouble_of(run_journal));
        }
        return;
    }
    run_journal->number = journal_number(journal, run_journal->entry.handle);
    if (run_journal->number && isatty(STDERR_FILENO)) {
        fprintf(stderr, "kept as run %" PRId64 "\n", run_journal->number);
    }
}

void run_journal_tell_spool(const struct journal *journal)
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

bool run_journal_close(struct run_journal *run_journal)
{
    if (run_journal->journal && run_journal->entry.handle) {
        journal_wait_finished(run_journal->journal, run_journal->entry.handle, FINISH_MS);
    }
    if (run_journal->journal) {
        journal_stop(run_journal->journal); /* which tries once more */
        tell_unwritten(run_journal);
        run_journal_tell_spool(run_journal->journal);
    }
    if (!journal_close(run_journal->journal)) {
        run_journal->unkept = true;
        warn("not every verdict is in the journal", "write down what was shown");
    }
    run_journal->journal = NULL;
    return !run_journal->unkept;
}

int run_journal_status(int status, bool kept)
{
    return status == EXIT_DONE && !kept ? EXIT_BENCH : status;
}

const char *run_journal_operator(const char *option)
{
    const char *const names[] = {option, getenv("SUDO_USER"), getenv("USER"), getlogin()};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] && names[i][0]) {
            return names[i];
        }
    }
    return NULL;
}
