/*
 * Moves a spooled run into the journal in one transaction: all of it, or whatever is still missing.
 */
#include "rig/journal/journal_spool.h"

#include <errno.h>
#include <string.h>

struct taking {
    sqlite3 *db;       /* the journal */
    sqlite3 *from;     /* a sound journal with one run, the same version */
    int64_t handed_ns; /* wall clock when the run was handed over */
    int64_t kept;      /* its number in the journal; 0: it is not there */
};

/* ---- rows --------------------------------------------------------------------------------- */

/* A column whose value is not the file's. */
struct own_value {
    const char *column;
    int64_t value; /* 0: NULL */
};

static const struct own_value *own_of(const char *column, const struct own_value *own, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(own[i].column, column) == 0) {
            return &own[i];
        }
    }
    return NULL;
}

/* The row that `from` stands on, into the table of that name: all columns, whichever there are. */
static int copy_row(sqlite3 *db, const char *table, sqlite3_stmt *from, const struct own_value *own,
                    size_t own_count)
{
    struct arena arena = ARENA_INIT;
    int count = sqlite3_column_count(from);
    const char *names = "";
    const char *marks = "";

    for (int i = 0; i < count; i++) {
        names = arena_printf(&arena, "%s%s%s", names, i ? ", " : "", sqlite3_column_name(from, i));
        marks = arena_printf(&arena, "%s%s?", marks, i ? ", " : "");
    }
    sqlite3_stmt *into = journal_prepare(
        db, arena_printf(&arena, "INSERT INTO %s (%s) VALUES (%s)", table, names, marks));
    int code = into ? SQLITE_OK : sqlite3_extended_errcode(db);
    for (int i = 0; i < count && code == SQLITE_OK; i++) {
        const struct own_value *value = own_of(sqlite3_column_name(from, i), own, own_count);
        code = !value         ? sqlite3_bind_value(into, i + 1, sqlite3_column_value(from, i))
               : value->value ? sqlite3_bind_int64(into, i + 1, value->value)
                              : sqlite3_bind_null(into, i + 1);
    }
    if (code == SQLITE_OK) {
        errno = 0;
        code = sqlite3_step(into);
        code = code == SQLITE_DONE ? SQLITE_OK : journal_code(db, code);
    }
    sqlite3_finalize(into);
    arena_free(&arena);
    return code;
}

/* The id of the row that is in every other column as the one that `from` stands on; 0: none. */
static int find_alike(sqlite3 *db, const char *table, sqlite3_stmt *from, int64_t *id)
{
    struct arena arena = ARENA_INIT;
    int count = sqlite3_column_count(from);
    const char *sql = arena_printf(&arena, "SELECT id FROM %s WHERE 1", table);

    for (int i = 1; i < count; i++) {
        sql = arena_printf(&arena, "%s AND %s IS ?%d", sql, sqlite3_column_name(from, i), i);
    }
    sqlite3_stmt *statement = journal_prepare(db, sql);
    int code = statement ? SQLITE_OK : sqlite3_extended_errcode(db);
    for (int i = 1; i < count && code == SQLITE_OK; i++) {
        code = sqlite3_bind_value(statement, i, sqlite3_column_value(from, i));
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        *id = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
        code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : journal_code(db, code);
    }
    sqlite3_finalize(statement);
    arena_free(&arena);
    return code;
}

/* A row that runs share, by its id in the file (the first column); its id in the journal. */
static int take_shared(const struct taking *taking, const char *table, int64_t *id)
{
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *from =
        *id ? journal_prepare(taking->from,
                              arena_printf(&arena, "SELECT * FROM %s WHERE id = ?", table))
            : NULL;
    int64_t there = 0;
    int code = SQLITE_OK;

    if (from && sqlite3_bind_int64(from, 1, *id) == SQLITE_OK && sqlite3_step(from) == SQLITE_ROW) {
        code = find_alike(taking->db, table, from, &there);
        if (code == SQLITE_OK && !there) {
            code = copy_row(taking->db, table, from, &(struct own_value){"id", 0}, 1);
            there = sqlite3_last_insert_rowid(taking->db);
        }
    }
    *id = there;
    sqlite3_finalize(from);
    arena_free(&arena);
    return code;
}

/* ---- the run ------------------------------------------------------------------------------ */

/* The row of runs, and what it refers to. */
static int take_run(struct taking *taking)
{
    static const struct {
        const char *column;
        const char *table;
    } shared[] = {
        {"unit_id", "units"},
        {"profile_id", "contents"},
        {"bench_id", "contents"},
        {"version_id", "versions"},
    };
    enum { SHARED = sizeof(shared) / sizeof(shared[0]) };
    struct own_value own[SHARED + 1] = {{"number", taking->kept}};
    sqlite3_stmt *from = journal_prepare(taking->from, "SELECT * FROM runs");
    int code = from && sqlite3_step(from) == SQLITE_ROW ? SQLITE_OK : SQLITE_CORRUPT;

    for (size_t i = 0; i < SHARED && code == SQLITE_OK; i++) {
        own[i + 1].column = shared[i].column;
        for (int c = 0; c < sqlite3_column_count(from); c++) {
            if (strcmp(sqlite3_column_name(from, c), shared[i].column) == 0) {
                own[i + 1].value = sqlite3_column_int64(from, c);
            }
        }
        code = take_shared(taking, shared[i].table, &own[i + 1].value);
    }
    if (code == SQLITE_OK) {
        code = copy_row(taking->db, "runs", from, own, SHARED + 1);
    }
    if (code == SQLITE_OK && !taking->kept) {
        taking->kept = sqlite3_last_insert_rowid(taking->db);
    }
    sqlite3_finalize(from);
    return code;
}

