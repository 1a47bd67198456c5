/*
 * Shared by the files of the journal: opening the file (journal_open.c), recognising it
 * (journal_schema.c), creating and migrating it (journal_steps.c), statements (journal_sql.c) and
 * their time limit (journal_bound.c), selecting runs (journal_filter.c), writing in one transaction
 * (journal_store.c) jobs made from what the caller gives (journal_job.c), which process writes
 * (journal_process.c) and whether it is gone (journal_gone.c), identifying and dating a run
 * (journal_mark.c), its digest (journal_digest.c), and SQLite's errors in words (journal_words.c).
 * A connection is used by one thread at a time.
 */
#ifndef LONGPRESS_RIG_JOURNAL_INTERNAL_H
#define LONGPRESS_RIG_JOURNAL_INTERNAL_H

#include "rig/base/arena.h"
#include "rig/base/diag.h"
#include "rig/format/sha256.h"
#include "rig/journal/journal.h"
#include "rig/journal/journal_pack.h"
#include "rig/journal/journal_read.h"
#include "rig/judge/judge.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Another process holds the file locked: waited for this long. */
enum { JOURNAL_BUSY_MS = 5000, JOURNAL_READ_BUSY_MS = 1000 };

/* ---- the file ---- */

/* "LPRS": that a SQLite file is a journal. */
#define JOURNAL_APPLICATION_ID INT64_C(0x4c505253)

extern const int journal_version; /* how many steps there are: PRAGMA user_version */

/* The steps from version `from` (0: an empty file) to `to`, and both numbers in the file's header.
 * Within a transaction. SQLite's code. */
int journal_run_steps(sqlite3 *db, int from, int to);
/* Of the schema that they make, to the letter: journal_schema_digest after each step. */
extern const char *const journal_schema_digests[];
/* Of the schema of a file. SQLite's code. */
int journal_schema_digest(sqlite3 *db, char digest[SHA256_TEXT_MAX]);

enum journal_form {
    FORM_EMPTY,   /* nothing is in it, and nobody has put a mark on it */
    FORM_CURRENT, /* a journal of today's version */
    FORM_OLDER,   /* of an earlier one */
    FORM_NEWER,   /* of a later longpress */
    FORM_CHANGED, /* has a journal's mark, and a schema that no longpress made */
    FORM_FOREIGN, /* another program's */
};

struct journal_look {
    enum journal_form form;
    int64_t version; /* PRAGMA user_version */
    char odd[128];   /* FORM_CHANGED: the first that is not as it should be; "" else */
};

/* Recognises the file, from one consistent state of it. SQLite's code. */
int journal_look_at(sqlite3 *db, struct journal_look *look);
/* Brings an empty or older file (as `look` says) to the current version, in one transaction. *look
 * is what was found when nobody else could write; nothing was done unless it ends FORM_CURRENT. */
int journal_bring_up(sqlite3 *db, struct journal_look *look);

/* Opens `path`, creates it if missing (its folders too) unless `read_only`, and migrates it. NULL
 * after an error; a file that is not a journal is not touched. */
sqlite3 *journal_db_open(struct diags *diags, const char *path, bool read_only);

/* ---- read by those who may write nothing: journal_aside.c ---- */

enum { JOURNAL_ASIDE_MAX = 256 };
/* Can nobody write to it, and is all of it in the one file? */
bool journal_is_frozen(const char *path);
/* Such a file, or a copy of one's own, without locks and files beside it. SQLite's code. */
int journal_open_frozen(const char *path, sqlite3 **db);
/* A copy of the file with what is in its -wal and -journal, in a folder of its own. 0, or -1 and
 * errno; then nothing is left of it. */
int journal_copy_aside(const char *path, char folder[JOURNAL_ASIDE_MAX], char *copy);
void journal_drop_aside(const char *folder, const char *copy);

/* What SQLite keeps beside a file while it is in use, or after its user was killed. Identified by
 * name: whatever has one is taken for a part of the file. */
enum { JOURNAL_COMPANIONS = 3 };
extern const char *const journal_companions[JOURNAL_COMPANIONS];

