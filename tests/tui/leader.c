#include "tests/tui/leader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void tell(const struct leader_job *job, struct leader_news news)
{
    if (send(job->socket, &news, sizeof news, MSG_NOSIGNAL) < 0)
        _exit(0); /* the test has gone */
}

static _Noreturn void become_job(const struct leader_job *job, int failed_fd)
{
    setpgid(0, 0);
    tcsetpgrp(job->terminal, getpid()); /* TTOU is blocked still */
    for (int fd = 0; fd < 3; fd++)
        dup2(job->terminal, fd);
    sigset_t none;
    sigemptyset(&none);
    for (int signo = 1; signo < NSIG; signo++)
        signal(signo, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!job->folder || chdir(job->folder) == 0)
        execvpe(job->arguments[0], job->arguments, job->environment);
    int error = errno;
    if (write(failed_fd, &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

/* The job's process id; or -1, and told. */
static pid_t start_job(const struct leader_job *job)
{
    int pipe_fds[2];
    struct leader_news news = {.what = LEADER_STARTED, .at_ns = now_ns()};
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        become_job(job, pipe_fds[1]);
    close(pipe_fds[1]);
    if (pid > 0)
        setpgid(pid, pid); /* whoever of the two is first */
    news.pid = pid;
    if (pid < 0 || read(pipe_fds[0], &news.status, sizeof news.status) > 0)
        news.pid = -1;
    close(pipe_fds[0]);
    tell(job, news);
    return news.pid;
}

/* False: the job has ended. */
static bool reap(const struct leader_job *job, pid_t pid)
{
    struct rusage usage;
    struct leader_news news = {.pid = pid};
    while (wait4(pid, &news.status, WNOHANG | WUNTRACED, &usage) == pid) {
        news.at_ns = now_ns();
        tcsetpgrp(job->terminal, getpgrp());
        if (!WIFSTOPPED(news.status)) {
            news.what = LEADER_ENDED;
            news.cpu_ns = ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
                          ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
            news.rss_kb = usage.ru_maxrss;
            tell(job, news);
            return false;
        }
        news.what = LEADER_STOPPED;
        tell(job, news);
    }
    return true;
}

static _Noreturn void lead(const struct leader_job *job)
{
    sigset_t all;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    close(job->master);
    setsid();
    ioctl(job->terminal, TIOCSCTTY, 0);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    pid_t pid = start_job(job);
    if (pid < 0)
        _exit(0);
    for (bool more = true; more;) {
        struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                               {.fd = job->socket, .events = POLLIN}};
        struct signalfd_siginfo info;
        char order;
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents && read(signals, &info, sizeof info) == sizeof info &&
            (info.ssi_signo == SIGHUP || info.ssi_signo == SIGTERM)) {
            kill(-pid, SIGHUP);
            kill(-pid, SIGCONT);
        }
        if (fds[1].revents) {
            if (recv(job->socket, &order, 1, 0) <= 0)
                _exit(0); /* the terminal hangs up with its leader */
            tcsetpgrp(job->terminal, pid);
            kill(-pid, SIGCONT);
        }
        more = reap(job, pid);
    }
    _exit(0);
}

pid_t leader_start(const struct leader_job *job)
{
    pid_t pid = fork();
    if (pid == 0)
        lead(job);
    return pid;
}
