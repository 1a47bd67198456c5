/* The words of a play. */
#include "tests/tui/keynames.h"
#include "tests/tui/stage.h"
#include "tests/tui/svg.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS              INT64_C(1000000)
#define PATIENCE_NS     (10000 * MS) /* where a play names no time */
#define KEY_PAUSE_NS    (40 * MS)    /* between keys that a person types one by one */
#define END_PATIENCE_NS (15000 * MS)

static const char *word(const struct stage *stage, size_t index)
{
    return index < stage->line->count ? stage->line->words[index].text : "";
}

static int64_t scaled(const struct stage *stage, int64_t ns)
{
    return (int64_t)((double)ns * stage->slow);
}

static bool misused(struct stage *stage)
{
    for (size_t i = 0; stage_usage(i); i++) {
        const char *usage = stage_usage(i);
        size_t length = strcspn(usage, " ");
        if (strlen(word(stage, 0)) == length && strncmp(usage, word(stage, 0), length) == 0)
            return stage_fail(stage, "usage: %s", usage);
    }
    return stage_fail(stage, "no such command: %s", word(stage, 0));
}

/* [PREPOSITION DURATION] at `index` and the line's end. */
static bool duration_at(struct stage *stage, size_t index, const char *preposition, int64_t *ns)
{
    if (stage->line->count == index)
        return true;
    if (stage->line->count != index + 2 || strcmp(word(stage, index), preposition) != 0)
        return misused(stage);
    *ns = play_duration_ns(word(stage, index + 1));
    return *ns >= 0 || misused(stage);
}

/* ---- before a program ---- */

static bool do_size(struct stage *stage)
{
    return (stage->line->count == 2 && play_size(word(stage, 1), &stage->columns, &stage->rows)) ||
           misused(stage);
}

static bool do_term(struct stage *stage)
{
    const char *term = word(stage, 1);
    if (stage->line->count != 2)
        return misused(stage);
    stage_set(stage, "TERM", term);
    if (keynames_terminal(term) || strcmp(term, "dumb") == 0)
        return true;
    stage->skipped = true;
    return stage_fail(stage, "terminfo knows no %s here", term);
}

static bool do_env(struct stage *stage)
{
    for (size_t i = 1; i < stage->line->count; i++) {
        char *text = stage_expand(stage, word(stage, i));
        char *equals = text ? strchr(text, '=') : NULL;
        if (equals)
            *equals = '\0';
        bool good = text && (equals ? stage_set(stage, text, equals + 1) : misused(stage));
        free(text);
        if (!good)
            return false;
    }
    return stage->line->count > 1 || misused(stage);
}

static bool do_unset(struct stage *stage)
{
    return stage->line->count == 2 ? stage_set(stage, word(stage, 1), NULL) : misused(stage);
}

static bool do_lenient(struct stage *stage)
{
    stage->lenient = true;
    return stage->line->count == 1 || misused(stage);
}

/* Run by the shell, aside from the terminal; its output only when it fails. */
static int shell(struct stage *stage, const char *text, char *output, size_t size)
{
    int fds[2];
    if (pipe(fds) < 0)
        return -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        dup2(fds[1], 2);
        close(fds[0]);
        close(fds[1]);
        char *arguments[] = {(char *)"sh", (char *)"-c", (char *)text, NULL};
        execve("/bin/sh", arguments, stage->environment);
        _exit(127);
    }
    close(fds[1]);
    size_t used = 0;
    char part[512];
    for (ssize_t count; (count = read(fds[0], part, sizeof part)) > 0;)
        for (ssize_t i = 0; i < count && used + 1 < size; i++)
            output[used++] = part[i];
    output[used] = '\0';
    close(fds[0]);
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static bool do_sh(struct stage *stage)
{
    char output[2048];
    if (stage->line->count != 2)
        return misused(stage);
    int status = shell(stage, word(stage, 1), output, sizeof output);
    if (status == 0)
        return true;
    return stage_fail(stage, "the shell's command failed with status %d:\n%s",
                      WIFEXITED(status) ? WEXITSTATUS(status) : -1, output);
}