/* Its name now belongs to another file, or to none: whatever is written into it is lost. */
bool journal_is_moved(sqlite3 *db);

/* It is not the disk that is full: the process has reached its file size limit. SQLite has no code
 * for it. */
enum { JOURNAL_FULL_LIMIT = SQLITE_FULL | 1 << 8 };
/* SQLITE_FULL (the disk, the quota), JOURNAL_FULL_LIMIT, or 0: that errno is another. */
int journal_full_by(int error);
/* SQLite's `code`, got from `db` just now (errno is looked at); one of those two when what failed
 * there is that: SQLite itself says so of some writes only. */
int journal_code(sqlite3 *db, int code);
/* What a code means for the operator, and what to do. Static sentences. */
const char *journal_code_what(int code);
const char *journal_code_todo(int code);
/* Adds an error of both. Returns -1. */
int journal_told(struct diags *diags, const char *path, int code);

/* From BEGIN IMMEDIATE to COMMIT; to ROLLBACK when `code` is an error, or COMMIT fails. */
int journal_transaction_begin(sqlite3 *db);
int journal_transaction_end(sqlite3 *db, int code);

/*
 * Run one statement to its end. `types`: a letter an argument: i int64_t; t const char *, NULL is
 * NULL; b const void * and size_t, NULL is NULL; n const int64_t *, NULL is NULL. SQLite's code,
 * SQLITE_DONE made SQLITE_OK.
 */
int journal_sql(sqlite3 *db, const char *sql, const char *types, ...);
/* Every statement on a journal is prepared here, so that a test sees each. For
 * sqlite3_finalize(); NULL: the connection says why. */
sqlite3_stmt *journal_prepare(sqlite3 *db, const char *sql);
/* The same for what is asked again and again (`sql` always the same): once prepared it stays with
 * the connection. For journal_done(), before which nobody asks for the same. */
sqlite3_stmt *journal_prepare_kept(sqlite3 *db, const char *sql);
void journal_done(sqlite3_stmt *statement); /* NULL is fine */
/* ... which takes them along. NULL is fine. */
void journal_db_close(sqlite3 *db);
/* The same as journal_sql, and the first column of the first row; SQLITE_NOTFOUND when there is
 * none. */
int journal_sql_int(sqlite3 *db, int64_t *value, const char *sql, const char *types, ...);

/*
 * How long a connection may look for what it is asked, in SQLite's instructions: many times what it
 * takes in a sound file of that size. Past that it is SQLITE_INTERRUPT, which is said to be damage.
 * `bound` stays in its place as long as the connection is used, and begins again with each
 * question.
 */
struct journal_bound {
    int64_t most;
    int64_t left;
};
void journal_bound_set(sqlite3 *db, struct journal_bound *bound);
void journal_bound_again(struct journal_bound *bound);

/* CLOCK_MONOTONIC, for deadlines. */
int64_t journal_now_ms(void);

/* ---- processes ---- */

/* Which process, of which start of the machine. */
struct journal_process {
    int64_t pid;
    int64_t started;  /* clock ticks since the machine's start */
    int64_t space;    /* its PID namespace */
    char machine[64]; /* boot id */
};

struct journal_process journal_process_self(void);
/* It is no longer running. A process of another PID namespace cannot be inspected: it counts as
 * gone if it began the run more than a day ago. */
bool journal_process_gone(const struct journal_process *process, int64_t began_wall_ns);

/* ---- runs that broke off: still `running` in the file, and their process is gone ---- */

/* Find them, for those who only read: JOURNAL_STATE knows them from then on. Before each list, for
 * what begins to be read then; while one is being read nothing is done. SQLite's code. */
int journal_find_gone(sqlite3 *db);
/* SQL: the state of a row of runs, `interrupted` for those that were found. */
#define JOURNAL_STATE                                                                              \
    "CASE WHEN runs.state = 'running' AND runs.number IN temp.gone THEN 'interrupted'"             \
    " ELSE runs.state END"

