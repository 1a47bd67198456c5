/* Commands: how a program ends, and what it costs until then. */
#include "tests/tui/commands.h"
#include "tests/tui/keynames.h"

#include "sys/wait.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_PATIENCE_NS (60000 * MS)

/* ---- how it ends ---- */

static bool ended(struct stage *stage, int64_t within, int *status)
{
    if (!ptyvt_ended(stage->pty, command_scaled(stage, within), status))
        return stage_fail(stage, "the program still runs");
    stage->ended = true;
    return true;
}

bool command_do_exit_status(struct stage *stage)
{
    long wanted;
    int status;
    int64_t within = END_PATIENCE_NS;
    if (!play_number(command_word(stage, 1), 0, 255, &wanted))
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within) || !ended(stage, within, &status))
        return false;
    if (WIFSIGNALED(status))
        return stage_fail(stage, "the program was ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    return WEXITSTATUS(status) == (int)wanted ||
           stage_fail(stage, "exit status %d", WEXITSTATUS(status));
}

bool command_do_exit_signal(struct stage *stage)
{
    int status;
    int64_t within = END_PATIENCE_NS;
    int signo = command_signal(command_word(stage, 1));
    if (signo < 0)
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within) || !ended(stage, within, &status))
        return false;
    if (WIFEXITED(status))
        return stage_fail(stage, "exit status %d, no signal", WEXITSTATUS(status));
    return WTERMSIG(status) == signo ||
           stage_fail(stage, "ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
}

bool command_do_stopped(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (!command_duration(stage, 1, "within", &within))
        return false;
    return ptyvt_stopped(stage->pty, command_scaled(stage, within)) ||
           stage_fail(stage, "the program did not stop");
}

bool command_do_foreground(struct stage *stage)
{
    ptyvt_foreground(stage->pty);
    return true;
}

bool command_do_restored(struct stage *stage)
{
    char words[1024];
    int64_t within = 2000 * MS;
    if (!command_duration(stage, 1, "within", &within))
        return false;
    if (ptyvt_until(stage->pty, command_scaled(stage, within), stage_is_restored, NULL))
        return true;
    return stage_fail(stage, "not restored: %s", ptyvt_unrestored(stage->pty, words, sizeof words));
}

/* ---- measuring ---- */

bool command_do_mark(struct stage *stage)
{
    stage->mark_ns = ptyvt_now_ns();
    stage->mark_bytes = ptyvt_bytes(stage->pty);
    stage->mark_cpu_ns = ptyvt_cpu_ns(stage->pty);
    return true;
}

/* A number with its unit behind it, "2000/s". */
static bool limit_of(struct stage *stage, size_t index, const char *unit, double *limit)
{
    char *end;
    *limit = strtod(command_word(stage, index), &end);
    return end != command_word(stage, index) && strcmp(end, unit) == 0;
}

bool command_do_bytes_below(struct stage *stage)
{
    double limit;
    double seconds = (double)(ptyvt_now_ns() - stage->mark_ns) / 1e9;
    double rate = (double)(ptyvt_bytes(stage->pty) - stage->mark_bytes) / seconds;
    if (stage->line->count != 2 || !limit_of(stage, 1, "/s", &limit))
        return command_misused(stage);
    printf("    measured: %.0f bytes/s of output over %.1f s (limit %.0f)\n", rate, seconds, limit);
    return rate < limit || stage_fail(stage, "%.0f bytes/s over %.1f s", rate, seconds);
}

bool command_do_cpu_below(struct stage *stage)
{
    double limit;
    double wall = (double)(ptyvt_now_ns() - stage->mark_ns);
    double percent = 100.0 * (double)(ptyvt_cpu_ns(stage->pty) - stage->mark_cpu_ns) / wall;
    if (stage->line->count != 2 || !limit_of(stage, 1, "%", &limit))
        return command_misused(stage);
    printf("    measured: %.2f %% of a processor over %.1f s (limit %.2f)\n", percent, wall / 1e9,
           limit);
    return percent < limit * stage->slow || stage_fail(stage, "%.2f %% of a processor", percent);
}

bool command_do_latency_below(struct stage *stage)
{
    char bytes[KEYNAMES_BYTES_MAX];
    int64_t limit = play_duration_ns(command_word(stage, 1));
    size_t count = keynames_bytes(command_word(stage, 3), bytes);
    if (stage->line->count != 4 || limit < 0 || strcmp(command_word(stage, 2), "key") != 0 ||
        count == 0)
        return command_misused(stage);
    int64_t took = ptyvt_latency_ns(stage->pty, bytes, count, 2000 * MS);
    if (took < 0)
        return stage_fail(stage, "nothing changed on the screen");
    printf("    measured: key to screen %.1f ms (limit %.1f)\n", (double)took / 1e6,
           (double)limit / 1e6);
    return took < command_scaled(stage, limit) ||
           stage_fail(stage, "key to screen took %.1f ms", (double)took / 1e6);
}

bool command_do_first_screen_below(struct stage *stage)
{
    int64_t limit = play_duration_ns(command_word(stage, 1));
    if (stage->line->count != 2 || limit < 0)
        return command_misused(stage);
    if (!ptyvt_up(stage->pty, 30 * MS, command_scaled(stage, PATIENCE_NS)))
        return stage_fail(stage, "nothing is on the screen");
    double took = (double)(ptyvt_first_ns(stage->pty) - ptyvt_started_ns(stage->pty)) / 1e6;
    printf("    measured: first screen after %.1f ms (limit %.1f)\n", took, (double)limit / 1e6);
    return took * 1e6 < (double)limit * stage->slow ||
           stage_fail(stage, "first screen after %.1f ms", took);
}
