/*
 * `longpress screen`, or `longpress` alone: the operator's screens. If the terminal cannot show
 * screens, line mode (tui/command/line_mode.h).
 */
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/command/line_mode.h"
#include "tui/drive/bench_session.h"
#include "tui/drive/run_journal.h"
#include "tui/screen/app.h"
#include "tui/screen/last_verdicts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { PACE_MAX = 100 };

struct screen_options {
    const char *bench;
    const char *journal;
    const char *operator_name;
    int rate;
    enum bell { BELL_NEVER, BELL_VERDICT } bell;
};

static bool take_pace(const struct option_given *given, void *options, const char *text)
{
    struct screen_options *screen = options;
    char *end = NULL;
    long rate = strcmp(text, "real") == 0 ? 1 : strtol(text, &end, 10);

    if (end && (end == text || *end || rate < 1 || rate > PACE_MAX)) {
        return option_refuse(given,
                             "must be `real`, or a speed from 1 to %d times real time for a "
                             "simulated bench, not `%s`",
                             PACE_MAX, text);
    }
    screen->rate = (int)rate;
    return true;
}

static int open_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigaddset(&set, numbers[i]);
    }
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return -1;
    }
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* If runs cannot be kept, the screen says so before any run; runs still work. */
static void open_journal(struct app_setup *setup, struct diags *diags,
                         struct bench_session *bench_session, const char *name)
{
    if (name && strcmp(name, "none") == 0) {
        return;
    }
    const char *path =
        name ? name : paths_journal(&bench_session->arena, bench_session->bench->simulated);
    if (path) {
        setup->journal = journal_open_or_spool(diags, path);
        setup->journal_path = path;
    }
    setup->journal_words = setup->journal ? "ok" : "NOT KEPT";
    setup->journal_broken = !setup->journal;
}

/* Between runs, this notices that an adapter is gone. Opened after the stations: their keepers must
 * not inherit the bus connection. */
static void watch_radio(struct app *app, const struct bench *bench)
{
    for (size_t i = 0; i < bench->station_count && !bench->simulated; i++) {
        if (bench->stations[i].adapter && !app->radio) {
            app->radio = radio_watch_open();
        }
    }
}

static int show(struct app *app, struct diags *diags)
{
    const struct term_options terminal = {
        .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO, .mouse = true};
    app->term = term_open(diags, &terminal);
    if (!app->term) {
        return EXIT_BENCH;
    }
    app->paint = paint_begin(app->term);
    if (getenv("TMUX")) {
        app_say(app, PAINT_FAINT,
                "tmux may delay Esc (`set -s escape-time 0`); SPACE releases at once");
    }
    if (diags->count > 0) {
        app_tell(app, "Before you begin", diags);
    }
    return app_loop(app);
}