static bool do_sh_until(struct stage *stage)
{
    char output[2048];
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2 || !duration_at(stage, 2, "within", &within))
        return stage->line->count < 2 ? misused(stage) : false;
    int64_t end = ptyvt_now_ns() + scaled(stage, within);
    while (shell(stage, word(stage, 1), output, sizeof output) != 0) {
        if (ptyvt_now_ns() > end)
            return stage_fail(stage, "the shell's command still fails:\n%s", output);
        if (stage->pty)
            ptyvt_wait(stage->pty, 50 * MS);
        else
            usleep(50000);
    }
    return true;
}

static bool do_need(struct stage *stage)
{
    char output[64];
    char text[512];
    for (size_t i = 1; i < stage->line->count; i++) {
        snprintf(text, sizeof text, "command -v '%s'", word(stage, i));
        if (shell(stage, text, output, sizeof output) != 0) {
            stage->skipped = true;
            return stage_fail(stage, "%s is not installed", word(stage, i));
        }
    }
    return stage->line->count > 1 || misused(stage);
}

static bool do_run(struct stage *stage)
{
    char *arguments[PLAY_WORDS_MAX + 1] = {NULL};
    size_t count = stage->line->count - 1;
    if (count == 0)
        return misused(stage);
    if (stage->pty && !stage->ended)
        return stage_fail(stage, "the last program still runs: say first how it ends");
    if (!stage_check_end(stage))
        return false;
    ptyvt_free(stage->pty);
    stage->pty = NULL;
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = (arguments[i] = stage_expand(stage, word(stage, i + 1))) != NULL;
    if (good) {
        const struct ptyvt_setup setup = {.rows = stage->rows,
                                          .columns = stage->columns,
                                          .arguments = arguments,
                                          .environment = stage->environment};
        char error[512];
        /* The program is looked for where the play says. */
        setenv("PATH", stage_get(stage, "PATH"), 1);
        stage->pty = ptyvt_start(&setup, error, sizeof error);
        good = stage->pty || stage_fail(stage, "%s", error);
    }
    for (size_t i = 0; i < count; i++)
        free(arguments[i]);
    if (!good)
        return false;
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)ptyvt_pid(stage->pty));
    stage->ended = stage->hung_up = false;
    stage->mark_ns = ptyvt_started_ns(stage->pty);
    stage->mark_bytes = 0;
    stage->mark_cpu_ns = 0;
    return stage_set(stage, "PID", pid);
}

/* ---- what a person does ---- */

static bool send_bytes(struct stage *stage, const char *bytes, size_t count)
{
    int status;
    if (ptyvt_send(stage->pty, bytes, count) == 0)
        return true;
    if (ptyvt_ended(stage->pty, 0, &status))
        return stage_fail(stage, "the program has ended");
    return stage_fail(stage, "the program reads nothing any more");
}

static bool do_key(struct stage *stage)
{
    char bytes[KEYNAMES_BYTES_MAX];
    if (stage->line->count < 2)
        return misused(stage);
    for (size_t i = 1; i < stage->line->count; i++) {
        size_t count = keynames_bytes(word(stage, i), bytes);
        if (count == 0)
            return stage_fail(stage, "no such key: %s (of this terminal)", word(stage, i));
        if (i > 1)
            ptyvt_wait(stage->pty, KEY_PAUSE_NS);
        if (!send_bytes(stage, bytes, count))
            return false;
    }
    return true;
}

/* In one piece, as a barcode scanner does; a newline is the Enter key. */
static bool do_type(struct stage *stage)
{
    if (stage->line->count != 2)
        return misused(stage);
    char *text = stage_expand(stage, word(stage, 1));
    if (!text)
        return false;
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = '\r';
    bool good = send_bytes(stage, text, strlen(text));
    free(text);
    return good;
}

/* One after the other. */
static bool do_keys(struct stage *stage)
{
    if (stage->line->count != 2)
        return misused(stage);
    const struct play_word *text = &stage->line->words[1];
    for (size_t i = 0; i < text->length; i++) {
        if (i > 0)
            ptyvt_wait(stage->pty, KEY_PAUSE_NS / 4);
        if (!send_bytes(stage, text->text[i] == '\n' ? "\r" : text->text + i, 1))
            return false;
    }
    return true;
}

