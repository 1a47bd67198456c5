/*
 * Reports of runs for people (HTML), spreadsheets (CSV), continuous integration (JUnit XML) and
 * programs (JSON).
 *
 * Everything that came from outside (serials, names, reasons) is made printable and escaped for its
 * place. In no format does anything that was not observed look like a pass, and a simulated run is
 * always marked as such.
 *
 * Nothing here reads a clock, a journal or a file: the caller fills in a struct report.
 */
#ifndef LONGPRESS_RIG_REPORTS_H
#define LONGPRESS_RIG_REPORTS_H

#include "rig/judge/judge.h"
#include "rig/profile/profile.h"
#include "rig/record/record.h"
#include "rig/report/svg_threshold.h"
#include "rig/timeline/timeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What was found of one expectation. Texts are borrowed and may be hostile. */
struct report_finding {
    const char *what; /* "led", "disconnects", ... */
    const char *expected;
    const char *observed;
    const char *reason;
    int64_t margin_ns; /* as a finding's (rig/judge/judge.h) */
    int64_t at_ns;     /* when it was observed, from the run's begin */
    enum expect_result result;
    bool needed;
    bool has_margin;
    bool has_at;
};

/* What a drawing is made from. Without a timeline there is none; without a procedure it shows no
 * windows. */
struct report_drawing {
    const struct procedure *procedure;
    const struct timeline *timeline;
};

/* Why a run is drawn (rig/report/report_picks.h). */
enum report_pick {
    PICK_EACH, /* as each of the page is */
    PICK_FAILED,
    PICK_NEAREST, /* it passed, with less margin than others */
    PICK_SAMPLE,
    PICK_LEFT_OUT, /* it is not */
};

/* One run. Texts are borrowed and may be hostile; NULL where it says so. */
struct report_run {
    int64_t number;  /* by which people name it; 0: it has none */
    int64_t wall_ns; /* when it began, ns since 1970 UTC */
    int64_t duration_ns;
    const char *model;
    const char *procedure;
    const char *unit;          /* or NULL: not given */
    const char *unit_firmware; /* as the operator or the unit says; or NULL */
    const char *sim_firmware;  /* the simulated unit's firmware file and version; or NULL */
    const char *station;
    const char *operator_name; /* or NULL */
    const char *batch;         /* or series; or NULL */
    const char *version;       /* of the program that made it; or NULL */
    bool simulated;
    bool interrupted;        /* it broke off, and never came to a verdict */
    bool running;            /* it still goes on, and has none yet */
    bool clock_not_set;      /* wall_ns dates nothing */
    enum verdict verdict;    /* means nothing when it has none */
    enum record_state state; /* of its record; means nothing without a verdict */
    enum report_pick pick;
    const char *reason;  /* of the verdict */
    const char *damaged; /* what of it is not as it was kept ("the profile"); or NULL */
    const char *next;    /* what to do, or "" */
    const struct report_finding *findings;
    size_t finding_count;
    const char *drawn; /* as svg_run() wrote it; NULL: it is made of ... */
    struct report_drawing drawing;
};

/* What a search for a threshold found (`characterize`). Texts are borrowed and may be hostile. */
struct report_threshold {
    const char *model;
    const char *procedure; /* as claimed */
    const char *beyond;    /* NULL: where its reset starts; else what a longer hold becomes */
    bool simulated;
    struct threshold_row row; /* its label is the firmware */
};

/* JUnit: what a test case is named after, so that it is found again in the next report. */
enum report_names {
    REPORT_NAMES_STABLE, /* model, procedure, expectation; serial and run are properties */
    REPORT_NAMES_UNIT,   /* ... and serial and run */
};

struct report {
    const struct report_run *runs;
    size_t journal_run_count;
    const char *version;     /* of the program that writes the report */
    const char *host;        /* on which it is written; NULL: not told */
    const char *asked;       /* which runs were asked for, in words; NULL: all there are */
    int64_t made_ns;         /* when, ns since 1970 UTC */
    enum report_names names; /* JUnit only */
    bool excel;              /* CSV only: rig/format/csv.h */
    const struct report_threshold *thresholds; /* HTML only */
    size_t threshold_count;
    bool draw_said; /* HTML only: which runs are drawn is what was asked for */
};

/* Each writes a whole document. 0, or -1 with errno when writing failed. */

/* UTF-8, RFC 4180, one header line, a line for each expectation of each run (one for a run without
 * any). No cell is a formula to a spreadsheet: rig/format/csv.h. */
int report_csv(const struct report *report, FILE *out);
/* A test suite for each run (with REPORT_NAMES_UNIT: for each model, procedure and firmware); in it
 * for each run a test case for each expectation and one for the verdict. How results become
 * outcomes: see report_junit.c. */
int report_junit(const struct report *report, FILE *out);
/* One self-contained file without scripts, light and dark, printable. */
int report_html(const struct report *report, FILE *out);
/* One object; its members are described in docs/run.schema.md. */
int report_json(const struct report *report, FILE *out);

/* ---- what they have in common, and others may ask for --------------------------------------- */

/* A record as a report's run; `findings` takes PROFILE_EXPECT_MAX and must live as long. */
struct report_run report_run_of(const struct record *record, struct report_finding *findings);

bool report_has_verdict(const struct report_run *run);
/* Why it has none: a sentence without its full stop; NULL when it has one. */
const char *report_no_verdict(const struct report_run *run);
/* Its record's state by name (rig/record/record.h); NULL of a run without a verdict. */
const char *report_record_state(const struct report_run *run);
/* "pass", ..., "interrupted", "running". */
const char *report_verdict(const struct report_run *run);
/* Under what its runs are compared: the unit's firmware, else the simulated one's, else "not
 * given". */
const char *report_firmware(const struct report_run *run);
/* Same model, procedure and firmware, and simulated or not alike? */
bool report_same_kind(const struct report_run *a, const struct report_run *b);

/* The id of run `index` of a page, and of its drawing. Returns `out`. */
enum { REPORT_ID_MAX = 32 };
char *report_html_id(char out[REPORT_ID_MAX], size_t index);

enum { REPORT_WHEN_MAX = 40, REPORT_MARGIN_MAX = 40 };
/* "2026-11-25 08:00:24 UTC"; with `iso` "2026-11-25T08:00:24Z". Returns `out`. */
char *report_when(char out[REPORT_WHEN_MAX], int64_t wall_ns, bool iso);
/* Milliseconds, exact, without a unit: "-31.5". Returns `out`. */
char *report_ms(char out[REPORT_MARGIN_MAX], int64_t duration_ns);

#endif
