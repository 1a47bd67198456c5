/*
 * Recognises a file: a journal, of which version, or something else. Also brings an empty file or
 * an older journal to the current version. Each is one transaction, so that nobody sees half of it.
 */
#include "rig/format/sha256.h"
#include "rig/journal/journal_internal.h"

#include <stdio.h>
#include <string.h>

static const char objects[] =
    "SELECT name, type, tbl_name, sql FROM sqlite_schema ORDER BY name, type";
enum object_column { OBJECT_NAME, OBJECT_TYPE, OBJECT_TABLE, OBJECT_SQL, OBJECT_COLUMNS };

/* ---- one of ours, statement by statement? ------------------------------------------------- */

/* The same but for blanks outside of quotes. NULL is the same as NULL. */
static bool same_sql(const char *a, const char *b)
{
    static const char blanks[] = " \t\n\r";
    bool quoted = false;

    if (!a || !b) {
        return a == b;
    }
    for (;; a++, b++) {
        if (!quoted) {
            a += strspn(a, blanks);
            b += strspn(b, blanks);
        }
        if (*a != *b || !*a) {
            return *a == *b;
        }
        quoted = (*a == '\'') != quoted;
    }
}

static const char *text_of(sqlite3_stmt *row, enum object_column column)
{
    return (const char *)sqlite3_column_text(row, column);
}

static bool same_object(sqlite3_stmt *a, sqlite3_stmt *b)
{
    bool same = true;

    for (int column = 0; column < OBJECT_COLUMNS && same; column++) {
        same = same_sql(text_of(a, column), text_of(b, column));
    }
    return same;
}

static void tell_odd(struct journal_look *look, sqlite3_stmt *row, const char *what)
{
    const char *type = text_of(row, OBJECT_TYPE);
    const char *name = text_of(row, OBJECT_NAME);

    look->form = FORM_CHANGED;
    snprintf(look->odd, sizeof(look->odd), "%.16s `%.60s` %s", type ? type : "?", name ? name : "?",
             what);
}

/* The first that one has and the other has not, or not so. */
static int compare_rows(sqlite3_stmt *is, sqlite3_stmt *should, struct journal_look *look)
{
    for (;;) {
        int is_code = sqlite3_step(is);
        int should_code = sqlite3_step(should);
        if (is_code != SQLITE_ROW && is_code != SQLITE_DONE) {
            return is_code;
        }
        if (should_code != SQLITE_ROW && should_code != SQLITE_DONE) {
            return should_code;
        }
        if (is_code == SQLITE_DONE && should_code == SQLITE_DONE) {
            return SQLITE_OK;
        }
        const char *name = is_code == SQLITE_ROW ? text_of(is, OBJECT_NAME) : NULL;
        const char *wanted = should_code == SQLITE_ROW ? text_of(should, OBJECT_NAME) : NULL;
        int order = !name ? 1 : !wanted ? -1 : strcmp(name, wanted);
        if (order > 0) {
            tell_odd(look, should, "is missing");
        } else if (order < 0) {
            tell_odd(look, is, "does not belong to longpress");
        } else if (!same_object(is, should)) {
            tell_odd(look, is, "differs from what longpress creates");
        } else {
            continue;
        }
        return SQLITE_OK;
    }
}

int journal_schema_digest(sqlite3 *db, char digest[SHA256_TEXT_MAX])
{
    uint8_t hash[SHA256_BYTES];
    sqlite3_stmt *all = journal_prepare(
        db, "SELECT group_concat(quote(name) || quote(type) || quote(tbl_name) || quote(sql), '')"
            " FROM (SELECT * FROM sqlite_schema ORDER BY name, type)");
    int code = all ? sqlite3_step(all) : sqlite3_extended_errcode(db);

    if (code == SQLITE_ROW) {
        const void *text = sqlite3_column_text(all, 0);
        sha256(text, (size_t)sqlite3_column_bytes(all, 0), hash);
        sha256_text(digest, hash);
        code = SQLITE_OK;
    }
    sqlite3_finalize(all);
    return journal_code(db, code);
}

/* Statement by statement with what the steps make: to tell which is odd, and to take one that only
 * has other blanks. */
