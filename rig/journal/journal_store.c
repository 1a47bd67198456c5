/* What the writer writes: each function is one transaction. */
#include "rig/journal/journal_internal.h"

#include "rig/format/sha256.h"

#include <stdio.h>
#include <sys/utsname.h>

/* The row of a text in `contents`, made when it is new, and made good when what is there is not
 * what has that hash: the file was damaged. NULL text: *id is 0. */
static int keep_content(sqlite3 *db, const char *text, size_t length, int64_t *id)
{
    uint8_t hash[SHA256_BYTES];

    *id = 0;
    if (!text) {
        return SQLITE_OK;
    }
    sha256(text, length, hash);
    int code = journal_sql(db,
                           "INSERT INTO contents (hash, content) VALUES (?, ?) ON CONFLICT (hash)"
                           " DO UPDATE SET content = excluded.content"
                           " WHERE content <> excluded.content",
                           "bb", hash, sizeof(hash), text, length);
    return code == SQLITE_OK ? journal_sql_int(db, id, "SELECT id FROM contents WHERE hash = ?",
                                               "b", hash, sizeof(hash))
                             : code;
}

static int keep_unit(sqlite3 *db, const struct job_begin *begin, int64_t *id)
{
    *id = 0;
    if (!begin->unit) {
        return SQLITE_OK;
    }
    int code = journal_sql_int(db, id, "SELECT id FROM units WHERE model = ? AND serial = ?", "tt",
                               begin->model, begin->unit);
    if (code == SQLITE_NOTFOUND) {
        code = journal_sql(db, "INSERT INTO units (model, serial) VALUES (?, ?)", "tt",
                           begin->model, begin->unit);
        *id = sqlite3_last_insert_rowid(db);
    }
    return code;
}

static int keep_versions(sqlite3 *db, const struct job_begin *begin, int64_t *id)
{
    struct utsname system;
    char kernel[3 * sizeof(system.release)] = "unknown";

    if (uname(&system) == 0) {
        snprintf(kernel, sizeof(kernel), "%s %s %s", system.sysname, system.release,
                 system.machine);
    }
    int code = journal_sql_int(db, id,
                               "SELECT id FROM versions WHERE program = ? AND kernel = ?"
                               " AND libgpiod IS ? AND bluez IS ?",
                               "tttt", begin->program, kernel, begin->libgpiod, begin->bluez);
    if (code == SQLITE_NOTFOUND) {
        code = journal_sql(db,
                           "INSERT INTO versions (program, kernel, libgpiod, bluez)"
                           " VALUES (?, ?, ?, ?)",
                           "tttt", begin->program, kernel, begin->libgpiod, begin->bluez);
        *id = sqlite3_last_insert_rowid(db);
    }
    return code;
}

static int64_t eyes_bits(const struct sensors *sensors)
{
    return (sensors->led ? JOURNAL_EYES_LED : 0) | (sensors->colour ? JOURNAL_EYES_COLOUR : 0) |
           (sensors->sound ? JOURNAL_EYES_SOUND : 0) | (sensors->radio ? JOURNAL_EYES_RADIO : 0) |
           (int64_t)sensors->contacts << JOURNAL_EYES_CONTACTS;
}

static const int64_t *unless_zero(const int64_t *id)
{
    return *id ? id : NULL;
}

/* SQLite calls it full as well when the last number that there can be was given: by damage, or by
 * another program. No disk has room for so many runs. */
static int full_of_numbers(sqlite3 *db, int code)
{
    int64_t last = 0;

    return (code & 0xff) == SQLITE_FULL &&
                   journal_sql_int(db, &last,
                                   "SELECT max(seq, (SELECT coalesce(max(number), 0) FROM runs))"
                                   " FROM sqlite_sequence WHERE name = 'runs'",
                                   "") == SQLITE_OK &&
                   last == INT64_MAX
               ? SQLITE_CORRUPT
               : code;
}

