#include "tui/cli/run_filter.h"

#include "rig/base/when.h"
#include "tui/cli/paths.h"
#include "tui/term/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct option_word verdicts[] = {
    {.word = "pass", .value = 1 << VERDICT_PASS},
    {.word = "fail", .value = 1 << VERDICT_FAIL},
    {.word = "inconclusive", .value = 1 << VERDICT_INCONCLUSIVE},
    {.word = "aborted", .value = 1 << VERDICT_ABORTED},
    {.word = "error", .value = 1 << VERDICT_ERROR},
    {.word = "interrupted", .value = FILTER_INTERRUPTED},
    {.word = "running", .value = FILTER_RUNNING},
    {.word = NULL},
};

static bool take_verdicts(const struct option_given *given, void *options, const char *list)
{
    struct run_choice *choice = options;

    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        unsigned bit = 0;
        for (const struct option_word *w = verdicts; w->word; w++) {
            if (strlen(w->word) == length && strncmp(w->word, at, length) == 0) {
                bit = (unsigned)w->value;
            }
        }
        if (!bit) {
            command_usage(given->command,
                          "`%.*s` is not a verdict; use pass, fail, inconclusive, aborted, error, "
                          "interrupted or running",
                          (int)length, at);
            return false;
        }
        choice->filter.verdicts |= bit;
        at += length;
        if (!*at) {
            return true;
        }
    }
}

static bool take_when(const struct option_given *given, const char *text, int64_t *out_ns)
{
    const char *wrong = when_parse(text, (int64_t)time(NULL) * 1000000000, out_ns);

    return !wrong || option_refuse(given, "`%s` %s", text, wrong);
}

static bool take_since(const struct option_given *given, void *options, const char *text)
{
    return take_when(given, text, &((struct run_choice *)options)->filter.since_ns);
}

static bool take_until(const struct option_given *given, void *options, const char *text)
{
    return take_when(given, text, &((struct run_choice *)options)->filter.until_ns);
}

static bool take_simulated(const struct option_given *given, void *options, const char *text)
{
    (void)given;
    (void)text;
    ((struct run_choice *)options)->filter.reality = FILTER_SIMULATED;
    return true;
}

static bool take_real(const struct option_given *given, void *options, const char *text)
{
    (void)given;
    (void)text;
    ((struct run_choice *)options)->filter.reality = FILTER_REAL;
    return true;
}

static bool take_limit(const struct option_given *given, void *options, const char *text)
{
    struct run_choice *choice = options;
    char *end;
    errno = 0;
    long long limit = strtoll(text, &end, 10);

    if (errno || end == text || *end || limit < 0) {
        return option_refuse(given, "must be a number, or 0 for all, not `%s`", text);
    }
    choice->filter.limit = limit;
    choice->limited = true;
    return true;
}

const struct command_option run_choice_common_options[] = {
    {.name = "unit",
     .value = VALUE_TEXT,
     .of = "SERIAL",
     .help = "only runs of that unit",
     OPTION_AT(struct run_choice, filter.unit)},
    {.name = "station",
     .value = VALUE_STATION,
     .of = "NAME",
     .help = "only runs on that station",
     OPTION_AT(struct run_choice, filter.station)},
    {.name = "batch",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "only runs of that batch or series",
     OPTION_AT(struct run_choice, filter.batch)},
    {.name = "operator",
     .value = VALUE_TEXT,
     .of = "NAME",
     .help = "only runs by that operator",
     OPTION_AT(struct run_choice, filter.operator_name)},
    {.name = "since",
     .value = VALUE_TEXT,
     .of = "WHEN",
     .help = "only runs since then: a day (2026-11-24), a time (2026-11-24 15:00), or how long ago "
             "(12h, 7d)",
     .take = take_since},
    {.name = "until",
     .value = VALUE_TEXT,
     .of = "WHEN",
     .help = "only runs that began before WHEN",
     .take = take_until},
    {.name = "simulated", .help = "only runs on a simulated bench", .take = take_simulated},
    {.name = "real", .help = "only runs on a real bench", .take = take_real},
    OPTION_JOURNAL(struct run_choice, journal),
    OPTIONS_END,
};

const struct command_option run_choice_options[] = {
    {.name = "model",
     .value = VALUE_MODEL,
     .of = "MODEL",
     .help = "only runs of that model",
     OPTION_AT(struct run_choice, filter.model)},
    {.name = "procedure",
     .value = VALUE_PROCEDURE,
     .of = "PROCEDURE",
     .help = "only runs of that procedure",
     OPTION_AT(struct run_choice, filter.procedure)},
    {.name = "firmware",
     .value = VALUE_TEXT,
     .of = "VERSION",
     .help = "only runs with that firmware version of the unit",
     OPTION_AT(struct run_choice, filter.unit_firmware)},
    {.name = "verdict",
     .value = VALUE_TEXT,
     .listed = true,
     .of = "LIST",
     .words = verdicts,
     .help = "only these verdicts: pass, fail, inconclusive, aborted, error, interrupted, running",
     .take = take_verdicts},
    {.name = "limit",
     .value = VALUE_TEXT,
     .of = "N",
     .help = "only the latest N runs; 0: all",
     .take = take_limit},
    {.group = run_choice_common_options},
    OPTIONS_END,
};

const char *run_choice_path(const struct run_choice *choice, struct diags *diags,
                            struct arena *arena)
{
    static const char shared[] = "/var/lib/longpress/journal.db";
    const char *path = choice->journal;

    if (!path && choice->filter.reality != FILTER_SIMULATED && access(shared, R_OK) == 0) {
        path = shared;
    }
    path = path ? path : paths_journal(arena, true);
    if (!path) {
        diag_error(diags, place_of("--journal"), "name a journal with --journal FILE",
                   "there is no home folder to look in");
    }
    return path;
}

static void tell(void *context, size_t done, size_t total)
{
    struct progress *progress = context;

    if (done == 0) {
        progress_begin(progress, "reading runs", total);
    } else {
        progress_step(progress, done);
    }
    if (done == total) {
        progress_end(progress);
    }
}

struct journal_runs *run_choice_read(const struct run_choice *choice, struct diags *diags,
                                     journal_runs_visit *visit, void *context)
{
    struct arena arena = ARENA_INIT;
    struct progress progress;
    struct journal_runs_query query = {
        .path = run_choice_path(choice, diags, &arena),
        .filter = choice->filter,
        .visit = visit,
        .visit_context = context,
        .progress = tell,
        .progress_context = &progress,
    };
    struct journal_runs *runs = query.path ? journal_runs_open(&query, diags) : NULL;

    arena_free(&arena);
    return runs;
}

int64_t run_choice_number(const char *text)
{
    char *end;
    errno = 0;
    long long number = text[0] >= '1' && text[0] <= '9' ? strtoll(text, &end, 10) : 0;

    return number > 0 && !errno && !*end ? number : 0;
}
