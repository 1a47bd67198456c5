/* What a run asks about earlier runs while the journal is open for writing. */
#include "rig/journal/journal_writer.h"

#include "rig/timeline/evidence.h"

enum { SEEN_BUSY_MS = 100 };

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

static const char select_unit_seen[] =
    "SELECT verdict, began_ns FROM units JOIN runs ON unit_id = units.id"
    " WHERE units.model = ? AND serial = ? COLLATE NOCASE AND procedure = ?"
    " AND simulated = ? AND verdict IS NOT NULL ORDER BY number DESC LIMIT 1";

bool journal_unit_seen(struct journal *journal, const char *model, const char *procedure,
                       const char *unit, bool simulated, enum verdict *verdict, int64_t *wall_ns)
{
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *statement =
        can_ask(journal) ? journal_prepare(journal->reader, select_unit_seen) : NULL;
    bool seen = false;

    if (statement) {
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

/* The address in a chunk of a timeline. */
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
    sqlite3_stmt *statement = can_ask(journal) ? journal_prepare(journal->reader, sql) : NULL;
    bool found = false;

    if (statement) {
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