static bool do_bytes(struct stage *stage)
{
    return stage->line->count == 2
               ? send_bytes(stage, stage->line->words[1].text, stage->line->words[1].length)
               : misused(stage);
}

static bool do_mouse(struct stage *stage)
{
    static const struct {
        const char *name;
        int button;
    } buttons[] = {{"left", 0}, {"middle", 1}, {"right", 2}, {"up", 64}, {"down", 65}};
    int button = -1;
    int row;
    int column;
    for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
        if (strcmp(word(stage, 1), buttons[i].name) == 0)
            button = buttons[i].button;
    if (stage->line->count != 3 || button < 0 || !play_size(word(stage, 2), &column, &row))
        return misused(stage);
    const struct tap_modes *modes = &screen_tap(ptyvt_screen(stage->pty))->modes;
    if (!modes->mouse)
        return stage_fail(stage, "the program did not ask for the mouse");
    char bytes[64];
    int count;
    if (modes->mouse_sgr)
        count = snprintf(bytes, sizeof bytes, "\x1b[<%d;%d;%dM", button, column, row);
    else
        count = snprintf(bytes, sizeof bytes, "\x1b[M%c%c%c", 32 + button, 32 + column, 32 + row);
    if (!send_bytes(stage, bytes, (size_t)count))
        return false;
    if (button >= 64)
        return true;
    if (modes->mouse_sgr)
        count = snprintf(bytes, sizeof bytes, "\x1b[<%d;%d;%dm", button, column, row);
    else
        count = snprintf(bytes, sizeof bytes, "\x1b[M%c%c%c", 32 + 3, 32 + column, 32 + row);
    return send_bytes(stage, bytes, (size_t)count);
}

static bool do_resize(struct stage *stage)
{
    if (stage->line->count != 2 || !play_size(word(stage, 1), &stage->columns, &stage->rows))
        return misused(stage);
    ptyvt_resize(stage->pty, stage->rows, stage->columns);
    return true;
}

static bool do_stall(struct stage *stage)
{
    ptyvt_stall(stage->pty, true);
    return true;
}

static bool do_resume(struct stage *stage)
{
    ptyvt_stall(stage->pty, false);
    return true;
}

static bool do_stop_output(struct stage *stage)
{
    ptyvt_stop_output(stage->pty, true);
    return true;
}

static bool do_start_output(struct stage *stage)
{
    ptyvt_stop_output(stage->pty, false);
    return true;
}

static bool do_hangup(struct stage *stage)
{
    ptyvt_hangup(stage->pty);
    stage->hung_up = true;
    return true;
}

static int signal_number(const char *name)
{
    for (int signo = 1; signo < NSIG; signo++)
        if (sigabbrev_np(signo) && strcmp(sigabbrev_np(signo), name) == 0)
            return signo;
    return -1;
}

static bool do_signal(struct stage *stage)
{
    int signo = signal_number(word(stage, 1));
    bool one = stage->line->count == 3 && strcmp(word(stage, 2), "alone") == 0;
    if (signo < 0 || stage->line->count != (one ? 3U : 2U))
        return misused(stage);
    if ((one ? kill(ptyvt_pid(stage->pty), signo) : ptyvt_signal(stage->pty, signo)) == 0)
        return true;
    return stage_fail(stage, "the signal did not arrive: %s", strerror(errno));
}

static bool do_sleep(struct stage *stage)
{
    int64_t ns = play_duration_ns(word(stage, 1));
    if (ns < 0 || stage->line->count != 2)
        return misused(stage);
    if (stage->pty)
        ptyvt_wait(stage->pty, ns);
    else
        usleep((useconds_t)(ns / 1000));
    return true;
}

static bool do_quiet(struct stage *stage)
{
    int64_t quiet = play_duration_ns(word(stage, 1));
    int64_t within = PATIENCE_NS;
    if (quiet < 0 || !duration_at(stage, 2, "within", &within))
        return quiet < 0 ? misused(stage) : false;
    return ptyvt_quiet(stage->pty, quiet, scaled(stage, within)) ||
           stage_fail(stage, "the program did not stop writing");
}