/* The rows of the run in a table of its parts. */
static int take_parts(const struct taking *taking, const char *table)
{
    struct arena arena = ARENA_INIT;
    sqlite3_stmt *from =
        journal_prepare(taking->from, arena_printf(&arena, "SELECT * FROM %s ORDER BY seq", table));
    int code = from ? SQLITE_OK : SQLITE_CORRUPT;
    int step = SQLITE_DONE;

    while (code == SQLITE_OK && (step = sqlite3_step(from)) == SQLITE_ROW) {
        code = copy_row(taking->db, table, from, &(struct own_value){"run", taking->kept}, 1);
    }
    if (code == SQLITE_OK && step != SQLITE_DONE) {
        code = SQLITE_CORRUPT;
    }
    sqlite3_finalize(from);
    arena_free(&arena);
    return code;
}

/* All of it, replacing what the journal has of the run. */
static int take_whole(struct taking *taking)
{
    static const char *const parts[] = {"hazards", "timelines", "findings", "settings"};
    int code = taking->kept
                   ? journal_sql(taking->db, "DELETE FROM runs WHERE number = ?", "i", taking->kept)
                   : SQLITE_OK;

    if (code == SQLITE_OK) {
        code = take_run(taking);
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && code == SQLITE_OK; i++) {
        code = take_parts(taking, parts[i]);
    }
    if (code == SQLITE_OK) {
        code = journal_sql(taking->db,
                           "UPDATE runs SET state = 'interrupted'"
                           " WHERE number = ? AND state = 'running'",
                           "i", taking->kept);
    }
    return code;
}

/* How much is known of a run: the verdict counts more than anything that went before it. */
#define KNOWN                                                                                      \
    "(SELECT coalesce(sum(entries), 0) FROM timelines WHERE run = number)"                         \
    " + CASE WHEN state = 'done' THEN 1000000000000 ELSE 0 END"

/* The same run in the journal, whole or in part: by its UUID; of a longpress that gave none, by
 * when it began, which is known by both of what it may say there, to the nanosecond. */
static int find_kept(struct taking *taking, int64_t *known)
{
    static const char mine[] = "SELECT began_ns, model, procedure, station, attempt, simulated,"
                               " uuid FROM runs";
    static const char same[] =
        "SELECT number, " KNOWN " FROM runs WHERE began_ns IN (?1, ?8) AND model = ?2"
        " AND procedure = ?3 AND station IS ?4 AND attempt = ?5 AND simulated = ?6";
    static const char by_uuid[] = "SELECT number, " KNOWN " FROM runs WHERE uuid = ?7";
    sqlite3_stmt *from = journal_prepare(taking->from, mine);
    bool there = from && sqlite3_step(from) == SQLITE_ROW;
    bool has_uuid = there && sqlite3_column_type(from, 6) != SQLITE_NULL;
    sqlite3_stmt *found = journal_prepare(taking->db, has_uuid ? by_uuid : same);
    int code = there && found ? SQLITE_OK : SQLITE_CORRUPT;

    for (int i = 0; code == SQLITE_OK && i < sqlite3_column_count(from); i++) {
        code = sqlite3_bind_value(found, i + 1, sqlite3_column_value(from, i));
    }
    if (code == SQLITE_OK && !has_uuid) {
        code = sqlite3_bind_int64(found, 8, taking->handed_ns);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(found);
        taking->kept = code == SQLITE_ROW ? sqlite3_column_int64(found, 0) : 0;
        *known = code == SQLITE_ROW ? sqlite3_column_int64(found, 1) : -1;
        code =
            code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : journal_code(taking->db, code);
    }
    sqlite3_finalize(from);
    sqlite3_finalize(found);
    return code;
}

int journal_adopt(sqlite3 *db, sqlite3 *from, int64_t handed_ns, bool *added)
{
    struct taking taking = {.db = db, .from = from, .handed_ns = handed_ns};
    int64_t known_there = 0;
    int64_t known_here = 0;
    int code = journal_transaction_begin(db);

    *added = false;
    if (code != SQLITE_OK) {
        return code;
    }
    code = find_kept(&taking, &known_there);
    if (code == SQLITE_OK) {
        code = journal_sql_int(from, &known_here, "SELECT " KNOWN " FROM runs", "");
    }
    if (code == SQLITE_OK && known_here > known_there) {
        code = take_whole(&taking);
        *added = code == SQLITE_OK;
    }
    return journal_transaction_end(db, code);
}