/* Within a transaction: they become `interrupted` in the file. SQLite's code. */
int journal_mark_gone(sqlite3 *db);
/* The same in one of its own; and a first write, which shows that there can be one. */
int journal_mark_interrupted(sqlite3 *db);

/* ---- a run known again, and dated ---- */

/* What identifies a run from its start, in the journal and in the spool. */
struct run_mark {
    char uuid[37];    /* of version 4: random */
    char boot[64];    /* of the machine's start */
    int64_t boot_ns;  /* since that start, as CLOCK_BOOTTIME counts */
    int64_t boot_seq; /* which run of its process */
    bool clock_set;   /* the wall clock could be believed */
};

/* 2020-01-01, before there was a longpress. */
#define JOURNAL_PLAUSIBLE_NS INT64_C(1577836800000000000)

/* SQL of the same for a row of runs: when it began is not known. */
#define JOURNAL_CLOCK_NOT_SET "coalesce(runs.clock_set, runs.began_ns >= 1577836800000000000) = 0"

/* SQL: the row is of a run whose own clock cannot be trusted for certain, and which has a higher
 * number than one that began at `when` or later by a clock that was known to be set: numbers only
 * count up, so it is younger than `when`, whatever its clock said. Looked up once a statement. */
#define JOURNAL_YOUNGER_THAN(when)                                                                 \
    "(coalesce(runs.clock_set, 0) = 0 AND runs.number >"                                           \
    " coalesce((SELECT min(+earlier.number) FROM runs AS earlier"                                  \
    " WHERE earlier.began_ns >= " when " AND earlier.clock_set = 1), 9223372036854775807))"

/* What is known about the wall clock. */
struct clock_facts {
    bool synced;     /* the kernel says that somebody keeps it right */
    bool keeps_time; /* the machine has a clock that runs without power */
    int64_t wall_ns;
};
/* A board without such a clock begins with the time of its last stop, or with 1970. */
bool journal_clock_is_set(const struct clock_facts *facts);

struct run_mark journal_mark_run(int64_t began_ns, int64_t seq);

/* ---- is it as it was written? ---- */

/* Of all that the verdict of the run depends on, and the verdict itself (docs/journal.md). It does
 * not depend on the run's number, nor on the ids of the rows. SQLite's code; SQLITE_NOTFOUND for no
 * such run. */
int journal_digest(sqlite3 *db, int64_t number, uint8_t digest[SHA256_BYTES]);
/* The digest that is kept compared with that. SQLite's code. */
int journal_digest_look(sqlite3 *db, int64_t number, enum record_state *state);

/* -1 for no such name. */
int journal_verdict_from_name(const char *name);

/* ---- what is written ---- */

enum journal_job_kind { JOB_BEGIN, JOB_APPEND, JOB_FINISH };

/* runs.eyes, a set. */
enum {
    JOURNAL_EYES_LED = 1,
    JOURNAL_EYES_COLOUR = 2,
    JOURNAL_EYES_SOUND = 4,
    JOURNAL_EYES_RADIO = 8,
    JOURNAL_EYES_CONTACTS = 8, /* from that bit on the actuators that have a contact sense */
};

/* Copies, all of it, in the job's arena. */
struct job_begin {
    const char *model;
    const char *procedure;
    const char *kind;
    const char *source;
    const char *unit;
    const char *bench;
    const char *station;
    RUN_FACTS(RUN_FACT_MEMBER)
    const char *operator_name;
    const char *batch;
    int64_t attempt;
    bool simulated;
    struct sensors sensors;
    const char *const *hazards;
    size_t hazard_count;
    const char *profile_text;
    size_t profile_length;
    const char *bench_text;
    size_t bench_length;
    const char *program;
    const char *libgpiod;
    const char *bluez;
    int64_t began_ns; /* wall clock */
    struct run_mark mark;
};

struct job_append {
    struct packed packed;
    int64_t origin_ns;
    int64_t began_ns;  /* wall clock at origin_ns */
    const char *bluez; /* NULL: nothing new */
};

