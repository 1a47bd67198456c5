-- A journal as version 2 wrote it, for the test of the migrations. Its statements never change.
CREATE TABLE contents (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  content BLOB NOT NULL
) STRICT;
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  program TEXT NOT NULL,
  kernel TEXT NOT NULL,
  libgpiod TEXT,
  bluez TEXT
) STRICT;
CREATE TABLE units (
  id INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  serial TEXT NOT NULL,
  UNIQUE (model, serial)
) STRICT;
CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),
  began_ns INTEGER NOT NULL,
  origin_ns INTEGER NOT NULL DEFAULT 0,
  duration_ns INTEGER,
  model TEXT NOT NULL,
  procedure TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT,
  unit_id INTEGER REFERENCES units,
  unit_firmware TEXT,
  bench TEXT,
  station TEXT,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  sim_firmware TEXT,
  operator TEXT,
  batch TEXT,
  attempt INTEGER NOT NULL,
  eyes INTEGER NOT NULL,
  profile_id INTEGER REFERENCES contents,
  bench_id INTEGER REFERENCES contents,
  version_id INTEGER NOT NULL REFERENCES versions,
  verdict TEXT CHECK (verdict IN ('pass', 'fail', 'inconclusive', 'aborted', 'error')),
  reason TEXT,
  next TEXT,
  ended TEXT,
  led_seen TEXT,
  led_truncated INTEGER,
  led_lost INTEGER, pulses_unkept INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'done') = (verdict IS NOT NULL))
) STRICT;
CREATE INDEX runs_by_unit ON runs (unit_id);
CREATE INDEX runs_by_time ON runs (began_ns);
CREATE INDEX runs_by_profile ON runs (profile_id);
CREATE INDEX runs_by_bench ON runs (bench_id);
CREATE TABLE running (
  run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  started INTEGER NOT NULL,
  space INTEGER NOT NULL,
  machine TEXT NOT NULL
) STRICT;
CREATE TABLE hazards (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  hazard TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE timelines (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  packed BLOB NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE findings (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  what TEXT NOT NULL,
  needed INTEGER NOT NULL,
  result TEXT NOT NULL,
  expected TEXT NOT NULL,
  observed TEXT NOT NULL,
  reason TEXT NOT NULL,
  margin_ns INTEGER,
  at_ns INTEGER,
  object TEXT,
  error TEXT,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE opened (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  wall_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_batch ON runs (batch) WHERE batch IS NOT NULL;

INSERT INTO contents VALUES (1, x'65555edd7953998fffeb8e8d64acdfbb13622defa1c4d8077f9e113b9b3dfd5a', CAST('no profile that today''s program reads' AS BLOB));
INSERT INTO versions VALUES (1, '0.1.0', 'Linux 6.1.0 aarch64', '1.6.3', NULL);
INSERT INTO units VALUES (1, 'HP-1', '5012345');
INSERT INTO runs (number, state, began_ns, origin_ns, duration_ns, model, procedure, kind, source, unit_id, bench, station, simulated, operator, attempt, eyes, profile_id, version_id, verdict, reason, next, ended, led_seen, led_truncated, led_lost)
    VALUES (7, 'done', 1795532400000000000, 1000000000, 40000000000, 'HP-1', 'reset', 'network', 'article-2026', 1, 'bench.yaml', 'A', 0, 'ada', 1, 15, 1, 1, 'fail', 'led: nothing was seen', 'try again', 'complete', 'off', 0, 0);
INSERT INTO runs (number, state, began_ns, model, procedure, kind, simulated, attempt, eyes, version_id)
    VALUES (8, 'running', 1795532500000000000, 'HP-1', 'reset', 'network', 1, 1, 15, 1);
INSERT INTO running VALUES (8, 4242, 1, 1, 'another-boot-of-the-machine');
INSERT INTO hazards VALUES (7, 0, 'dfu');
INSERT INTO timelines VALUES (7, 0, 1, x'000000');
INSERT INTO findings VALUES (7, 0, 'led', 1, 'fail', 'blue x2', 'nothing', 'nothing was seen', NULL, NULL, NULL, NULL);
PRAGMA application_id = 1280332371;
PRAGMA user_version = 2;
