#include "rig/journal/journal.h"

#include "rig/base/units.h"
#include "rig/journal/journal_pack.h"
#include "rig/journal/journal_writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { WAITING_BYTES_MAX = 64 * 1024 * 1024 }; /* of what could not be written yet */

/* ---- opening and closing ------------------------------------------------------------------ */

static void journal_free(struct journal *journal)
{
    while (journal->first) {
        journal_job_pop(journal);
    }
    for (size_t i = 0; i < journal->journal_run_count; i++) {
        journal_jobs_free(&journal->runs[i]);
        free(journal->runs[i].spool);
    }
    if (journal->fd >= 0) {
        close(journal->fd);
    }
    pthread_cond_destroy(&journal->wake);
    pthread_mutex_destroy(&journal->mutex);
    journal_db_close(journal->reader);
    journal_db_close(journal->db);
    free(journal->runs);
    free(journal->path);
    free(journal);
}

/* Around `db`, which is its own from then on; NULL: it could not be opened. */
static struct journal *journal_around(struct diags *diags, const char *path, sqlite3 *db)
{
    struct journal *journal = xcalloc(sizeof(*journal));
    pthread_condattr_t attributes;

    *journal =
        (struct journal){.db = db, .path = strdup(path), .self = journal_process_self(), .fd = -1};
    journal->last = &journal->first;
    pthread_mutex_init(&journal->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&journal->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (!journal->path) {
        out_of_memory();
    }
    journal->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (journal->fd < 0) {
        diag_error(diags, place_of(path), NULL, "the journal: %s", strerror(errno));
        journal_free(journal);
        return NULL;
    }
    return journal;
}

struct journal *journal_open(struct diags *diags, const char *path)
{
    sqlite3 *db = journal_writer_open(diags, path);
    return db ? journal_around(diags, path, db) : NULL;
}

struct journal *journal_open_or_spool(struct diags *diags, const char *path)
{
    size_t told = diags->count;
    sqlite3 *db = journal_writer_open(diags, path);
    struct journal *journal = journal_around(diags, path, db);

