/* The steps from an empty file to the current version of the journal. */
#include "rig/journal/journal_internal.h"

#include <stdio.h>

/* Each step takes a file from the version that is its index to the next one. A step that was ever
 * released is not touched again. What the columns mean: docs/journal.md. */
static const char *const steps[] = {
    "CREATE TABLE contents ("
    "  id INTEGER PRIMARY KEY,"
    "  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),"
    "  content BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE versions ("
    "  id INTEGER PRIMARY KEY,"
    "  program TEXT NOT NULL,"
    "  kernel TEXT NOT NULL,"
    "  libgpiod TEXT,"
    "  bluez TEXT"
    ") STRICT;"
    "CREATE TABLE units ("
    "  id INTEGER PRIMARY KEY,"
    "  model TEXT NOT NULL,"
    "  serial TEXT NOT NULL,"
    "  UNIQUE (model, serial)"
    ") STRICT;"
    "CREATE TABLE runs ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),"
    "  began_ns INTEGER NOT NULL,"
    "  origin_ns INTEGER NOT NULL DEFAULT 0,"
    "  duration_ns INTEGER,"
    "  model TEXT NOT NULL,"
    "  procedure TEXT NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  source TEXT,"
    "  unit_id INTEGER REFERENCES units,"
    "  unit_firmware TEXT,"
    "  bench TEXT,"
    "  station TEXT,"
    "  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),"
    "  sim_firmware TEXT,"
    "  operator TEXT,"
    "  batch TEXT,"
    "  attempt INTEGER NOT NULL,"
    "  eyes INTEGER NOT NULL,"
    "  profile_id INTEGER REFERENCES contents,"
    "  bench_id INTEGER REFERENCES contents,"
    "  version_id INTEGER NOT NULL REFERENCES versions,"
    "  verdict TEXT CHECK (verdict IN ('pass', 'fail', 'inconclusive', 'aborted', 'error')),"
    "  reason TEXT,"
    "  next TEXT,"
    "  ended TEXT,"
    "  led_seen TEXT,"
    "  led_truncated INTEGER,"
    "  led_lost INTEGER,"
    "  CHECK ((state = 'done') = (verdict IS NOT NULL))"
    ") STRICT;"
    "CREATE INDEX runs_by_unit ON runs (unit_id);"
    "CREATE INDEX runs_by_time ON runs (began_ns);"
    "CREATE INDEX runs_by_profile ON runs (profile_id);"
    "CREATE INDEX runs_by_bench ON runs (bench_id);"
    "CREATE TABLE running ("
    "  run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,"
    "  pid INTEGER NOT NULL,"
    "  started INTEGER NOT NULL,"
    "  space INTEGER NOT NULL,"
    "  machine TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE hazards ("
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    "  seq INTEGER NOT NULL,"
    "  hazard TEXT NOT NULL,"
    "  PRIMARY KEY (run, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE timelines ("
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    "  seq INTEGER NOT NULL,"
    "  entries INTEGER NOT NULL,"
    "  packed BLOB NOT NULL,"
    "  PRIMARY KEY (run, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE findings ("
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    "  seq INTEGER NOT NULL,"
    "  what TEXT NOT NULL,"
    "  needed INTEGER NOT NULL,"
    "  result TEXT NOT NULL,"
    "  expected TEXT NOT NULL,"
    "  observed TEXT NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  margin_ns INTEGER,"
    "  at_ns INTEGER,"
    "  object TEXT,"
    "  error TEXT,"
    "  PRIMARY KEY (run, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE opened ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  wall_ns INTEGER NOT NULL"
    ") STRICT;",
    "ALTER TABLE runs ADD COLUMN pulses_unkept INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX runs_by_batch ON runs (batch) WHERE batch IS NOT NULL;",
    "ALTER TABLE runs ADD COLUMN uuid TEXT;"
    "ALTER TABLE runs ADD COLUMN clock_set INTEGER CHECK (clock_set IN (0, 1));"
    "ALTER TABLE runs ADD COLUMN boot TEXT;"
    "ALTER TABLE runs ADD COLUMN boot_ns INTEGER;"
    "ALTER TABLE runs ADD COLUMN boot_seq INTEGER;"
    "ALTER TABLE runs ADD COLUMN digest BLOB CHECK (length(digest) = 32);"
    "CREATE TABLE settings ("
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    "  seq INTEGER NOT NULL,"
    "  moment TEXT NOT NULL CHECK (moment IN ('before', 'after')),"
    "  at_ns INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  type TEXT NOT NULL,"
    "  value TEXT,"
    "  raw BLOB,"
    "  PRIMARY KEY (run, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX runs_by_uuid ON runs (uuid) WHERE uuid IS NOT NULL;"
    "DROP INDEX runs_by_batch;"
    "CREATE INDEX runs_by_batch ON runs (batch COLLATE NOCASE) WHERE batch IS NOT NULL;"
    "CREATE INDEX runs_by_model ON runs (model COLLATE NOCASE, procedure COLLATE NOCASE);"
    "CREATE INDEX runs_by_station ON runs (station COLLATE NOCASE);"
    "CREATE INDEX runs_by_procedure ON runs (procedure COLLATE NOCASE);"
    "CREATE INDEX runs_by_firmware ON runs"
    "  (coalesce(unit_firmware, sim_firmware, 'not given') COLLATE NOCASE,"
    "   model COLLATE NOCASE, procedure COLLATE NOCASE);"
    "CREATE INDEX runs_of_series ON runs (procedure)"
    "  WHERE substr(procedure, -10) = ':threshold';"
    "CREATE INDEX runs_simulated ON runs (simulated) WHERE simulated = 1;"
    "CREATE INDEX runs_undated ON runs (clock_set)"
    "  WHERE coalesce(clock_set, began_ns >= 1577836800000000000) = 0;"
    "CREATE INDEX runs_by_operator ON runs (operator COLLATE NOCASE);"
    "CREATE INDEX runs_by_verdict ON runs (verdict);"
    "CREATE INDEX runs_by_version ON runs (version_id);"
    "CREATE INDEX units_by_serial ON units (serial COLLATE NOCASE, model);",
};

const char *const journal_schema_digests[] = {
    "038e7ed5e0cafdaed5cb067db8cf909f4666c8684454147d379498c2925d6512",
    "6e09bf5b3092343c70887038d266308b8d6d3d530b07d5a5f75a76f735f90c0e",
    "45b64cd4c65b4937b163c4a08e3734f6c7e05fdb18696ebcc3f4cc3f2a2cf957",
};
_Static_assert(sizeof(journal_schema_digests) / sizeof(journal_schema_digests[0]) ==
                   sizeof(steps) / sizeof(steps[0]),
               "a digest for each step");

const int journal_version = sizeof(steps) / sizeof(steps[0]);

static int set_number(sqlite3 *db, const char *pragma, int value)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA %s = %d", pragma, value);
    return journal_sql(db, sql, "");
}

int journal_run_steps(sqlite3 *db, int from, int to)
{
    int code = SQLITE_OK;

    for (int at = from; at < to && code == SQLITE_OK; at++) {
        code = journal_code(db, sqlite3_exec(db, steps[at], NULL, NULL, NULL));
    }
    if (code == SQLITE_OK) {
        code = set_number(db, "user_version", to);
    }
    return code == SQLITE_OK ? set_number(db, "application_id", (int)JOURNAL_APPLICATION_ID) : code;
}
