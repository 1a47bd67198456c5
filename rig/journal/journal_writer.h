/*
 * Inside the journal: the queued runs, the thread that writes them, and what they share. Only for
 * rig/journal/journal.c (the caller's side), journal_writer.c (the thread) and journal_ask.c (what
 * the caller may ask meanwhile).
 */
#ifndef LONGPRESS_RIG_JOURNAL_WRITER_H
#define LONGPRESS_RIG_JOURNAL_WRITER_H

#include "rig/journal/journal_internal.h"

#include <pthread.h>

enum { JOURNAL_TROUBLE_MAX = 512, JOURNAL_BLUEZ_MAX = 64 };

/* How far a part of a run has come. */
enum stage { STAGE_WAITING, STAGE_FAILED, STAGE_DONE };

/* A run that was handed over. */
struct kept {
    int64_t number;
    enum stage begun;
    enum stage finished;
    bool dead;  /* it cannot be kept: nothing more of it is written */
    bool ended; /* its end was handed over */
    /* The writer's: what is needed to write all of it to the spool. */
    struct journal_job *jobs; /* done with, until its end is; owned, in their order */
    struct journal_job *last;
    char *spool;    /* its file there; NULL: none. Owned */
    size_t spooled; /* how many jobs are in that file ... */
    bool held;      /* ... which says that it is still ours */
    bool all_there; /* all that was handed over by then */
    /* The caller's side, without the lock: how far the timeline has been packed. */
    size_t packed;
    size_t pulses;
    size_t unkept;
    char bluez[JOURNAL_BLUEZ_MAX]; /* to be written with the next; "": nothing new */
};

struct journal {
    sqlite3 *db;                   /* the writer's; NULL: it could not be opened so far */
    int64_t reopen_ms;             /* when that is tried again */
    char why[JOURNAL_TROUBLE_MAX]; /* it could not be */
    char *path;
    struct journal_process self;
    pthread_t writer;
    bool writing; /* there is the thread: since the first job */
    int fd;

    pthread_mutex_t mutex;
    pthread_cond_t wake; /* there is a job, or closing */
    /* Under the mutex. */
    struct journal_job *first;
    struct journal_job **last;
    size_t waiting_bytes;
    struct kept *runs; /* handle - 1 */
    size_t journal_run_count;
    size_t run_room;
    char trouble[JOURNAL_TROUBLE_MAX];
    bool closing;
    bool dropped; /* something was given up, and is not written */
    bool urgent;  /* somebody waits: what failed is tried again at once */

    /* The caller's own. */
    char trouble_shown[JOURNAL_TROUBLE_MAX];
    sqlite3 *reader;            /* journal_ask.c; NULL until it is needed */
    struct journal_bound bound; /* of the reader */
};

/* With the lock held, or by the caller's thread: the table moves only when a run is begun. */
struct kept *journal_kept_of(const struct journal *journal, int64_t handle);
void journal_lock(const struct journal *journal);
void journal_unlock(const struct journal *journal);

/* The file for writing, with all that is to be done first. NULL after an error. */
sqlite3 *journal_writer_open(struct diags *diags, const char *path);
/* The first error from `first` on says why it could not be opened; it is tried again later. */
void journal_writer_note_closed(struct journal *journal, const struct diags *diags, size_t first);
/* A thread that no signal goes to. 0, or an errno. */
int journal_writer_start(struct journal *journal);
/* With the lock held, or without the thread: the first that waits becomes a part of its run. */
void journal_job_pop(struct journal *journal);
void journal_jobs_free(struct kept *kept);

#endif
