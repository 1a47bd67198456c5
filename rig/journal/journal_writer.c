/*
 * The thread that writes the journal: everything it was given, in order; and to the spool whatever
 * the file does not take.
 */
#include "rig/journal/journal_writer.h"

#include "rig/base/arena.h"
#include "rig/journal/journal_spool.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_S = 2 }; /* what failed is tried again after this long */

struct kept *journal_kept_of(const struct journal *journal, int64_t handle)
{
    assert(handle > 0 && (size_t)handle <= journal->journal_run_count);
    return &journal->runs[handle - 1];
}

void journal_lock(const struct journal *journal)
{
    pthread_mutex_lock((pthread_mutex_t *)&journal->mutex);
}

void journal_unlock(const struct journal *journal)
{
    pthread_mutex_unlock((pthread_mutex_t *)&journal->mutex);
}

/* ---- what waits, and what is done with ---------------------------------------------------- */

void journal_jobs_free(struct kept *kept)
{
    struct journal_job *next;

    for (struct journal_job *job = kept->jobs; job; job = next) {
        next = job->next;
        journal_job_free(job);
    }
    kept->jobs = kept->last = NULL;
}

void journal_job_pop(struct journal *journal)
{
    struct journal_job *job = journal->first;
    struct kept *kept = journal_kept_of(journal, job->handle);

    journal->first = job->next;
    if (!journal->first) {
        journal->last = &journal->first;
    }
    journal->waiting_bytes -= job->arena.used;
    job->next = NULL;
    *(kept->last ? &kept->last->next : &kept->jobs) = job;
    kept->last = job;
}

/* ---- the file ----------------------------------------------------------------------------- */

/* Might it go better in a while, without anything being changed in what is written? */
static bool is_passing(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
        return true;
    default:
        return false;
    }
}

sqlite3 *journal_writer_open(struct diags *diags, const char *path)
{
    sqlite3 *db = journal_db_open(diags, path, false);
    int code = db ? journal_mark_interrupted(db) : SQLITE_OK;

    if (code != SQLITE_OK) {
        journal_told(diags, path, code);
        journal_db_close(db);
        return NULL;
    }
    if (db) {
        journal_spool_take_into(diags, path, db);
    }
    return db;
}

void journal_writer_note_closed(struct journal *journal, const struct diags *diags, size_t first)
{
    for (size_t i = first; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->level == DIAG_ERROR) {
            snprintf(journal->why, sizeof(journal->why), "%s: %s%s%s", diag->where, diag->what,
                     diag->todo ? "; " : "", diag->todo ? diag->todo : "");
            break;
        }
    }
    journal->reopen_ms = journal_now_ms() + RETRY_S * INT64_C(1000);
}

static bool is_open(struct journal *journal)
{
    struct diags diags = DIAGS_INIT;

    if (!journal->db && journal_now_ms() >= journal->reopen_ms) {
        journal->db = journal_writer_open(&diags, journal->path);
        journal_writer_note_closed(journal, &diags, 0);
        diags_clear(&diags);
    }
    return journal->db != NULL;
}

static int write_job(struct journal *journal, const struct journal_job *job, int64_t *number)
{
    if (!is_open(journal)) {
        return SQLITE_CANTOPEN;
    }
    if (journal_is_moved(journal->db)) {
        return SQLITE_READONLY_DBMOVED;
    }
    switch (job->kind) {
    case JOB_BEGIN:
        return journal_store_begin(journal->db, &job->begin, &journal->self, number);
    case JOB_APPEND:
        return journal_store_append(journal->db, &job->append, *number);
    case JOB_FINISH:
        return journal_store_finish(journal->db, &job->append, &job->finish, *number);
    }
    return SQLITE_OK;
}

static void job_done(struct journal *journal, const struct journal_job *job, int64_t number)
{
    struct kept *kept = journal_kept_of(journal, job->handle);

    journal->trouble[0] = '\0';
    if (job->kind == JOB_BEGIN) {
        kept->number = number;
        kept->begun = STAGE_DONE;
    } else if (job->kind == JOB_FINISH) {
        kept->finished = STAGE_DONE;
    }
}

static void notify(struct journal *journal)
{
    uint64_t one = 1;
    ssize_t written;

    do {
        written = write(journal->fd, &one, sizeof(one));
    } while (written < 0 && errno == EINTR);
    /* EAGAIN: so many notices wait already that it polls readable. */
}

/* ---- the writer: what the journal does not take ------------------------------------------- */

struct jobs {
    const struct journal_job **items; /* owned; the jobs are the journal's */
    size_t count;
};

static void collect(struct jobs *jobs, const struct journal_job *from, int64_t handle)
{
    for (; from; from = from->next) {
        if (from->handle == handle) {
            jobs->items = xrealloc_array(jobs->items, jobs->count + 1, sizeof(*jobs->items));
            jobs->items[jobs->count++] = from;
        }
    }
}

