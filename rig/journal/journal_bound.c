/*
 * Pages of a damaged file can refer to each other in a loop. This bounds every query all the same.
 */
#include "rig/journal/journal_internal.h"

enum {
    LOOK_EVERY = 20000,       /* of SQLite's instructions */
    AT_LEAST = 2000000,       /* some ten milliseconds */
    OF_EACH_BYTE = 4,         /* a run takes more than 1 kB, and looking at it some 300 of them */
    BYTES_UNKNOWN = 16777216, /* what is said of no size */
};

static int is_used_up(void *context)
{
    struct journal_bound *bound = context;

    bound->left -= LOOK_EVERY;
    return bound->left < 0;
}

void journal_bound_set(sqlite3 *db, struct journal_bound *bound)
{
    int64_t pages = 0;
    int64_t page_bytes = 0;
    bool known = journal_sql_int(db, &pages, "PRAGMA page_count", "") == SQLITE_OK &&
                 journal_sql_int(db, &page_bytes, "PRAGMA page_size", "") == SQLITE_OK;

    bound->most = AT_LEAST + OF_EACH_BYTE * (known ? pages * page_bytes : BYTES_UNKNOWN);
    bound->left = bound->most;
    sqlite3_progress_handler(db, LOOK_EVERY, is_used_up, bound);
}

void journal_bound_again(struct journal_bound *bound)
{
    bound->left = bound->most;
}
