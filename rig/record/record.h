/*
 * A stored run: everything needed to show it and to judge it again, as one JSON object. `longpress
 * run --json` prints it, `longpress judge` reads it. Its members are described in
 * docs/run.schema.md.
 */
#ifndef LONGPRESS_RIG_RECORD_H
#define LONGPRESS_RIG_RECORD_H

#include "rig/base/diag.h"
#include "rig/judge/judge_again.h"
#include "rig/plan/plan.h"
#include "rig/record/run_facts.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stdio.h>

/* Has a record been changed since it was written? A digest over its parts shows accidental changes;
 * it is not a seal, since anyone who changes a record can recompute the digest. */
enum record_state {
    RECORD_AS_WRITTEN, /* or just made */
    RECORD_CHANGED,
    RECORD_WITHOUT_DIGEST, /* from a longpress without digests, or of an interrupted run */
};

/* "as_written", "changed", "without_digest". */
const char *record_state_name(enum record_state state);
/* The same as a sentence for people, without its full stop; NULL if it is unchanged. */
const char *record_state_words(enum record_state state);

/* What is stored beside the timeline. All members are borrowed. */
struct record {
    const char *version; /* of the program */
    bool simulated;
    const char *bench; /* path or "sim" */
    const char *station;
    const char *unit; /* serial number; NULL: not given */
    RUN_FACTS(RUN_FACT_MEMBER)
    const struct profile *profile;
    const struct procedure *procedure;
    const struct station *bench_station; /* names of actuators and inputs; not needed for judging */
    const char *const *accepted_hazards;
    size_t accepted_count;
    struct sensors sensors;
    enum run_end end;
    const struct timeline *timeline;
    const struct judgement *judgement;
    enum record_state state;
};

/* Print one object and a newline, with its digest unless the record has none or a wrong one. 0, or
 * -1 with errno if writing failed. */
int record_write(const struct record *record, FILE *out);

/* A stored run as read: what the judge needs to know about it. Owns everything. */
struct stored_run {
    struct arena arena;
    const char *version;
    bool simulated;
    const char *model;
    const char *procedure;
    const char *bench;
    const char *station;
    const char *unit;
    const char *unit_firmware;
    enum verdict verdict; /* as it was judged at the time */
    struct sensors sensors;
    enum run_end end;
    struct timeline timeline;
    enum record_state state;
};

/* Limits of a stored run: its bytes and values. No instant is further from the run's origin than
 * RECORD_NS_MAX, 36 years, nor the origin from the clock's zero. */
enum {
    RECORD_BYTES_MAX = 16 * 1024 * 1024,
    RECORD_VALUES_MAX = 1000000,
};
#define RECORD_NS_MAX (INT64_C(1) << 60)

/* Read one; `-` is standard input. NULL after an error (file:line:column for JSON, the member's
 * path for its contents). The file is untrusted. */
struct stored_run *record_read(struct diags *diags, const char *path);
struct stored_run *record_read_text(struct diags *diags, const char *name, const char *text,
                                    size_t length);
void record_stored_run_free(struct stored_run *run);

/* Print today's judgement of a stored run, as one object and a newline. 0, or -1 with errno. */
int record_write_again(const struct stored_run *run, const struct profile *profile,
                       const struct procedure *procedure, const struct judged_again *again,
                       FILE *out);

#endif