/* All that is known of the run into its file in the spool. With the lock held, but let go of while
 * the disk is waited for: jobs are taken away by this thread alone. */
static void spool_run(struct journal *journal, int64_t handle, bool held)
{
    struct kept *kept = journal_kept_of(journal, handle);
    struct jobs jobs = {.items = NULL};
    char *before = kept->spool;

    collect(&jobs, kept->jobs, handle);
    collect(&jobs, journal->first, handle);
    bool written = before && kept->spooled == jobs.count && kept->held == held;
    if (!written) {
        journal_unlock(journal);
        char *file = journal_spool_write(journal->path, before, held ? &journal->self : NULL,
                                         jobs.items, jobs.count);
        journal_lock(journal);
        kept = journal_kept_of(journal, handle);
        if (file) {
            free(before);
            kept->spool = file;
            kept->spooled = jobs.count;
            kept->held = held;
        }
        written = file != NULL;
    }
    kept->all_there = written;
    free(jobs.items);
}

/* ... of every run that waits. */
static void spool_waiting(struct journal *journal, bool held)
{
    /* What is pushed meanwhile comes last. */
    for (const struct journal_job *job = journal->first; job; job = job->next) {
        spool_run(journal, job->handle, held);
    }
}

/* Its verdict is in the journal. */
static void unspool_run(struct journal *journal, int64_t handle)
{
    struct kept *kept = journal_kept_of(journal, handle);
    char *file = kept->spool;

    journal_jobs_free(kept);
    kept->spool = NULL;
    kept->all_there = false;
    if (file) {
        journal_unlock(journal);
        journal_spool_drop(file);
        free(file);
        journal_lock(journal);
    }
}

/* A run that the journal will not take, and nothing more of it than waits here. */
static void give_up(struct journal *journal)
{
    int64_t handle = journal->first->handle;

    journal_job_pop(journal);
    spool_run(journal, handle, false);
    struct kept *kept = journal_kept_of(journal, handle);
    kept->begun = kept->begun == STAGE_DONE ? STAGE_DONE : STAGE_FAILED;
    kept->finished = STAGE_FAILED;
    journal->dropped = journal->dropped || !kept->all_there;
    notify(journal);
}

static void job_failed(struct journal *journal, const struct journal_job *job, int code)
{
    struct kept *kept = journal_kept_of(journal, job->handle);

    if (journal->db) {
        snprintf(journal->trouble, sizeof(journal->trouble), "%s: %s; %s", journal->path,
                 journal_code_what(code), journal_code_todo(code));
    } else {
        memcpy(journal->trouble, journal->why, sizeof(journal->trouble));
    }
    kept->dead = kept->dead || !is_passing(code);
    /* Behind it waits what must not be waited for either. */
    for (const struct journal_job *other = job; other; other = other->next) {
        kept = journal_kept_of(journal, other->handle);
        if (other->kind == JOB_BEGIN) {
            kept->begun = STAGE_FAILED;
        } else if (other->kind == JOB_FINISH) {
            kept->finished = STAGE_FAILED;
        }
    }
}

/* With the lock held: let it go for a while, unless a run begins or ends, or the journal is being
 * closed. */
static void pause_writer(struct journal *journal)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_S;
    while (!journal->closing && !journal->urgent &&
           pthread_cond_timedwait(&journal->wake, &journal->mutex, &until) == 0) {
    }
}

static void *writer(void *context)
{
    struct journal *journal = context;

    journal_lock(journal);
    for (;;) {
        while (!journal->first && !journal->closing) {
            pthread_cond_wait(&journal->wake, &journal->mutex);
        }
        struct journal_job *job = journal->first;
        if (!job) {
            break;
        }
        if (journal_kept_of(journal, job->handle)->dead) {
            give_up(journal);
            continue;
        }
        bool closing = journal->closing;
        journal->urgent = false;
        int64_t number = journal_kept_of(journal, job->handle)->number;
        journal_unlock(journal);
        int code = write_job(journal, job, &number);
        journal_lock(journal);
        if (code == SQLITE_OK) {
            bool ended = job->kind == JOB_FINISH;
            int64_t handle = job->handle;
            job_done(journal, job, number);
            journal_job_pop(journal);
            if (ended) {
                unspool_run(journal, handle);
            }
            notify(journal);
            continue;
        }
        spool_waiting(journal, !closing);
        job_failed(journal, job, code);
        notify(journal);
        if (closing && is_passing(code)) {
            while (journal->first) {
                give_up(journal);
            }
        } else if (is_passing(code)) {
            pause_writer(journal);
        }
    }
    journal_unlock(journal);
    return NULL;
}

int journal_writer_start(struct journal *journal)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&journal->writer, NULL, writer, journal);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    journal->writing = error == 0;
    return error;
}
