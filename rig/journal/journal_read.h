/*
 * Reading the journal: lists of runs, and single complete runs as they were judged at the time.
 * Readers and writers never wait for each other; a list shows one state of the file from its first
 * run to its last.
 *
 * A file may contain anything: texts are made printable (rig/base/text.h), and an impossible value
 * is an error of its run.
 */
#ifndef LONGPRESS_RIG_JOURNAL_READ_H
#define LONGPRESS_RIG_JOURNAL_READ_H

#include "rig/base/diag.h"
#include "rig/bench/bench.h"
#include "rig/format/sha256.h"
#include "rig/profile/profile.h"
#include "rig/record/record.h"
#include "rig/threshold/characterize.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kept_state {
    KEPT_RUNNING,     /* it has no verdict yet; the process that runs it was there just now */
    KEPT_DONE,        /* it has a verdict */
    KEPT_INTERRUPTED, /* the process or the machine stopped before there was one */
};

enum kept_clock {
    KEPT_CLOCK_UNKNOWN, /* of a longpress that did not look */
    KEPT_CLOCK_SET,
    KEPT_CLOCK_NOT_SET, /* nobody had told the machine the time: began_ns dates nothing */
};

/* A run without its timeline and findings. Texts are NULL where nothing is known. */
struct kept_run {
    int64_t number; /* by which people name it; never given twice */
    enum kept_state state;
    int64_t began_ns;     /* wall clock, ns since 1970 UTC */
    int64_t duration_ns;  /* to the last that was seen; 0 unless done */
    enum verdict verdict; /* KEPT_DONE; else VERDICT_ERROR, so that nobody takes it for a pass */
    const char *reason;   /* one sentence, never NULL */
    const char *next;
    const char *model;     /* never NULL */
    const char *procedure; /* never NULL */
    const char *kind;      /* of the procedure: soft, network, ... */
    const char *source;    /* of the procedure's claims */
    const char *unit;
    const char *bench;
    const char *station;
    bool simulated;
    RUN_FACTS(RUN_FACT_MEMBER)
    const char *operator_name;
    const char *batch;
    int attempt;
    const char *led_seen; /* canonical pattern; NULL: not watched */
    int64_t
        pulses_unkept;   /* LED pulses past what is kept of one run (rig/journal/journal_pack.h) */
    const char *program; /* versions */
    const char *kernel;
    const char *libgpiod;
    const char *bluez;
    const char *uuid;      /* by which it is known wherever it is kept; NULL: of a run of before */
    enum kept_clock clock; /* whether began_ns can be believed */
    char profile_hash[SHA256_TEXT_MAX]; /* of the profile's text; "": not kept */
    char bench_hash[SHA256_TEXT_MAX];
};

/* Was that the unit? Serial number and firmware are the same to the letter, and so is the firmware
 * file of a simulated one; NULL, which nobody told, is the same as NULL only. */
bool journal_kept_run_is_of(const struct kept_run *run, const char *unit, const char *unit_firmware,
                            const char *sim_firmware);

/* Under what it is compared with others: its unit's firmware, else the simulated one's, else "not
 * given". */
const char *journal_kept_run_version(const struct kept_run *run);

/* Which runs; zeroed: all. Texts match whole, ASCII letter case ignored; NULL: any. */
struct run_filter {
    const char *model;
    const char *procedure;
    const char *unit;
    const char *station;
    const char *unit_firmware;
    const char *batch;
    const char *operator_name;
    const char *const *versions; /* one of these is journal_kept_run_version(); none: any */
    size_t version_count;
    int64_t since_ns;  /* wall clock at its begin: at or after, 0: any ... */
    int64_t until_ns;  /* ... and before, 0: any */
    int64_t limit;     /* the latest so many; 0: all */
    unsigned verdicts; /* set of 1U << enum verdict, FILTER_INTERRUPTED, FILTER_RUNNING; 0: any */
    enum filter_reality { FILTER_ALL, FILTER_REAL, FILTER_SIMULATED } reality;
    bool latest_first; /* order; else as they were made */
    bool presses;      /* of `characterize` only */
};

enum { FILTER_INTERRUPTED = 1U << 8, FILTER_RUNNING = 1U << 9 };

struct journal_reader;

/* NULL after an error: no file, no journal, a newer one. */
struct journal_reader *journal_reader_open(struct diags *diags, const char *path);
void journal_reader_close(struct journal_reader *reader);

struct run_list;

/* NULL after an error. To be closed before the reader. */
struct run_list *journal_run_list_open(struct journal_reader *reader, struct diags *diags,
                                       const struct run_filter *filter);
/* The next run, good until the next call; NULL at the end, and after an error. */
const struct kept_run *journal_run_list_next(struct run_list *list);
/* 0, or -1 when the list broke off because of an error, which is told. NULL is fine. */
int journal_run_list_close(struct run_list *list, struct diags *diags);

/* How many there are; -1 after an error. */
int64_t journal_run_count(struct journal_reader *reader, struct diags *diags,
                          const struct run_filter *filter);

/* A run with all that is known of it. */
struct whole_run {
    struct arena arena;
    struct kept_run about;
    struct stored_run stored;   /* for judging it again; its verdict is about.verdict */
    struct judgement judgement; /* as it was judged then; without findings unless KEPT_DONE */
    const char *profile_text;   /* what it was run with; NULL: not kept */
    size_t profile_length;
    const char *bench_text;
    size_t bench_length;
    const char *const *hazards; /* that were accepted */
    size_t hazard_count;
    /* What is not as it was kept ("the profile"), and is left out: no verdict can be had of the run
     * any more. NULL: nothing was seen to be damaged. */
    const char *damaged;

    struct kept_text *kept[2]; /* of which are profile, bench and their texts; owned */

    /* What it was run with, loaded; NULL when it was not kept, or today's longpress does not take
     * it any more. Other runs may have the same. */
    struct profile *profile;
    const struct procedure *procedure;
    struct characterize *series; /* of a press of one: its variant is the procedure; else NULL */
    struct bench *bench;
    const struct station *station;

    /* The same for those who show or write a run (tui/print/print_run.h, tui/print/print_chart.h,
     * record_write): where profile or bench are NULL stand-ins take their place, that know names
     * only. */
    struct record record;
};

/* Is the run as it was written? *state; -1 after an error. */
int journal_state_of(struct journal_reader *reader, struct diags *diags, int64_t number,
                     enum record_state *state);

/* NULL after an error: no such run, or one that cannot be. What is damaged is told as a warning. */
struct whole_run *journal_load(struct journal_reader *reader, struct diags *diags, int64_t number);
void journal_whole_run_free(struct whole_run *run);

const char *journal_kept_state_name(enum kept_state state);

#endif