struct job_finding {
    const char *what;
    const char *result;
    const char *expected;
    const char *observed;
    const char *reason;
    const char *object;
    const char *error;
    const int64_t *margin_ns; /* NULL: none */
    const int64_t *at_ns;     /* NULL: none */
    bool needed;
};

struct job_finish {
    const char *verdict;
    const char *reason;
    const char *next;
    const char *end;
    const char *led_seen; /* NULL: not watched */
    bool led_truncated;
    bool led_lost;
    int64_t duration_ns;
    int64_t pulses_unkept;
    const struct job_finding *findings;
    size_t finding_count;
};

struct journal_job {
    struct journal_job *next;
    enum journal_job_kind kind;
    int64_t handle;
    struct arena arena; /* the job itself lives in it */
    struct job_begin begin;
    struct job_append append; /* JOB_APPEND, JOB_FINISH */
    struct job_finish finish;
};

struct journal_job *journal_job_new(enum journal_job_kind kind, int64_t handle);
void journal_job_free(struct journal_job *job);
/* Fill in what begins and what ends a run; its timeline is the caller's to pack. */
void journal_job_begin(struct journal_job *job, const struct journal_run *run);
void journal_job_finish(struct journal_job *job, const struct record *record,
                        int64_t pulses_unkept);
/* A copy as it stands in the journal; NULL of NULL. */
const char *journal_printable(struct arena *arena, const char *text);

/* Each one transaction. SQLite's code; the number of the run is got or given. */
int journal_store_begin(sqlite3 *db, const struct job_begin *begin,
                        const struct journal_process *self, int64_t *number);
int journal_store_append(sqlite3 *db, const struct job_append *append, int64_t number);
int journal_store_finish(sqlite3 *db, const struct job_append *append,
                         const struct job_finish *finish, int64_t number);

/* ---- what is read ---- */

/* A profile or bench file that runs were run with, loaded, and held by each of them that is in
 * memory: journal_texts.c. */
struct kept_text;
enum text_kind { TEXT_PROFILE, TEXT_BENCH };

enum { JOURNAL_TEXTS = 16 };
struct journal_texts { /* the last ones */
    struct kept_text *items[JOURNAL_TEXTS];
    size_t next;
};

/* The one of that hash, held once more; NULL: it is not among the last. */
struct kept_text *journal_text_find(const struct journal_texts *texts, enum text_kind kind,
                                    const char *hash);
/* Make it one of them: it has that hash. Held by the caller, too. */
struct kept_text *journal_text_keep(struct journal_texts *texts, enum text_kind kind,
                                    const char *hash, const void *text, size_t length);
/* The run has it. NULL is fine. */
void journal_text_give(const struct kept_text *kept, struct whole_run *run);
void journal_text_drop(struct kept_text *kept); /* NULL is fine */
void journal_texts_free(struct journal_texts *texts);

struct journal_reader {
    sqlite3 *db;
    char *path;
    struct journal_bound bound;
    struct journal_texts texts;
};

/* SELECT of all that a kept_run is made of, without WHERE, after journal_find_gone. */
extern const char journal_select_runs[];

/* " WHERE ...", for a SELECT of runs (with units joined or not), after journal_find_gone;
 * parameters from ?1, ?13 is the caller's. In `arena`. What is asked for is looked up in that index
 * of the file's in which the fewest runs are. */
const char *journal_filter_sql(sqlite3 *db, struct arena *arena, const struct run_filter *filter);
void journal_bind_filter(sqlite3_stmt *statement, const struct run_filter *filter);

/* SQL: under what a run is compared with others (run_filter.versions). The index is of this. */
#define JOURNAL_VERSION "coalesce(runs.unit_firmware, runs.sim_firmware, 'not given')"

/* One row of it; texts in `arena`. False for a row that cannot be. */
bool journal_read_row(sqlite3_stmt *statement, struct arena *arena, struct kept_run *run);

/* A column's text, printable; NULL for NULL. */
const char *journal_column_text(sqlite3_stmt *statement, int column, struct arena *arena);

/* Adds an error for what SQLite said of the reader's file. Returns -1. */
int journal_read_failed(const struct journal_reader *reader, struct diags *diags);

#endif
