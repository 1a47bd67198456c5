/*
 * The digest of a run: SHA-256 over everything that its verdict depends on, in one canonical form.
 * Each column that is not NULL is included with its name, so that columns added by later versions
 * of the journal do not change older digests.
 */
#include "rig/journal/journal_internal.h"

#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t *data; /* owned */
    size_t used;
    size_t room;
};

static void put(struct bytes *out, const void *data, size_t length)
{
    if (out->room - out->used < length) {
        out->room = 2 * (out->used + length);
        out->data = xrealloc_array(out->data, out->room, 1);
    }
    if (length > 0) {
        memcpy(out->data + out->used, data, length);
    }
    out->used += length;
}

static void put_number(struct bytes *out, uint64_t value)
{
    uint8_t bytes[sizeof(value)];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(value >> (8 * (sizeof(bytes) - 1 - i)));
    }
    put(out, bytes, sizeof(bytes));
}

static void put_counted(struct bytes *out, const void *data, size_t length)
{
    put_number(out, length);
    put(out, data, length);
}

/* "i" and the number, "t" or "b" and a text or blob with its length before it. */
static void put_value(struct bytes *out, sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        put(out, "i", 1);
        put_number(out, (uint64_t)sqlite3_value_int64(value));
        break;
    case SQLITE_BLOB:
        put(out, "b", 1);
        put_counted(out, sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value));
        break;
    default:
        put(out, "t", 1);
        put_counted(out, sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value));
        break;
    }
}

static void put_row(struct bytes *out, sqlite3_stmt *row)
{
    put(out, "row", 3);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        if (sqlite3_column_type(row, i) != SQLITE_NULL) {
            put_counted(out, name, strlen(name));
            put_value(out, sqlite3_column_value(row, i));
        }
    }
}

/* The rows of one part of the run; *rows counts them. */
static int put_part(struct bytes *out, sqlite3 *db, const char *sql, int64_t number, int *rows)
{
    sqlite3_stmt *statement = journal_prepare_kept(db, sql);
    int code = statement ? SQLITE_OK : sqlite3_extended_errcode(db);

    put(out, "part", 4);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, number);
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            put_row(out, statement);
            (*rows)++;
        }
    }
    journal_done(statement);
    return code == SQLITE_DONE ? SQLITE_OK : journal_code(db, code);
}

/* Later columns come last, so that older digests do not change. */
#define NAME(name)  ", runs." #name
#define ADDED_NAMES RUN_FACTS_ADDED(NAME)

int journal_digest(sqlite3 *db, int64_t number, uint8_t digest[SHA256_BYTES])
{
    static const char run[] =
        "SELECT runs.began_ns, runs.origin_ns, runs.duration_ns, runs.model, runs.procedure,"
        " runs.kind, runs.source, units.model AS unit_model, units.serial, runs.unit_firmware,"
        " runs.bench, runs.station, runs.simulated, runs.sim_firmware, runs.operator, runs.batch,"
        " runs.attempt, runs.eyes, profiles.hash AS profile, benches.hash AS bench_file,"
        " versions.program, versions.kernel, versions.libgpiod, versions.bluez, runs.verdict,"
        " runs.reason, runs.next, runs.ended, runs.led_seen, runs.led_truncated, runs.led_lost,"
        " runs.pulses_unkept, runs.uuid, runs.clock_set, runs.boot, runs.boot_ns, "
        "runs.boot_seq" ADDED_NAMES " FROM runs LEFT JOIN units ON units.id = runs.unit_id"
        " LEFT JOIN versions ON versions.id = runs.version_id"
        " LEFT JOIN contents AS profiles ON profiles.id = runs.profile_id"
        " LEFT JOIN contents AS benches ON benches.id = runs.bench_id WHERE runs.number = ?";
    static const char *const parts[] = {
        "SELECT seq, hazard FROM hazards WHERE run = ? ORDER BY seq",
        "SELECT seq, entries, packed FROM timelines WHERE run = ? ORDER BY seq",
        "SELECT seq, what, needed, result, expected, observed, reason, margin_ns, at_ns, object,"
        " error FROM findings WHERE run = ? ORDER BY seq",
        "SELECT seq, moment, at_ns, name, type, value, raw FROM settings WHERE run = ?"
        " ORDER BY seq",
    };
    struct bytes all = {.data = NULL};
    int rows = 0;
    int code = put_part(&all, db, run, number, &rows);

    if (code == SQLITE_OK && rows == 0) {
        code = SQLITE_NOTFOUND;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && code == SQLITE_OK; i++) {
        code = put_part(&all, db, parts[i], number, &rows);
    }
    if (code == SQLITE_OK) {
        sha256(all.data, all.used, digest);
    }
    free(all.data);
    return code;
}

int journal_digest_look(sqlite3 *db, int64_t number, enum record_state *state)
{
    uint8_t is[SHA256_BYTES];
    sqlite3_stmt *row = journal_prepare_kept(db, "SELECT digest FROM runs WHERE number = ?");
    int code = row ? SQLITE_OK : sqlite3_extended_errcode(db);

    if (code == SQLITE_OK) {
        sqlite3_bind_int64(row, 1, number);
        code = sqlite3_step(row) == SQLITE_ROW ? SQLITE_OK : SQLITE_NOTFOUND;
    }
    if (code == SQLITE_OK && sqlite3_column_type(row, 0) == SQLITE_NULL) {
        *state = RECORD_WITHOUT_DIGEST;
    } else if (code == SQLITE_OK && (code = journal_digest(db, number, is)) == SQLITE_OK) {
        const void *kept = sqlite3_column_blob(row, 0);
        bool same = kept && sqlite3_column_bytes(row, 0) == SHA256_BYTES &&
                    memcmp(kept, is, sizeof(is)) == 0;
        *state = same ? RECORD_AS_WRITTEN : RECORD_CHANGED;
    }
    journal_done(row);
    return code;
}
