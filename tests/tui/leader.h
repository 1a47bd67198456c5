/*
 * The process between a test and the program that it drives: what a login shell is on a real
 * terminal. It leads the session, starts the program as a foreground job, takes the terminal back
 * when the job stops (Ctrl-Z), hands it on again when told, passes a hang-up on, and tells how the
 * job ended.
 */
#ifndef LONGPRESS_TESTS_TUI_LEADER_H
#define LONGPRESS_TESTS_TUI_LEADER_H

#include <stdint.h>
#include <sys/types.h>

/* What it says, over a socket of packets. */
enum leader_says { LEADER_STARTED, LEADER_STOPPED, LEADER_ENDED };

struct leader_news {
    enum leader_says what;
    pid_t pid;
    int status;     /* wait's; or errno of a start that failed, pid being -1 */
    int64_t at_ns;  /* CLOCK_MONOTONIC; of a start: just before */
    int64_t cpu_ns; /* LEADER_ENDED: user and system time of the job and what it waited for */
    long rss_kb;    /* LEADER_ENDED: the most memory it had */
};

struct leader_job {
    int terminal;           /* the slave; stays the caller's */
    int master;             /* closed in the leader, so that the caller's is the only one */
    int socket;             /* the leader's end; stays the caller's */
    char *const *arguments; /* NULL at its end; the program is looked for in the job's PATH */
    char *const *environment;
    const char *folder; /* NULL: stays here */
};

/* Forks; returns the leader's process id, or -1. Any byte sent to it: "foreground again". */
pid_t leader_start(const struct leader_job *job);

#endif
