/*
 * A place for a journal, gone with the test; runs to keep in it; and what must be true of whatever
 * is found in it afterwards.
 */
#ifndef LONGPRESS_TESTS_JOURNAL_PLACE_H
#define LONGPRESS_TESTS_JOURNAL_PLACE_H

#include "rig/journal/journal.h"
#include "rig/journal/journal_read.h"
#include "tests/unit/run_by_hand.h"

enum { JOURNAL_WAIT_MS = 20000 };

struct journal_place {
    char folder[64];
    char path[128];
    struct run_by_hand run;
    struct journal_run kept; /* of that run */
};

/* For cmocka: *state is a struct journal_place. */
int journal_place_make(void **state);
int journal_place_remove(void **state);

/* The same run, made a moment later: no two begin at the same instant. The parts are the caller's.
 */
struct later_run {
    struct timeline timeline;
    struct record record;
    struct journal_run kept;
};
void later_run_make(struct later_run *run, const struct journal_place *at, int64_t later_ns);

/* Fail the test when they cannot. */
struct journal *journal_must_open(const char *path);
struct journal_reader *journal_must_read(const char *path);
struct whole_run *journal_must_load(struct journal_reader *reader, int64_t number);

/* A run is handed over whole, and waited for. Its number. */
int64_t journal_keep(struct journal *journal, const struct journal_run *run);

void same_timeline(const struct timeline *a, const struct timeline *b);
void same_judgement(const struct judgement *a, const struct judgement *b);

/* The file is sound, and every run in it is whole: done with all of `run`, or without a verdict
 * with a beginning of it. Returns how many are done; `numbers` (or NULL) says that those are among
 * them. */
int64_t journal_check(const struct journal_place *at, const int64_t *numbers, size_t count);

/* How many runs are in a state. */
int64_t journal_count_state(const char *path, unsigned filter);

#endif
