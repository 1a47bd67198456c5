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

static bool take_verdicts(const struct command *command, struct run_choice *choice,
                          const char *list)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {
        {"pass", 1U << VERDICT_PASS},
        {"fail", 1U << VERDICT_FAIL},
        {"inconclusive", 1U << VERDICT_INCONCLUSIVE},
        {"aborted", 1U << VERDICT_ABORTED},
        {"error", 1U << VERDICT_ERROR},
        {"interrupted", FILTER_INTERRUPTED},
        {"running", FILTER_RUNNING},
    };
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (strlen(words[i].word) == length && strncmp(words[i].word, at, length) == 0) {
                bit = words[i].bit;
            }
        }
        if (!bit) {
            command_usage(command,
                          "`%.*s` is no verdict; they are pass, fail, inconclusive, aborted, "
                          "error, interrupted, running",
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

static bool take_when(const struct command *command, const char *option, const char *text,
                      int64_t *out_ns)
{
    const char *wrong = when_parse(text, (int64_t)time(NULL) * 1000000000, out_ns);

    if (wrong) {
        command_usage(command, "%s `%s` %s", option, text, wrong);
    }
    return !wrong;
}

static bool take_limit(const struct command *command, struct run_choice *choice, const char *text)
{
    char *end;
    errno = 0;
    long long limit = strtoll(text, &end, 10);

    if (errno || end == text || *end || limit < 0) {
        command_usage(command, "--limit is a number, 0 for all, not `%s`", text);
        return false;
    }
    choice->filter.limit = limit;
    choice->limited = true;
    return true;
}

bool run_choice_take(const struct command *command, struct run_choice *choice, int option,
                     const char *value)
{
    struct run_filter *filter = &choice->filter;

    switch (option) {
    case CHOOSE_JOURNAL:
        choice->journal = value;
        return true;
    case CHOOSE_MODEL:
        filter->model = value;
        return true;
    case CHOOSE_PROCEDURE:
        filter->procedure = value;
        return true;
    case CHOOSE_UNIT:
        filter->unit = value;
        return true;
    case CHOOSE_STATION:
        filter->station = value;
        return true;
    case CHOOSE_FIRMWARE:
        filter->unit_firmware = value;
        return true;
    case CHOOSE_BATCH:
        filter->batch = value;
        return true;
    case CHOOSE_OPERATOR:
        filter->operator_name = value;
        return true;
    case CHOOSE_VERDICT:
        return take_verdicts(command, choice, value);
    case CHOOSE_SINCE:
        return take_when(command, "--since", value, &filter->since_ns);
    case CHOOSE_UNTIL:
        return take_when(command, "--until", value, &filter->until_ns);
    case CHOOSE_SIMULATED:
        filter->reality = FILTER_SIMULATED;
        return true;
    case CHOOSE_REAL:
        filter->reality = FILTER_REAL;
        return true;
    case CHOOSE_LIMIT:
        return take_limit(command, choice, value);
    default:
        return false;
    }
}

const char *run_choice_path(const struct run_choice *choice, struct diags *diags,
                            struct arena *arena)
{
    static const char shared[] = "/var/lib/longpress/journal.db";
    const char *path = choice->journal;

    if (!path && choice->filter.reality != FILTER_SIMULATED && access(shared, R_OK) == 0) {
        path = shared;
    }
    path = path ? path : places_journal(arena, true);
    if (!path) {
        diag_error(diags, place_of("--journal"), "name a journal with --journal FILE",
                   "there is no home folder to look for one in");
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