/* A run's facts (rig/record/run_facts.h), behind the rest of its row. */
#define NAME(name)  ", " #name
#define PLACE(name) ", ?"
#define TYPE(name)  "t"
#define VALUE(name) , begin->name
#define FACT_NAMES  RUN_FACTS(NAME)
#define FACT_PLACES RUN_FACTS(PLACE)
#define FACT_TYPES  RUN_FACTS(TYPE)
#define FACT_VALUES RUN_FACTS(VALUE)

static int insert_run(sqlite3 *db, const struct job_begin *begin, int64_t *number)
{
    int64_t unit = 0;
    int64_t profile = 0;
    int64_t bench = 0;
    int64_t versions = 0;
    const struct run_mark *mark = &begin->mark;
    int code = keep_unit(db, begin, &unit);

    if (code == SQLITE_OK) {
        code = keep_content(db, begin->profile_text, begin->profile_length, &profile);
    }
    if (code == SQLITE_OK) {
        code = keep_content(db, begin->bench_text, begin->bench_length, &bench);
    }
    if (code == SQLITE_OK) {
        code = keep_versions(db, begin, &versions);
    }
    if (code == SQLITE_OK) {
        code = journal_sql(
            db,
            "INSERT INTO runs (state, began_ns, model, procedure, kind, source,"
            " unit_id, bench, station, simulated, operator, batch, attempt, eyes, profile_id,"
            " bench_id, version_id, uuid, clock_set, boot, boot_ns, boot_seq" FACT_NAMES
            ") VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, ?, ?, ?" FACT_PLACES ")",
            "ittttntt"
            "ittiinni"
            "titii" FACT_TYPES,
            begin->began_ns, begin->model, begin->procedure, begin->kind, begin->source,
            unless_zero(&unit), begin->bench, begin->station, (int64_t)begin->simulated,
            begin->operator_name, begin->batch, begin->attempt, eyes_bits(&begin->sensors),
            unless_zero(&profile), unless_zero(&bench), versions, mark->uuid,
            (int64_t)mark->clock_set, mark->boot, mark->boot_ns, mark->boot_seq FACT_VALUES);
        *number = sqlite3_last_insert_rowid(db);
    }
    return full_of_numbers(db, code);
}

int journal_store_begin(sqlite3 *db, const struct job_begin *begin,
                        const struct journal_process *self, int64_t *number)
{
    int64_t made = 0;
    int code = journal_transaction_begin(db);

    if (code != SQLITE_OK) {
        return code;
    }
    code = insert_run(db, begin, &made);
    for (size_t i = 0; i < begin->hazard_count && code == SQLITE_OK; i++) {
        code = journal_sql(db, "INSERT INTO hazards (run, seq, hazard) VALUES (?, ?, ?)", "iit",
                           made, (int64_t)i, begin->hazards[i]);
    }
    if (code == SQLITE_OK) {
        code = journal_sql(db,
                           "INSERT INTO running (run, pid, started, space, machine)"
                           " VALUES (?, ?, ?, ?, ?)",
                           "iiiit", made, self->pid, self->started, self->space, self->machine);
    }
    code = journal_transaction_end(db, code);
    if (code == SQLITE_OK) {
        *number = made;
    }
    return code;
}

static int add_entries(sqlite3 *db, const struct job_append *append, int64_t number)
{
    if (append->packed.entries == 0) {
        return SQLITE_OK;
    }
    int code = journal_sql(db,
                           "INSERT INTO timelines (run, seq, entries, packed) VALUES (?,"
                           " (SELECT coalesce(max(seq) + 1, 0) FROM timelines WHERE run = ?),"
                           " ?, ?)",
                           "iiib", number, number, (int64_t)append->packed.entries,
                           append->packed.data, append->packed.length);
    if (code == SQLITE_OK) {
        code = journal_sql(db, "UPDATE runs SET began_ns = ?, origin_ns = ? WHERE number = ?",
                           "iii", append->began_ns, append->origin_ns, number);
    }
    return code;
}