static int compare_schema(sqlite3 *db, struct journal_look *look)
{
    sqlite3 *model = NULL;
    sqlite3_stmt *is = NULL;
    sqlite3_stmt *should = NULL;
    int code = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE, NULL);

    if (code == SQLITE_OK) {
        code = journal_run_steps(model, 0, (int)look->version);
    }
    if (code == SQLITE_OK) {
        should = journal_prepare(model, objects);
        code = should ? SQLITE_OK : sqlite3_extended_errcode(model);
    }
    if (code == SQLITE_OK) {
        is = journal_prepare(db, objects);
        code = is ? compare_rows(is, should, look) : sqlite3_extended_errcode(db);
        code = journal_code(db, code);
    }
    sqlite3_finalize(should);
    sqlite3_finalize(is);
    sqlite3_close(model);
    return code;
}

/* Nearly always it is to the letter what the steps make, which its digest tells at a tenth of the
 * cost. */
static int check_schema(sqlite3 *db, struct journal_look *look)
{
    char digest[SHA256_TEXT_MAX];
    int code = journal_schema_digest(db, digest);

    if (code != SQLITE_OK || strcmp(digest, journal_schema_digests[look->version - 1]) == 0) {
        return code;
    }
    return compare_schema(db, look);
}

/* ---- what it is --------------------------------------------------------------------------- */

/* Within a transaction. */
static int look_within(sqlite3 *db, struct journal_look *look)
{
    int64_t application = 0;
    int64_t things = 0;
    int code = journal_sql_int(db, &application, "PRAGMA application_id", "");

    *look = (struct journal_look){.form = FORM_FOREIGN};
    if (code == SQLITE_OK) {
        code = journal_sql_int(db, &look->version, "PRAGMA user_version", "");
    }
    if (code == SQLITE_OK) {
        code = journal_sql_int(db, &things, "SELECT count(*) FROM sqlite_schema", "");
    }
    if (code != SQLITE_OK) {
        return code;
    }
    if (application == 0 && look->version == 0 && things == 0) {
        look->form = FORM_EMPTY;
    } else if (application == JOURNAL_APPLICATION_ID && look->version > journal_version) {
        look->form = FORM_NEWER;
    } else if (application == JOURNAL_APPLICATION_ID && look->version < 1) {
        look->form = FORM_CHANGED;
        snprintf(look->odd, sizeof(look->odd), "version %lld does not exist",
                 (long long)look->version);
    } else if (application == JOURNAL_APPLICATION_ID) {
        look->form = look->version < journal_version ? FORM_OLDER : FORM_CURRENT;
        code = check_schema(db, look);
    }
    return code;
}

int journal_look_at(sqlite3 *db, struct journal_look *look)
{
    int code = journal_sql(db, "BEGIN", "");

    if (code == SQLITE_OK) {
        code = look_within(db, look);
        journal_sql(db, "COMMIT", "");
    }
    return code;
}

/* ---- brought to today's version ----------------------------------------------------------- */

/* Room is to be given back by pieces (prune), which a file must know with its first page. That page
 * is written by the statement that says so, within the transaction. */
static int begin_empty(sqlite3 *db)
{
    int code = journal_sql(db, "BEGIN", "");

    if (code == SQLITE_OK) {
        code = journal_sql(db, "PRAGMA auto_vacuum = INCREMENTAL", "");
    }
    if (code == SQLITE_OK && sqlite3_txn_state(db, "main") == SQLITE_TXN_WRITE) {
        return SQLITE_OK;
    }
    if (!sqlite3_get_autocommit(db)) {
        journal_sql(db, "ROLLBACK", "");
    }
    /* Another made something of the file just now. */
    return code == SQLITE_OK ? journal_transaction_begin(db) : code;
}

int journal_bring_up(sqlite3 *db, struct journal_look *look)
{
    int code = look->form == FORM_EMPTY ? begin_empty(db) : journal_transaction_begin(db);

    if (code != SQLITE_OK) {
        return code;
    }
    /* Looked at again, now that nobody else writes. */
    code = look_within(db, look);
    if (code == SQLITE_OK && (look->form == FORM_EMPTY || look->form == FORM_OLDER)) {
        code = journal_run_steps(db, (int)look->version, journal_version);
        code = journal_transaction_end(db, code);
        look->form = code == SQLITE_OK ? FORM_CURRENT : look->form;
    } else {
        journal_sql(db, "ROLLBACK", "");
    }
    return code;
}
