/*
 * What a play acts on: the set-up of the next program, the program that runs, the masks, and what
 * went wrong.
 */
#ifndef LONGPRESS_TESTS_TUI_STAGE_H
#define LONGPRESS_TESTS_TUI_STAGE_H

#include "tests/tui/golden.h"
#include "tests/tui/play.h"
#include "tests/tui/ptyvt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAGE_ENVIRONMENT_MAX = 64 };

struct stage {
    int rows;
    int columns;
    char *environment[STAGE_ENVIRONMENT_MAX + 1]; /* of programs, and of `sh` */
    size_t environment_count;
    char folder[256]; /* $TMP: fresh, and gone afterwards */
    const char *golden_folder;
    bool update;
    double slow;  /* all waits are so many times longer */
    bool lenient; /* the program may send what it likes, and leave the terminal as it likes */
    struct masks masks;

    struct ptyvt *pty; /* NULL: nothing was run yet */
    bool ended;        /* ... and its end was asked for */
    bool hung_up;
    int64_t mark_ns; /* measuring since */
    uint64_t mark_bytes;
    int64_t mark_cpu_ns;

    const struct play_line *line; /* that is played */
    bool skipped;
    char error[8192];
};

/* False: error. `build` is the folder of the programs. */
bool stage_open(struct stage *stage, const char *build);
void stage_close(struct stage *stage);

/* Sets (`value` NULL: unsets) an environment variable. */
bool stage_set(struct stage *stage, const char *name, const char *value);
const char *stage_get(const struct stage *stage, const char *name);
/* A word with $NAME replaced. The caller frees it; NULL: `error` says which is not set. */
char *stage_expand(struct stage *stage, const char *text);

/* Keeps the sentence; always false. */
bool stage_fail(struct stage *stage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For ptyvt_until: the terminal is as it was. */
bool stage_is_restored(struct ptyvt *pty, void *context);
/* The last program is done with: its complaints and what it left of the terminal are checked. */
bool stage_check_end(struct stage *stage);

/* Plays one line (repeat and } aside). False: it failed, or the play is skipped. */
bool stage_play(struct stage *stage, const struct play_line *line);
/* The commands' usages, one a call; NULL: no more. */
const char *stage_usage(size_t index);

#endif