    if (journal && !db) {
        journal_writer_note_closed(journal, diags, told);
        memcpy(journal->trouble, journal->why, sizeof(journal->trouble));
        memcpy(journal->trouble_shown, journal->why, sizeof(journal->trouble_shown));
    }
    return journal;
}

void journal_stop(struct journal *journal)
{
    journal_lock(journal);
    journal->closing = true;
    pthread_cond_signal(&journal->wake);
    journal_unlock(journal);
    if (journal->writing) {
        pthread_join(journal->writer, NULL);
    }
    journal->writing = false;
    journal_poll(journal);
}

bool journal_close(struct journal *journal)
{
    if (!journal) {
        return true;
    }
    journal_stop(journal);
    bool written = !journal->dropped;
    journal_free(journal);
    return written;
}

int journal_fd(const struct journal *journal)
{
    return journal->fd;
}

void journal_poll(struct journal *journal)
{
    uint64_t notices;

    while (read(journal->fd, &notices, sizeof(notices)) < 0 && errno == EINTR) {
    }
    journal_lock(journal);
    memcpy(journal->trouble_shown, journal->trouble, sizeof(journal->trouble_shown));
    journal_unlock(journal);
}

const char *journal_trouble(const struct journal *journal)
{
    return journal->trouble_shown;
}

/* ---- handing over ------------------------------------------------------------------------- */

static void job_push(struct journal *journal, struct journal_job *job)
{
    int error = journal->writing ? 0 : journal_writer_start(journal);

    journal_lock(journal);
    if (error != 0 || journal->waiting_bytes > WAITING_BYTES_MAX) {
        struct kept *kept = journal_kept_of(journal, job->handle);
        journal->dropped = true;
        kept->dead = true;
        kept->finished = STAGE_FAILED;
        kept->begun = kept->begun == STAGE_DONE ? STAGE_DONE : STAGE_FAILED;
        if (error != 0) {
            snprintf(journal->trouble, sizeof(journal->trouble),
                     "%s: the journal writer could not be started: %s", journal->path,
                     strerror(error));
        }
        journal_job_free(job);
    } else {
        journal->waiting_bytes += job->arena.used;
        *journal->last = job;
        journal->last = &job->next;
        journal->urgent = journal->urgent || job->kind != JOB_APPEND;
        journal_kept_of(journal, job->handle)->all_there = false;
        journal_kept_of(journal, job->handle)->ended |= job->kind == JOB_FINISH;
        pthread_cond_signal(&journal->wake);
    }
    journal_unlock(journal);
}

static int64_t new_handle(struct journal *journal)
{
    journal_lock(journal);
    if (journal->journal_run_count == journal->run_room) {
        journal->run_room = journal->run_room ? 2 * journal->run_room : 64;
        journal->runs = xrealloc_array(journal->runs, journal->run_room, sizeof(*journal->runs));
    }
    journal->runs[journal->journal_run_count++] = (struct kept){.begun = STAGE_WAITING};
    int64_t handle = (int64_t)journal->journal_run_count;
    journal_unlock(journal);
    return handle;
}

int64_t journal_begin(struct journal *journal, const struct journal_run *run)
{
    int64_t handle = new_handle(journal);
    struct journal_job *job = journal_job_new(JOB_BEGIN, handle);

    journal_job_begin(job, run);
    job_push(journal, job);
    return handle;
}

/* What was added to the timeline since the last time. */
static void pack_rest(struct journal *journal, struct journal_job *job,
                      const struct timeline *timeline)
{
    /* The table may move only in new_handle, which is the caller's too. */
    struct kept *kept = journal_kept_of(journal, job->handle);

    job->append = (struct job_append){
        .packed = journal_pack(&job->arena, timeline, kept->packed, &kept->pulses, &kept->unkept),
        .origin_ns = timeline->origin_ns,
        .began_ns = timeline->wall_origin_ns,
        .bluez = kept->bluez[0] ? journal_printable(&job->arena, kept->bluez) : NULL,
    };
    kept->packed = timeline->count;
    kept->bluez[0] = '\0';
}

void journal_append(struct journal *journal, int64_t handle, const struct timeline *timeline)
{
    const struct kept *kept = journal_kept_of(journal, handle);
    if (timeline->count == kept->packed && !kept->bluez[0]) {
        return;
    }
    struct journal_job *job = journal_job_new(JOB_APPEND, handle);
    pack_rest(journal, job, timeline);
    job_push(journal, job);
}

void journal_bluez(struct journal *journal, int64_t handle, const char *version)
{
    struct kept *kept = journal_kept_of(journal, handle);
    snprintf(kept->bluez, sizeof(kept->bluez), "%s", version);
}

void journal_finish(struct journal *journal, int64_t handle, const struct record *record)
{
    struct journal_job *job = journal_job_new(JOB_FINISH, handle);

    pack_rest(journal, job, record->timeline);
    journal_job_finish(job, record, (int64_t)journal_kept_of(journal, handle)->unkept);
    job_push(journal, job);
}

/* ---- what became of it -------------------------------------------------------------------- */

static int answer_of(enum stage stage)
{
    return stage == STAGE_DONE ? 1 : stage == STAGE_FAILED ? -1 : 0;
}

int journal_begun(const struct journal *journal, int64_t handle)
{
    journal_lock(journal);
    int answer = answer_of(journal_kept_of(journal, handle)->begun);
    journal_unlock(journal);
    return answer;
}

int journal_finished(const struct journal *journal, int64_t handle)
{
    journal_lock(journal);
    int answer = answer_of(journal_kept_of(journal, handle)->finished);
    journal_unlock(journal);
    return answer;
}

bool journal_spooled(const struct journal *journal, int64_t handle, char *out, size_t size)
{
    journal_lock(journal);
    const struct kept *kept = journal_kept_of(journal, handle);
    bool there = kept->spool && (kept->all_there || !kept->ended);
    snprintf(out, size, "%s", there ? kept->spool : "");
    journal_unlock(journal);
    return there;
}

size_t journal_spooled_runs(const struct journal *journal, char *out, size_t size)
{
    size_t count = 0;

    out[0] = '\0';
    journal_lock(journal);
    for (size_t i = 0; i < journal->journal_run_count; i++) {
        const struct kept *kept = &journal->runs[i];
        bool there = kept->ended && kept->spool && kept->all_there;
        if (there && count == 0) {
            snprintf(out, size, "%.*s", (int)(strrchr(kept->spool, '/') - kept->spool),
                     kept->spool);
        }
        count += there;
    }
    journal_unlock(journal);
    return count;
}

int64_t journal_number(const struct journal *journal, int64_t handle)
{
    journal_lock(journal);
    int64_t number = journal_kept_of(journal, handle)->number;
    journal_unlock(journal);
    return number;
}

static int wait_for(struct journal *journal, int64_t handle, int timeout_ms,
                    int (*ask)(const struct journal *journal, int64_t handle))
{
    int64_t end_ms = journal_now_ms() + timeout_ms;
    int answer;

    while ((answer = ask(journal, handle)) == 0) {
        int64_t left_ms = end_ms - journal_now_ms();
        struct pollfd polled = {.fd = journal->fd, .events = POLLIN};
        if (left_ms <= 0) {
            break;
        }
        poll(&polled, 1, (int)left_ms);
        journal_poll(journal);
    }
    journal_poll(journal);
    return answer;
}

int journal_wait_begun(struct journal *journal, int64_t handle, int timeout_ms)
{
    return wait_for(journal, handle, timeout_ms, journal_begun);
}

int journal_wait_finished(struct journal *journal, int64_t handle, int timeout_ms)
{
    return wait_for(journal, handle, timeout_ms, journal_finished);
}
