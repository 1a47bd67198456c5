/* A comparison of firmware versions as a document: HTML with charts, or JSON. */
#ifndef LONGPRESS_RIG_COMPARE_PAGE_H
#define LONGPRESS_RIG_COMPARE_PAGE_H

#include "rig/compare/compare.h"

#include <stdbool.h>
#include <stdio.h>

enum { COMPARE_GROUPS_MAX = 8 };

struct compare_page {
    const char *model;
    const char *procedure;
    const char *version; /* of the program */
    const char *asked;   /* which runs, in words; NULL: all */
    int64_t made_ns;     /* wall clock */
    bool simulated;
    int64_t limit_ns; /* 0: none */
    /* The first is the reference. */
    struct compare_group groups[COMPARE_GROUPS_MAX];
    size_t group_count;
    /* Of each group but the first, in its place; by measure. */
    struct comparison comparisons[COMPARE_GROUPS_MAX][MEASURE_COUNT];
};

/* Fill in the comparisons. */
void report_compare_all(struct compare_page *page);
void report_compare_page_free(struct compare_page *page);

/* 0, or -1 with errno. */
int report_compare_html(const struct compare_page *page, FILE *out);
int report_compare_json(const struct compare_page *page, FILE *out);

/* Is there anything to say of it? Ends of windows are seldom sought. */
bool report_compare_shown(const struct compare_page *page, enum measure measure);

/* "12 runs of 3 units; 48 presses of 2 units for the threshold", "1 run; 3 more without a value: 2
 * inconclusive, 1 aborted". `out` takes COMPARE_RUNS_TEXT_MAX bytes. Returns `out`. */
enum { COMPARE_RUNS_TEXT_MAX = 320 };
char *report_compare_runs_text(char *out, const struct compare_group *group);

/* What to know of all of it, in a few sentences. */
extern const char report_compare_caveat[];

#endif