/* ---- what a person sees ---- */

/* An end of the program while its screen is waited for is told as such. */
static bool not_seen(struct stage *stage, const char *what)
{
    int status;
    bool ended = ptyvt_ended(stage->pty, 0, &status);
    return stage_fail(stage, "%s: \"%s\"%s", what, word(stage, 1),
                      ended ? "; the program has ended" : "");
}

static bool do_expect(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2)
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within))
        return false;
    return ptyvt_expect(stage->pty, word(stage, 1), scaled(stage, within)) ||
           not_seen(stage, "not on the screen");
}

static bool compile(struct stage *stage, regex_t *expression)
{
    char error[256];
    int code = regcomp(expression, word(stage, 1), REG_EXTENDED | REG_NOSUB);
    if (code == 0)
        return true;
    regerror(code, expression, error, sizeof error);
    return stage_fail(stage, "\"%s\": %s", word(stage, 1), error);
}

static bool do_expect_re(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    regex_t expression;
    if (stage->line->count < 2)
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within) || !compile(stage, &expression))
        return false;
    bool found = ptyvt_expect_re(stage->pty, &expression, scaled(stage, within));
    regfree(&expression);
    return found || not_seen(stage, "no match on the screen");
}

static bool is_absent(struct ptyvt *pty, void *context)
{
    return !ptyvt_expect(pty, context, 0);
}

static bool do_expect_not(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2)
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within))
        return false;
    return ptyvt_until(stage->pty, scaled(stage, within), is_absent, (void *)word(stage, 1)) ||
           not_seen(stage, "still on the screen");
}

static bool do_never(struct stage *stage)
{
    int64_t during = 500 * MS;
    if (stage->line->count < 2)
        return misused(stage);
    if (!duration_at(stage, 2, "for", &during))
        return false;
    return !ptyvt_expect(stage->pty, word(stage, 1), during) ||
           not_seen(stage, "came on the screen");
}

static bool do_expect_row(struct stage *stage)
{
    long row;
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 3 || !play_number(word(stage, 1), -200, 200, &row) || row == 0)
        return misused(stage);
    if (!duration_at(stage, 3, "within", &within))
        return false;
    int64_t end = ptyvt_now_ns() + scaled(stage, within);
    for (;;) {
        int rows;
        int columns;
        screen_size(ptyvt_screen(stage->pty), &rows, &columns);
        int at = (int)(row > 0 ? row - 1 : rows + row);
        char *text = at >= 0 && at < rows ? screen_row(ptyvt_screen(stage->pty), at) : NULL;
        bool found = text && strstr(text, word(stage, 2));
        free(text);
        if (found)
            return true;
        if (ptyvt_now_ns() >= end)
            return stage_fail(stage, "not in row %ld: \"%s\"", row, word(stage, 2));
        ptyvt_wait(stage->pty, 10 * MS);
    }
}

struct golden_wait {
    struct stage *stage;
    const char *path;
    char *got;
};

/* The screen settles: it is compared again until it is right, or time is over. */
static bool is_golden(struct ptyvt *pty, void *context)
{
    struct golden_wait *wait = context;
    struct stage *stage = wait->stage;
    free(wait->got);
    wait->got = golden_of(ptyvt_screen(pty), &stage->masks, stage->error, sizeof stage->error);
    return wait->got &&
           golden_check(wait->path, wait->got, false, stage->error, sizeof stage->error);
}

static bool do_golden(struct stage *stage)
{
    int64_t within = 2000 * MS;
    char path[1024];
    if (stage->line->count < 2)
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within))
        return false;
    snprintf(path, sizeof path, "%s/%s.screen", stage->golden_folder, word(stage, 1));
    struct golden_wait wait = {.stage = stage, .path = path};
    if (stage->update)
        ptyvt_quiet(stage->pty, 150 * MS, within);
    bool good =
        ptyvt_until(stage->pty, stage->update ? 0 : scaled(stage, within), is_golden, &wait);
    if (!good && stage->update && wait.got)
        good = golden_check(path, wait.got, true, stage->error, sizeof stage->error);
    free(wait.got);
    if (good)
        stage->error[0] = '\0';
    return good;
}

