/* Commands: what is set up before a program runs, and what a person does with it. */
#include "tests/tui/commands.h"
#include "tests/tui/keynames.h"

#include "sys/wait.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_PAUSE_NS (40 * MS) /* between keys that a person types one by one */

bool command_do_size(struct stage *stage)
{
    return (stage->line->count == 2 &&
            play_size(command_word(stage, 1), &stage->columns, &stage->rows)) ||
           command_misused(stage);
}

bool command_do_term(struct stage *stage)
{
    const char *term = command_word(stage, 1);
    if (stage->line->count != 2)
        return command_misused(stage);
    stage_set(stage, "TERM", term);
    if (keynames_terminal(term) || strcmp(term, "dumb") == 0)
        return true;
    stage->skipped = true;
    return stage_fail(stage, "terminfo knows no %s here", term);
}

bool command_do_env(struct stage *stage)
{
    for (size_t i = 1; i < stage->line->count; i++) {
        char *text = stage_expand(stage, command_word(stage, i));
        char *equals = text ? strchr(text, '=') : NULL;
        if (equals)
            *equals = '\0';
        bool good = text && (equals ? stage_set(stage, text, equals + 1) : command_misused(stage));
        free(text);
        if (!good)
            return false;
    }
    return stage->line->count > 1 || command_misused(stage);
}

bool command_do_unset(struct stage *stage)
{
    return stage->line->count == 2 ? stage_set(stage, command_word(stage, 1), NULL)
                                   : command_misused(stage);
}

bool command_do_lenient(struct stage *stage)
{
    stage->lenient = true;
    return stage->line->count == 1 || command_misused(stage);
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

bool command_do_sh(struct stage *stage)
{
    char output[2048];
    if (stage->line->count != 2)
        return command_misused(stage);
    int status = shell(stage, command_word(stage, 1), output, sizeof output);
    if (status == 0)
        return true;
    return stage_fail(stage, "the shell's command failed with status %d:\n%s",
                      WIFEXITED(status) ? WEXITSTATUS(status) : -1, output);
}

bool command_do_sh_until(struct stage *stage)
{
    char output[2048];
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2 || !command_duration(stage, 2, "within", &within))
        return stage->line->count < 2 ? command_misused(stage) : false;
    int64_t end = ptyvt_now_ns() + command_scaled(stage, within);
    while (shell(stage, command_word(stage, 1), output, sizeof output) != 0) {
        if (ptyvt_now_ns() > end)
            return stage_fail(stage, "the shell's command still fails:\n%s", output);
        if (stage->pty)
            ptyvt_wait(stage->pty, 50 * MS);
        else
            usleep(50000);
    }
    return true;
}

bool command_do_need(struct stage *stage)
{
    char output[64];
    char text[512];
    for (size_t i = 1; i < stage->line->count; i++) {
        snprintf(text, sizeof text, "command -v '%s'", command_word(stage, i));
        if (shell(stage, text, output, sizeof output) != 0) {
            stage->skipped = true;
            return stage_fail(stage, "%s is not installed", command_word(stage, i));
        }
    }
    return stage->line->count > 1 || command_misused(stage);
}

