#include "rig/journal.h"

#include "rig/evidence.h"
#include "rig/journal_internal.h"
#include "rig/journal_pack.h"
#include "rig/journal_spool.h"
#include "rig/units.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_S = 2,                          /* what failed is tried again after this long */
    WAITING_BYTES_MAX = 64 * 1024 * 1024, /* of what could not be written yet */
    TROUBLE_MAX = 512,
    SEEN_BUSY_MS = 100,
    BLUEZ_TEXT_MAX = 64,
};

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
    char bluez[BLUEZ_TEXT_MAX]; /* to be written with the next; "": nothing new */
};

struct journal {
    sqlite3 *db;           /* the writer's; NULL: it could not be opened so far */
    int64_t reopen_ms;     /* when that is tried again */
    char why[TROUBLE_MAX]; /* it could not be */
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
    size_t run_count;
    size_t run_room;
    char trouble[TROUBLE_MAX];
    bool closing;
    bool dropped; /* something was given up, and is not written */
    bool urgent;  /* somebody waits: what failed is tried again at once */

    /* The caller's own. */
    char trouble_shown[TROUBLE_MAX];
    sqlite3 *reader;            /* for journal_unit_seen; NULL until then */
    struct journal_bound bound; /* of the reader */
};

static struct kept *kept_of(const struct journal *journal, int64_t handle)
{
    assert(handle > 0 && (size_t)handle <= journal->run_count);
    return &journal->runs[handle - 1];
}

static void lock(const struct journal *journal)
{
    pthread_mutex_lock((pthread_mutex_t *)&journal->mutex);
}

static void unlock(const struct journal *journal)
{
    pthread_mutex_unlock((pthread_mutex_t *)&journal->mutex);
}

/* ---- the writer --------------------------------------------------------------------------- */

static void jobs_free(struct kept *kept)
{
    struct journal_job *next;

    for (struct journal_job *job = kept->jobs; job; job = next) {
        next = job->next;
        journal_job_free(job);
    }
    kept->jobs = kept->last = NULL;
}

/* Out of what waits, to what its run consists of. */
static void job_pop(struct journal *journal)
{
    struct journal_job *job = journal->first;
    struct kept *kept = kept_of(journal, job->handle);

    journal->first = job->next;
    if (!journal->first) {
        journal->last = &journal->first;
    }
    journal->waiting_bytes -= job->arena.used;
    job->next = NULL;
    *(kept->last ? &kept->last->next : &kept->jobs) = job;
    kept->last = job;
}

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

/* For writing, with all that is to be done first. NULL after an error. */
static sqlite3 *open_writer(struct diags *diags, const char *path)
{
    sqlite3 *db = journal_db_open(diags, path, false);
    int code = db ? journal_mark_interrupted(db) : SQLITE_OK;

    if (code != SQLITE_OK) {
        journal_told(diags, path, code);
        sqlite3_close(db);
        return NULL;
    }
    if (db) {
        journal_spool_take_into(diags, path, db);
    }
    return db;
}

/* Why it cannot be opened, and when it is tried again. */
static void note_closed(struct journal *journal, const struct diags *diags, size_t first)
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
        journal->db = open_writer(&diags, journal->path);
        note_closed(journal, &diags, 0);
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
    struct kept *kept = kept_of(journal, job->handle);

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
    struct kept *kept = kept_of(journal, handle);
    struct jobs jobs = {.items = NULL};
    char *before = kept->spool;

    collect(&jobs, kept->jobs, handle);
    collect(&jobs, journal->first, handle);
    bool written = before && kept->spooled == jobs.count && kept->held == held;
    if (!written) {
        unlock(journal);
        char *file = journal_spool_write(journal->path, before, held ? &journal->self : NULL,
                                         jobs.items, jobs.count);
        lock(journal);
        kept = kept_of(journal, handle);
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
    struct kept *kept = kept_of(journal, handle);
    char *file = kept->spool;

    jobs_free(kept);
    kept->spool = NULL;
    kept->all_there = false;
    if (file) {
        unlock(journal);
        journal_spool_drop(file);
        free(file);
        lock(journal);
    }
}

/* A run that the journal will not take, and nothing more of it than waits here. */
static void give_up(struct journal *journal)
{
    int64_t handle = journal->first->handle;

    job_pop(journal);
    spool_run(journal, handle, false);
    struct kept *kept = kept_of(journal, handle);
    kept->begun = kept->begun == STAGE_DONE ? STAGE_DONE : STAGE_FAILED;
    kept->finished = STAGE_FAILED;
    journal->dropped = journal->dropped || !kept->all_there;
    notify(journal);
}