static bool do_mask(struct stage *stage)
{
    const struct play_line *line = stage->line;
    bool as = line->count == 4 && strcmp(word(stage, 2), "as") == 0;
    if (line->count != (as ? 4U : 2U))
        return misused(stage);
    return masks_add(&stage->masks, word(stage, 1), as ? word(stage, 3) : NULL, line->file,
                     line->number, stage->error, sizeof stage->error);
}

static bool write_file(struct stage *stage, void (*write)(struct stage *, FILE *))
{
    char *path = stage->line->count >= 2 ? stage_expand(stage, word(stage, 1)) : NULL;
    if (!path)
        return stage->line->count >= 2 ? false : misused(stage);
    FILE *out = fopen(path, "w");
    if (out)
        write(stage, out);
    bool good = (out && fclose(out) == 0) || stage_fail(stage, "%s: %s", path, strerror(errno));
    free(path);
    return good;
}

static void write_svg(struct stage *stage, FILE *out)
{
    svg_write(ptyvt_screen(stage->pty), stage->line->count > 2 ? word(stage, 2) : NULL, out);
}

static void write_text(struct stage *stage, FILE *out)
{
    char *text = screen_text(ptyvt_screen(stage->pty));
    fputs(text, out);
    free(text);
}

static bool do_svg(struct stage *stage)
{
    return write_file(stage, write_svg);
}

static bool do_text(struct stage *stage)
{
    return write_file(stage, write_text);
}

static bool do_show(struct stage *stage)
{
    screen_print(ptyvt_screen(stage->pty), stdout);
    return true;
}

/* on and off of a thing that the program may ask of its terminal */
static bool do_terminal(struct stage *stage)
{
    const struct tap_modes *modes = &screen_tap(ptyvt_screen(stage->pty))->modes;
    bool on = strcmp(word(stage, 2), "on") == 0;
    if (stage->line->count != 3 || (!on && strcmp(word(stage, 2), "off") != 0))
        return misused(stage);
    bool is;
    if (strcmp(word(stage, 1), "alternate") == 0)
        is = modes->alternate;
    else if (strcmp(word(stage, 1), "mouse") == 0)
        is = modes->mouse;
    else if (strcmp(word(stage, 1), "cursor") == 0)
        is = !modes->cursor_hidden;
    else
        return misused(stage);
    return is == on || stage_fail(stage, "%s is %s", word(stage, 1), is ? "on" : "off");
}

static bool do_bells(struct stage *stage)
{
    long number;
    unsigned bells = screen_tap(ptyvt_screen(stage->pty))->bells;
    if (stage->line->count != 2 || !play_number(word(stage, 1), 0, 100000, &number))
        return misused(stage);
    return bells == (unsigned)number || stage_fail(stage, "%u bells so far", bells);
}

/* ---- how it ends ---- */

static bool ended(struct stage *stage, int64_t within, int *status)
{
    if (!ptyvt_ended(stage->pty, scaled(stage, within), status))
        return stage_fail(stage, "the program still runs");
    stage->ended = true;
    return true;
}

static bool do_exit_status(struct stage *stage)
{
    long wanted;
    int status;
    int64_t within = END_PATIENCE_NS;
    if (!play_number(word(stage, 1), 0, 255, &wanted))
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within) || !ended(stage, within, &status))
        return false;
    if (WIFSIGNALED(status))
        return stage_fail(stage, "the program was ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    return WEXITSTATUS(status) == (int)wanted ||
           stage_fail(stage, "exit status %d", WEXITSTATUS(status));
}