/* The row of the run's versions, with BlueZ's among them. */
static int add_bluez(sqlite3 *db, const char *bluez, int64_t number)
{
    int64_t id = 0;
    if (!bluez) {
        return SQLITE_OK;
    }
    int code = journal_sql_int(db, &id,
                               "SELECT other.id FROM runs JOIN versions AS own"
                               " ON own.id = version_id JOIN versions AS other"
                               " ON other.program = own.program AND other.kernel = own.kernel"
                               " AND other.libgpiod IS own.libgpiod AND other.bluez = ?"
                               " WHERE number = ?",
                               "ti", bluez, number);
    if (code == SQLITE_NOTFOUND) {
        code = journal_sql(db,
                           "INSERT INTO versions (program, kernel, libgpiod, bluez)"
                           " SELECT program, kernel, libgpiod, ? FROM versions"
                           " JOIN runs ON id = version_id WHERE number = ?",
                           "ti", bluez, number);
        id = sqlite3_last_insert_rowid(db);
    }
    return code == SQLITE_OK ? journal_sql(db, "UPDATE runs SET version_id = ? WHERE number = ?",
                                           "ii", id, number)
                             : code;
}

static int add_more(sqlite3 *db, const struct job_append *append, int64_t number)
{
    int code = add_entries(db, append, number);
    return code == SQLITE_OK ? add_bluez(db, append->bluez, number) : code;
}

int journal_store_append(sqlite3 *db, const struct job_append *append, int64_t number)
{
    int code = journal_transaction_begin(db);

    if (code != SQLITE_OK) {
        return code;
    }
    return journal_transaction_end(db, add_more(db, append, number));
}

static int add_finding(sqlite3 *db, const struct job_finding *finding, int64_t number, size_t seq)
{
    return journal_sql(db,
                       "INSERT INTO findings (run, seq, what, needed, result, expected, observed,"
                       " reason, margin_ns, at_ns, object, error)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       "iititttt"
                       "nntt",
                       number, (int64_t)seq, finding->what, (int64_t)finding->needed,
                       finding->result, finding->expected, finding->observed, finding->reason,
                       finding->margin_ns, finding->at_ns, finding->object, finding->error);
}

static int add_verdict(sqlite3 *db, const struct job_finish *finish, int64_t number)
{
    int code =
        journal_sql(db,
                    "UPDATE runs SET state = 'done', verdict = ?, reason = ?, next = ?,"
                    " ended = ?, led_seen = ?, led_truncated = ?, led_lost = ?,"
                    " duration_ns = ?, pulses_unkept = ?"
                    " WHERE number = ? AND state <> 'done'",
                    "tttttiiiii", finish->verdict, finish->reason, finish->next, finish->end,
                    finish->led_seen, (int64_t)finish->led_truncated, (int64_t)finish->led_lost,
                    finish->duration_ns, finish->pulses_unkept, number);
    if (code == SQLITE_OK && sqlite3_changes(db) != 1) {
        return SQLITE_CONSTRAINT; /* it was pruned in the meantime */
    }
    return code == SQLITE_OK ? journal_sql(db, "DELETE FROM running WHERE run = ?", "i", number)
                             : code;
}

/* All of the run is there. */
static int add_digest(sqlite3 *db, int64_t number)
{
    uint8_t digest[SHA256_BYTES];
    int code = journal_digest(db, number, digest);

    return code == SQLITE_OK ? journal_sql(db, "UPDATE runs SET digest = ? WHERE number = ?", "bi",
                                           digest, sizeof(digest), number)
                             : code;
}

int journal_store_finish(sqlite3 *db, const struct job_append *append,
                         const struct job_finish *finish, int64_t number)
{
    int code = journal_transaction_begin(db);

    if (code != SQLITE_OK) {
        return code;
    }
    code = add_more(db, append, number);
    for (size_t i = 0; i < finish->finding_count && code == SQLITE_OK; i++) {
        code = add_finding(db, &finish->findings[i], number, i);
    }
    if (code == SQLITE_OK) {
        code = add_verdict(db, finish, number);
    }
    if (code == SQLITE_OK) {
        code = add_digest(db, number);
    }
    return journal_transaction_end(db, code);
}