static void job_failed(struct journal *journal, const struct journal_job *job, int code)
{
    struct kept *kept = kept_of(journal, job->handle);

    if (journal->db) {
        snprintf(journal->trouble, sizeof(journal->trouble), "%s: %s; %s", journal->path,
                 journal_code_what(code), journal_code_todo(code));
    } else {
        memcpy(journal->trouble, journal->why, sizeof(journal->trouble));
    }
    kept->dead = kept->dead || !is_passing(code);
    /* Behind it waits what must not be waited for either. */
    for (const struct journal_job *other = job; other; other = other->next) {
        kept = kept_of(journal, other->handle);
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

    lock(journal);
    for (;;) {
        while (!journal->first && !journal->closing) {
            pthread_cond_wait(&journal->wake, &journal->mutex);
        }
        struct journal_job *job = journal->first;
        if (!job) {
            break;
        }
        if (kept_of(journal, job->handle)->dead) {
            give_up(journal);
            continue;
        }
        bool closing = journal->closing;
        journal->urgent = false;
        int64_t number = kept_of(journal, job->handle)->number;
        unlock(journal);
        int code = write_job(journal, job, &number);
        lock(journal);
        if (code == SQLITE_OK) {
            bool ended = job->kind == JOB_FINISH;
            int64_t handle = job->handle;
            job_done(journal, job, number);
            job_pop(journal);
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
    unlock(journal);
    return NULL;
}

/* A thread that no signal goes to. 0, or an errno. */
static int start_writer(struct journal *journal)
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

/* ---- opening and closing ------------------------------------------------------------------ */

static void journal_free(struct journal *journal)
{
    while (journal->first) {
        job_pop(journal);
    }
    for (size_t i = 0; i < journal->run_count; i++) {
        jobs_free(&journal->runs[i]);
        free(journal->runs[i].spool);
    }
    if (journal->fd >= 0) {
        close(journal->fd);
    }
    pthread_cond_destroy(&journal->wake);
    pthread_mutex_destroy(&journal->mutex);
    sqlite3_close(journal->reader);
    sqlite3_close(journal->db);
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
    sqlite3 *db = open_writer(diags, path);
    return db ? journal_around(diags, path, db) : NULL;
}

struct journal *journal_open_or_spool(struct diags *diags, const char *path)
{
    size_t told = diags->count;
    sqlite3 *db = open_writer(diags, path);
    struct journal *journal = journal_around(diags, path, db);

    if (journal && !db) {
        note_closed(journal, diags, told);
        memcpy(journal->trouble, journal->why, sizeof(journal->trouble));
        memcpy(journal->trouble_shown, journal->why, sizeof(journal->trouble_shown));
    }
    return journal;
}

void journal_stop(struct journal *journal)
{
    lock(journal);
    journal->closing = true;
    pthread_cond_signal(&journal->wake);
    unlock(journal);
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
    lock(journal);
    memcpy(journal->trouble_shown, journal->trouble, sizeof(journal->trouble_shown));
    unlock(journal);
}

const char *journal_trouble(const struct journal *journal)
{
    return journal->trouble_shown;
}

/* ---- handing over ------------------------------------------------------------------------- */

static void job_push(struct journal *journal, struct journal_job *job)
{
    int error = journal->writing ? 0 : start_writer(journal);

    lock(journal);
    if (error != 0 || journal->waiting_bytes > WAITING_BYTES_MAX) {
        struct kept *kept = kept_of(journal, job->handle);
        journal->dropped = true;
        kept->dead = true;
        kept->finished = STAGE_FAILED;
        kept->begun = kept->begun == STAGE_DONE ? STAGE_DONE : STAGE_FAILED;
        if (error != 0) {
            snprintf(journal->trouble, sizeof(journal->trouble),
                     "%s: no writer could be started: %s", journal->path, strerror(error));
        }
        journal_job_free(job);
    } else {
        journal->waiting_bytes += job->arena.used;
        *journal->last = job;
        journal->last = &job->next;
        journal->urgent = journal->urgent || job->kind != JOB_APPEND;
        kept_of(journal, job->handle)->all_there = false;
        kept_of(journal, job->handle)->ended |= job->kind == JOB_FINISH;
        pthread_cond_signal(&journal->wake);
    }
    unlock(journal);
}

static int64_t new_handle(struct journal *journal)
{
    lock(journal);
    if (journal->run_count == journal->run_room) {
        journal->run_room = journal->run_room ? 2 * journal->run_room : 64;
        journal->runs = xrealloc_array(journal->runs, journal->run_room, sizeof(*journal->runs));
    }
    journal->runs[journal->run_count++] = (struct kept){.begun = STAGE_WAITING};
    int64_t handle = (int64_t)journal->run_count;
    unlock(journal);
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

/* What the timeline has got since the last time. */
static void pack_rest(struct journal *journal, struct journal_job *job,
                      const struct timeline *timeline)
{
    /* The table may move only in new_handle, which is the caller's too. */
    struct kept *kept = kept_of(journal, job->handle);

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
    const struct kept *kept = kept_of(journal, handle);
    if (timeline->count == kept->packed && !kept->bluez[0]) {
        return;
    }
    struct journal_job *job = journal_job_new(JOB_APPEND, handle);
    pack_rest(journal, job, timeline);
    job_push(journal, job);
}

void journal_bluez(struct journal *journal, int64_t handle, const char *version)
{
    struct kept *kept = kept_of(journal, handle);
    snprintf(kept->bluez, sizeof(kept->bluez), "%s", version);
}

void journal_finish(struct journal *journal, int64_t handle, const struct record *record)
{
    struct journal_job *job = journal_job_new(JOB_FINISH, handle);

    pack_rest(journal, job, record->timeline);
    journal_job_finish(job, record, (int64_t)kept_of(journal, handle)->unkept);
    job_push(journal, job);
}

/* ---- what became of it -------------------------------------------------------------------- */

static int answer_of(enum stage stage)
{
    return stage == STAGE_DONE ? 1 : stage == STAGE_FAILED ? -1 : 0;
}

int journal_begun(const struct journal *journal, int64_t handle)
{
    lock(journal);
    int answer = answer_of(kept_of(journal, handle)->begun);
    unlock(journal);
    return answer;
}

int journal_finished(const struct journal *journal, int64_t handle)
{
    lock(journal);
    int answer = answer_of(kept_of(journal, handle)->finished);
    unlock(journal);
    return answer;
}

bool journal_spooled(const struct journal *journal, int64_t handle, char *out, size_t size)
{
    lock(journal);
    const struct kept *kept = kept_of(journal, handle);
    bool there = kept->spool && (kept->all_there || !kept->ended);
    snprintf(out, size, "%s", there ? kept->spool : "");
    unlock(journal);
    return there;
}

size_t journal_spooled_runs(const struct journal *journal, char *out, size_t size)
{
    size_t count = 0;

    out[0] = '\0';
    lock(journal);
    for (size_t i = 0; i < journal->run_count; i++) {
        const struct kept *kept = &journal->runs[i];
        bool there = kept->ended && kept->spool && kept->all_there;
        if (there && count == 0) {
            snprintf(out, size, "%.*s", (int)(strrchr(kept->spool, '/') - kept->spool),
                     kept->spool);
        }
        count += there;
    }
    unlock(journal);
    return count;
}

int64_t journal_number(const struct journal *journal, int64_t handle)
{
    lock(journal);
    int64_t number = kept_of(journal, handle)->number;
    unlock(journal);
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

/* ---- asking ------------------------------------------------------------------------------- */

static bool can_ask(struct journal *journal)
{
    struct diags diags = DIAGS_INIT;
    if (!journal->reader) {
        journal->reader = journal_db_open(&diags, journal->path, true);
        diags_clear(&diags);
        if (journal->reader) {
            sqlite3_busy_timeout(journal->reader, SEEN_BUSY_MS);
            journal_bound_set(journal->reader, &journal->bound);
        }
    }
    journal_bound_again(&journal->bound);
    return journal->reader != NULL;
}

const char journal_select_unit_seen[] =
    "SELECT verdict, began_ns FROM units JOIN runs ON unit_id = units.id"
    " WHERE units.model = ? AND serial = ? COLLATE NOCASE AND procedure = ?"
    " AND simulated = ? AND verdict IS NOT NULL ORDER BY number DESC LIMIT 1";

bool journal_unit_seen(struct journal *journal, const char *model, const char *procedure,
                       const char *unit, bool simulated, enum verdict *verdict, int64_t *wall_ns)
{
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *statement = NULL;
    bool seen = false;

    if (can_ask(journal) && sqlite3_prepare_v2(journal->reader, journal_select_unit_seen, -1,
                                               &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, journal_printable(&arena, model), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, journal_printable(&arena, unit), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 3, journal_printable(&arena, procedure), -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 4, simulated);
        seen = sqlite3_step(statement) == SQLITE_ROW;
    }
    if (seen) {
        int found = journal_verdict_from_name((const char *)sqlite3_column_text(statement, 0));
        *verdict = found >= 0 ? (enum verdict)found : VERDICT_ERROR;
        *wall_ns = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    arena_free(&arena);
    return seen;
}

/* The address that a chunk of a timeline tells. */
static bool address_in(const void *data, size_t length, char address[TEXT_BLUETOOTH_MAX])
{
    struct timeline timeline;
    timeline_init(&timeline);
    bool found = !journal_unpack(data, length, &timeline) && evidence_address(&timeline, address);
    timeline_free(&timeline);
    return found;
}

bool journal_unit_address(struct journal *journal, const char *model, const char *unit,
                          int64_t before, char address[TEXT_BLUETOOTH_MAX], int64_t *number)
{
    /* A radio is ready early in a run, and one that is simulated tells no address. */
    static const char sql[] =
        "SELECT runs.number, packed FROM units JOIN runs ON unit_id = units.id"
        " JOIN timelines ON timelines.run = runs.number"
        " WHERE units.model = ? AND serial = ? AND simulated = 0 AND runs.number < ?"
        " ORDER BY runs.number DESC, seq LIMIT 64";
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *statement = NULL;
    bool found = false;

    if (can_ask(journal) &&
        sqlite3_prepare_v2(journal->reader, sql, -1, &statement, NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, journal_printable(&arena, model), -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, journal_printable(&arena, unit), -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, before);
    }
    while (statement && !found && sqlite3_step(statement) == SQLITE_ROW) {
        const void *data = sqlite3_column_blob(statement, 1);
        found = address_in(data, (size_t)sqlite3_column_bytes(statement, 1), address);
        *number = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    arena_free(&arena);
    return found;
}