static bool do_exit_signal(struct stage *stage)
{
    int status;
    int64_t within = END_PATIENCE_NS;
    int signo = signal_number(word(stage, 1));
    if (signo < 0)
        return misused(stage);
    if (!duration_at(stage, 2, "within", &within) || !ended(stage, within, &status))
        return false;
    if (WIFEXITED(status))
        return stage_fail(stage, "exit status %d, no signal", WEXITSTATUS(status));
    return WTERMSIG(status) == signo ||
           stage_fail(stage, "ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
}

static bool do_stopped(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (!duration_at(stage, 1, "within", &within))
        return false;
    return ptyvt_stopped(stage->pty, scaled(stage, within)) ||
           stage_fail(stage, "the program did not stop");
}

static bool do_foreground(struct stage *stage)
{
    ptyvt_foreground(stage->pty);
    return true;
}

static bool is_restored(struct ptyvt *pty, void *context)
{
    char words[1024];
    (void)context;
    return ptyvt_unrestored(pty, words, sizeof words) == NULL;
}

static bool do_restored(struct stage *stage)
{
    char words[1024];
    int64_t within = 2000 * MS;
    if (!duration_at(stage, 1, "within", &within))
        return false;
    if (ptyvt_until(stage->pty, scaled(stage, within), is_restored, NULL))
        return true;
    return stage_fail(stage, "not restored: %s", ptyvt_unrestored(stage->pty, words, sizeof words));
}

/* ---- measuring ---- */

static bool do_mark(struct stage *stage)
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
    *limit = strtod(word(stage, index), &end);
    return end != word(stage, index) && strcmp(end, unit) == 0;
}

static bool do_bytes_below(struct stage *stage)
{
    double limit;
    double seconds = (double)(ptyvt_now_ns() - stage->mark_ns) / 1e9;
    double rate = (double)(ptyvt_bytes(stage->pty) - stage->mark_bytes) / seconds;
    if (stage->line->count != 2 || !limit_of(stage, 1, "/s", &limit))
        return misused(stage);
    printf("    measured: %.0f bytes/s of output over %.1f s (limit %.0f)\n", rate, seconds, limit);
    return rate < limit || stage_fail(stage, "%.0f bytes/s over %.1f s", rate, seconds);
}

static bool do_cpu_below(struct stage *stage)
{
    double limit;
    double wall = (double)(ptyvt_now_ns() - stage->mark_ns);
    double percent = 100.0 * (double)(ptyvt_cpu_ns(stage->pty) - stage->mark_cpu_ns) / wall;
    if (stage->line->count != 2 || !limit_of(stage, 1, "%", &limit))
        return misused(stage);
    printf("    measured: %.2f %% of a processor over %.1f s (limit %.2f)\n", percent, wall / 1e9,
           limit);
    return percent < limit * stage->slow || stage_fail(stage, "%.2f %% of a processor", percent);
}

static bool do_latency_below(struct stage *stage)
{
    char bytes[KEYNAMES_BYTES_MAX];
    int64_t limit = play_duration_ns(word(stage, 1));
    size_t count = keynames_bytes(word(stage, 3), bytes);
    if (stage->line->count != 4 || limit < 0 || strcmp(word(stage, 2), "key") != 0 || count == 0)
        return misused(stage);
    int64_t took = ptyvt_latency_ns(stage->pty, bytes, count, 2000 * MS);
    if (took < 0)
        return stage_fail(stage, "nothing changed on the screen");
    printf("    measured: key to screen %.1f ms (limit %.1f)\n", (double)took / 1e6,
           (double)limit / 1e6);
    return took < scaled(stage, limit) ||
           stage_fail(stage, "key to screen took %.1f ms", (double)took / 1e6);
}

static bool do_first_screen_below(struct stage *stage)
{
    int64_t limit = play_duration_ns(word(stage, 1));
    if (stage->line->count != 2 || limit < 0)
        return misused(stage);
    if (!ptyvt_up(stage->pty, 30 * MS, scaled(stage, 5000 * MS)))
        return stage_fail(stage, "nothing is on the screen");
    double took = (double)(ptyvt_first_ns(stage->pty) - ptyvt_started_ns(stage->pty)) / 1e6;
    printf("    measured: first screen after %.1f ms (limit %.1f)\n", took, (double)limit / 1e6);
    return took * 1e6 < (double)limit * stage->slow ||
           stage_fail(stage, "first screen after %.1f ms", took);
}

/* ---- the table ---- */

enum { ANY, NEEDS_PROGRAM };