static int run(const struct context *context, int argc, char **argv)
{
    struct screen_options options = {.rate = 1, .bell = BELL_VERDICT};
    struct bench_session bench_session = {0};
    struct app_setup setup = {.screens = screens, .signal_fd = -1};
    struct diags diags = DIAGS_INIT;
    struct catalog *catalog = NULL;
    struct app *app = NULL;
    int status = EXIT_USAGE;

    if (!option_parse(&cmd_screen, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    const char *unsuitable = term_unsuitable(STDIN_FILENO, STDOUT_FILENO);
    if (unsuitable) {
        const struct line_options lines = {.bench = options.bench,
                                           .journal = options.journal,
                                           .operator_name = options.operator_name};
        return line_mode(context, unsuitable, &lines);
    }
    if (bench_session_bench(&bench_session, &diags, options.bench) != 0) {
        goto out;
    }
    if (options.rate != 1 && !bench_session.bench->simulated) {
        diag_error(&diags, place_of("--pace"), "leave it out",
                   "only a simulated bench can run faster than real time");
        goto out;
    }
    catalog = paths_catalog(&diags, context->profiles_dir);
    if (bench_session_wire(&bench_session, &diags, (const struct profile *const *)catalog->profiles,
                           catalog->count) != 0) {
        goto out;
    }
    setup.signal_fd = open_signals();
    if (setup.signal_fd < 0) {
        diag_error(&diags, place_of("signals"), NULL, "cannot be handled: %s", strerror(errno));
        status = EXIT_BENCH;
        goto out;
    }
    setup.catalog = catalog;
    setup.bench = bench_session.bench;
    setup.bench_name = bench_session.bench_name;
    setup.journal_words = "none";
    setup.operator_name = run_journal_operator(options.operator_name);
    open_journal(&setup, &diags, &bench_session, options.journal);
    setup.rate = options.rate;
    setup.bell = options.bell == BELL_VERDICT;

    app = xcalloc(sizeof(*app));
    app->setup = &setup;
    app_begin(app, SCREEN_BENCH);
    for (size_t i = 0; i < bench_session.bench->station_count; i++) {
        struct session_setup session = {
            .bench = bench_session.bench,
            .station = &bench_session.bench->stations[i],
            .bench_name = bench_session.bench_name,
            .journal = setup.journal,
            .operator_name = setup.operator_name,
            .rate = setup.rate,
        };
        app->sessions[app->session_count++] = session_new(&session);
    }
    last_verdicts_read(app);
    watch_radio(app, bench_session.bench);
    status = show(app, &diags);
    for (size_t i = 0; i < app->session_count; i++) {
        session_release(app->sessions[i], "longpress ended");
    }
    for (size_t i = 0; i < app->session_count; i++) {
        session_free(app->sessions[i]);
    }
    radio_watch_close(app->radio);
    app_end(app);
    term_close(app->term);
out:
    /* The last verdicts have been handed over; wait for a slow disk only after the buttons are
     * released and the operator has the terminal back. */
    if (setup.journal) {
        journal_stop(setup.journal);
        run_journal_tell_spool(setup.journal);
    }
    if (!journal_close(setup.journal)) {
        diag_error(&diags, place_of(setup.journal_path),
                   "write down the verdicts that were not kept",
                   "runs of this session are missing from the journal, or lack their verdicts");
        status = status == EXIT_DONE ? EXIT_BENCH : status;
    }
    free(app);
    if (setup.signal_fd >= 0) {
        close(setup.signal_fd);
    }
    catalog_free(catalog);
    bench_session_close(&bench_session);
    return command_diags(&diags, status);
}

static const struct option_word bells[] = {
    {.word = "verdict", .value = BELL_VERDICT},
    {.word = "never", .value = BELL_NEVER},
    {.word = NULL},
};

static const struct option_word paces[] = {{.word = "real"}, {.word = NULL}};

static const struct command_option options[] = {
    OPTION_BENCH(struct screen_options, bench),
    {.name = "journal",
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "journal to keep runs in; `none`: keep nothing (default: as for `run`)",
     OPTION_AT(struct screen_options, journal)},
    {.name = "operator",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "who is working here, for the record (default: your user name)",
     OPTION_AT(struct screen_options, operator_name)},
    {.name = "bell",
     .value = VALUE_CHOICE,
     .words = bells,
     .help = "ring the bell for each verdict and each question of a batch (default), or never",
     OPTION_AT(struct screen_options, bell)},
    {.name = "pace",
     .value = VALUE_TEXT,
     .of = "N",
     .words = paces,
     .help = "simulate N times as fast as real time, 1 to 100; `real` (the default)",
     .take = take_pace},
    OPTIONS_END,
};

const struct command cmd_screen = {
    .name = "screen",
    .summary = "open the operator's screens, as `longpress` alone does",
    .options = options,
    .about = "Shows the bench: stations, live runs, verdicts, batches by barcode, manual presses. "
             "`?` or F1 lists the keys of any screen. SPACE and Esc always release everything. On "
             "a terminal that cannot show screens (TERM=dumb), line mode is used.",
    .notes = "Work in tmux to let runs continue if the connection drops: `tmux new longpress`. A "
             "hang-up releases everything, and the runs are recorded as `aborted`. tmux delays Esc "
             "by half a second unless `set -s escape-time 0` is set; SPACE is never delayed.",
    .exits = "0 done, 2 usage or bad file, 4 ended by a signal, 5 bench error",
    .examples = "longpress\n"
                "longpress --bench sim4\n"
                "longpress screen --bench /etc/longpress/line2.yaml --operator kim --bell never",
    .run = run,
};
