#include "tui/cli/command.h"

#include "rig/base/text.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int command_usage(const struct command *command, const char *fmt, ...)
{
    char text[512];
    char safe[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    const char *end = text[0] && text[strlen(text) - 1] == '?' ? "" : ";";
    fprintf(stderr, "longpress %s: error: %s%s see `longpress help %s`\n", command->name,
            text_printable(safe, sizeof(safe), text), end, command->name);
    return EXIT_USAGE;
}

/* A reader that has seen enough (`| head`) causes write errors that do not matter. */
static bool is_closed_pipe(int fd)
{
    struct stat st;
    struct pollfd polled = {.fd = fd, .events = POLLOUT};

    return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
           poll(&polled, 1, 0) > 0 && (polled.revents & (POLLERR | POLLHUP)) != 0;
}

int command_printed(int status)
{
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    return failed && !is_closed_pipe(STDOUT_FILENO) ? command_unwritten(status) : status;
}

int command_unwritten(int status)
{
    fputs("longpress: error: standard output could not be written; what it shows is not complete\n",
          stderr);
    return status == EXIT_DONE ? EXIT_BENCH : status;
}

int command_diags(struct diags *diags, int status)
{
    diags_print(diags, stderr);
    diags_clear(diags);
    return status;
}