static const struct {
    const char *usage;
    int needs;
    bool (*play)(struct stage *stage);
} commands[] = {
    {"size COLUMNSxROWS", ANY, do_size},
    {"term TYPE", ANY, do_term},
    {"env NAME=VALUE...", ANY, do_env},
    {"unset NAME", ANY, do_unset},
    {"lenient", ANY, do_lenient},
    {"need PROGRAM...", ANY, do_need},
    {"sh \"COMMAND\"", ANY, do_sh},
    {"sh-until \"COMMAND\" [within TIME]", ANY, do_sh_until},
    {"run PROGRAM [ARGUMENT...]", ANY, do_run},
    {"mask \"EXPRESSION\" [as \"TEXT\"]", ANY, do_mask},
    {"sleep TIME", ANY, do_sleep},
    {"key NAME...", NEEDS_PROGRAM, do_key},
    {"keys \"TEXT\"", NEEDS_PROGRAM, do_keys},
    {"type \"TEXT\"", NEEDS_PROGRAM, do_type},
    {"bytes \"TEXT\"", NEEDS_PROGRAM, do_bytes},
    {"mouse left|middle|right|up|down COLUMNxROW", NEEDS_PROGRAM, do_mouse},
    {"resize COLUMNSxROWS", NEEDS_PROGRAM, do_resize},
    {"stall", NEEDS_PROGRAM, do_stall},
    {"resume", NEEDS_PROGRAM, do_resume},
    {"stop-output", NEEDS_PROGRAM, do_stop_output},
    {"start-output", NEEDS_PROGRAM, do_start_output},
    {"hangup", NEEDS_PROGRAM, do_hangup},
    {"signal NAME [alone]", NEEDS_PROGRAM, do_signal},
    {"foreground", NEEDS_PROGRAM, do_foreground},
    {"quiet TIME [within TIME]", NEEDS_PROGRAM, do_quiet},
    {"expect \"TEXT\" [within TIME]", NEEDS_PROGRAM, do_expect},
    {"expect-not \"TEXT\" [within TIME]", NEEDS_PROGRAM, do_expect_not},
    {"expect-re \"EXPRESSION\" [within TIME]", NEEDS_PROGRAM, do_expect_re},
    {"expect-row ROW \"TEXT\" [within TIME]", NEEDS_PROGRAM, do_expect_row},
    {"never \"TEXT\" [for TIME]", NEEDS_PROGRAM, do_never},
    {"golden NAME [within TIME]", NEEDS_PROGRAM, do_golden},
    {"terminal alternate|mouse|cursor on|off", NEEDS_PROGRAM, do_terminal},
    {"bells NUMBER", NEEDS_PROGRAM, do_bells},
    {"exit-status NUMBER [within TIME]", NEEDS_PROGRAM, do_exit_status},
    {"exit-signal NAME [within TIME]", NEEDS_PROGRAM, do_exit_signal},
    {"stopped [within TIME]", NEEDS_PROGRAM, do_stopped},
    {"restored [within TIME]", NEEDS_PROGRAM, do_restored},
    {"mark", NEEDS_PROGRAM, do_mark},
    {"bytes-below NUMBER/s", NEEDS_PROGRAM, do_bytes_below},
    {"cpu-below NUMBER%", NEEDS_PROGRAM, do_cpu_below},
    {"latency-below TIME key NAME", NEEDS_PROGRAM, do_latency_below},
    {"first-screen-below TIME", NEEDS_PROGRAM, do_first_screen_below},
    {"svg FILE [\"TITLE\"]", NEEDS_PROGRAM, do_svg},
    {"text FILE", NEEDS_PROGRAM, do_text},
    {"show", NEEDS_PROGRAM, do_show},
};

const char *stage_usage(size_t index)
{
    return index < sizeof commands / sizeof *commands ? commands[index].usage : NULL;
}

bool stage_play(struct stage *stage, const struct play_line *line)
{
    stage->line = line;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t length = strcspn(commands[i].usage, " ");
        if (strlen(line->words[0].text) != length ||
            strncmp(commands[i].usage, line->words[0].text, length) != 0)
            continue;
        if (commands[i].needs == NEEDS_PROGRAM && !stage->pty)
            return stage_fail(stage, "nothing runs yet");
        return commands[i].play(stage);
    }
    return stage_fail(stage, "no such command: %s", line->words[0].text);
}