bool command_do_run(struct stage *stage)
{
    char *arguments[PLAY_WORDS_MAX + 1] = {NULL};
    size_t count = stage->line->count - 1;
    if (count == 0)
        return command_misused(stage);
    if (stage->pty && !stage->ended)
        return stage_fail(stage, "the last program still runs: say first how it ends");
    if (!stage_check_end(stage))
        return false;
    ptyvt_free(stage->pty);
    stage->pty = NULL;
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = (arguments[i] = stage_expand(stage, command_word(stage, i + 1))) != NULL;
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

bool command_do_key(struct stage *stage)
{
    char bytes[KEYNAMES_BYTES_MAX];
    if (stage->line->count < 2)
        return command_misused(stage);
    for (size_t i = 1; i < stage->line->count; i++) {
        size_t count = keynames_bytes(command_word(stage, i), bytes);
        if (count == 0)
            return stage_fail(stage, "no such key: %s (of this terminal)", command_word(stage, i));
        if (i > 1)
            ptyvt_wait(stage->pty, KEY_PAUSE_NS);
        if (!send_bytes(stage, bytes, count))
            return false;
    }
    return true;
}

/* In one piece, as a barcode scanner does; a newline is the Enter key. */
bool command_do_type(struct stage *stage)
{
    if (stage->line->count != 2)
        return command_misused(stage);
    char *text = stage_expand(stage, command_word(stage, 1));
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
bool command_do_keys(struct stage *stage)
{
    if (stage->line->count != 2)
        return command_misused(stage);
    const struct play_word *text = &stage->line->words[1];
    for (size_t i = 0; i < text->length; i++) {
        if (i > 0)
            ptyvt_wait(stage->pty, KEY_PAUSE_NS / 4);
        if (!send_bytes(stage, text->text[i] == '\n' ? "\r" : text->text + i, 1))
            return false;
    }
    return true;
}

bool command_do_bytes(struct stage *stage)
{
    return stage->line->count == 2
               ? send_bytes(stage, stage->line->words[1].text, stage->line->words[1].length)
               : command_misused(stage);
}

bool command_do_mouse(struct stage *stage)
{
    static const struct {
        const char *name;
        int button;
    } buttons[] = {{"left", 0}, {"middle", 1}, {"right", 2}, {"up", 64}, {"down", 65}};
    int button = -1;
    int row;
    int column;
    for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++)
        if (strcmp(command_word(stage, 1), buttons[i].name) == 0)
            button = buttons[i].button;
    if (stage->line->count != 3 || button < 0 || !play_size(command_word(stage, 2), &column, &row))
        return command_misused(stage);
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

bool command_do_resize(struct stage *stage)
{
    if (stage->line->count != 2 ||
        !play_size(command_word(stage, 1), &stage->columns, &stage->rows))
        return command_misused(stage);
    ptyvt_resize(stage->pty, stage->rows, stage->columns);
    return true;
}

bool command_do_stall(struct stage *stage)
{
    ptyvt_stall(stage->pty, true);
    return true;
}

bool command_do_resume(struct stage *stage)
{
    ptyvt_stall(stage->pty, false);
    return true;
}

bool command_do_stop_output(struct stage *stage)
{
    ptyvt_stop_output(stage->pty, true);
    return true;
}

bool command_do_start_output(struct stage *stage)
{
    ptyvt_stop_output(stage->pty, false);
    return true;
}

bool command_do_hangup(struct stage *stage)
{
    ptyvt_hangup(stage->pty);
    stage->hung_up = true;
    return true;
}

bool command_do_signal(struct stage *stage)
{
    int signo = command_signal(command_word(stage, 1));
    bool one = stage->line->count == 3 && strcmp(command_word(stage, 2), "alone") == 0;
    if (signo < 0 || stage->line->count != (one ? 3U : 2U))
        return command_misused(stage);
    if ((one ? kill(ptyvt_pid(stage->pty), signo) : ptyvt_signal(stage->pty, signo)) == 0)
        return true;
    return stage_fail(stage, "the signal did not arrive: %s", strerror(errno));
}

bool command_do_sleep(struct stage *stage)
{
    int64_t ns = play_duration_ns(command_word(stage, 1));
    if (ns < 0 || stage->line->count != 2)
        return command_misused(stage);
    if (stage->pty)
        ptyvt_wait(stage->pty, ns);
    else
        usleep((useconds_t)(ns / 1000));
    return true;
}

static bool all_taken(struct ptyvt *pty, void *context)
{
    (void)context;
    return ptyvt_unread(pty) == 0;
}

bool command_do_taken(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (!command_duration(stage, 1, "within", &within))
        return false;
    return ptyvt_until(stage->pty, command_scaled(stage, within), all_taken, NULL) ||
           stage_fail(stage, "the program has not read %d bytes", ptyvt_unread(stage->pty));
}

bool command_do_quiet(struct stage *stage)
{
    int64_t quiet = play_duration_ns(command_word(stage, 1));
    int64_t within = PATIENCE_NS;
    if (quiet < 0 || !command_duration(stage, 2, "within", &within))
        return quiet < 0 ? command_misused(stage) : false;
    return ptyvt_quiet(stage->pty, quiet, command_scaled(stage, within)) ||
           stage_fail(stage, "the program did not stop writing");
}
