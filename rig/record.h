/*
 * A run, kept: everything that is needed to show it, and to judge it again, as one JSON object.
 * `longpress run --json` prints it, `longpress judge` reads it. Its members are described in
 * docs/run.schema.md.
 */
#ifndef LONGPRESS_RIG_RECORD_H
#define LONGPRESS_RIG_RECORD_H

#include "rig/diag.h"
#include "rig/judge.h"
#include "rig/plan.h"
#include "rig/timeline.h"

#include <stdbool.h>
#include <stdio.h>

/* What stands beside the timeline. Borrowed, all of it. */
struct record {
    const char *version; /* of the program */
    bool simulated;
    const char *bench;         /* path or "sim" */
    const char *station;
    const char *unit;          /* serial, NULL: not given */
    const char *unit_firmware; /* version as the operator says, NULL */
    const char *sim_firmware;  /* the simulated unit's firmware file and version, NULL */
    const struct profile *profile;
    const struct procedure *procedure;
    const struct station *bench_station; /* names of actuators and inputs; not needed to judge */
    const char *const *accepted_hazards;
    size_t accepted_count;
    struct eyes eyes;
    enum engine_end end;
    const struct timeline *timeline;
    const struct judgement *judgement;
};

/* One object and a newline. 0, or -1 with errno when writing failed. */
int record_write(const struct record *record, FILE *out);

/* A stored run as read. Owns everything; texts live in the timeline's arena. */
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
    const char *verdict; /* as it was judged then */
    struct eyes eyes;
    enum engine_end end;
    struct timeline timeline;
};

enum { RECORD_BYTES_MAX = 64 * 1024 * 1024 };

/* Read one. NULL after an error (file:line:column for JSON, the member's path for its contents);
 * hostile files are expected. */
struct stored_run *record_read(struct diags *diags, const char *path);
void stored_run_free(struct stored_run *run);

#endif
