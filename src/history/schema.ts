/** Marks a database file of soakd: "soak" in ASCII. */
export const APPLICATION_ID = 0x736f616b;

/**
 * Steps from an empty file to the current schema. The number of applied steps is `user_version` of the file. A step
 * that has been released never changes.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Specifications of layouts, shared by runs.
  CREATE TABLE layouts (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    spec BLOB NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    scenario TEXT NOT NULL,
    -- serve, run
    source TEXT NOT NULL,
    -- Name of the lock of the process that carries it out.
    owner TEXT NOT NULL,
    -- active, finished
    state TEXT NOT NULL,
    verdict TEXT,
    reason TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    pinned INTEGER NOT NULL DEFAULT 0,
    resumes INTEGER NOT NULL DEFAULT 0,
    -- JSON: names of the counted targets.
    targets TEXT NOT NULL,
    layout INTEGER NOT NULL REFERENCES layouts (id),
    -- JSON: configuration without secrets, its hash, versions, machine, command.
    setup TEXT NOT NULL,
    -- JSON: summary; NULL until the end.
    summary TEXT,
    -- Events and failures that were not kept.
    omitted INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX runs_by_start ON runs (started_at);

  -- What was counted in a span of a run, by target. width: planned length, ms. n: place in the run.
  CREATE TABLE windows (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    width INTEGER NOT NULL,
    n INTEGER NOT NULL,
    target INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    -- Streams wanted, on average.
    desired REAL NOT NULL,
    -- 1: it may grow, and is in no sum yet.
    is_open INTEGER NOT NULL,
    data BLOB NOT NULL,
    -- Not WITHOUT ROWID: there a row above 1 kB takes a page of its own.
    PRIMARY KEY (run, width, n, target)
  ) STRICT;

  -- The same for the generator: canary and event loop, process.
  CREATE TABLE generator_windows (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    width INTEGER NOT NULL,
    n INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    rss_bytes INTEGER NOT NULL,
    cpu_ms REAL NOT NULL,
    -- Windows of lag, and how many of them were unreliable.
    lag_windows INTEGER NOT NULL,
    unreliable INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, width, n)
  ) STRICT;

  CREATE TABLE events (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (run, n)
  ) STRICT, WITHOUT ROWID;

  -- Described failed streams, the latest of each target and outcome.
  CREATE TABLE failures (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- JSON
    result TEXT NOT NULL
  ) STRICT;
  CREATE INDEX failures_by_run ON failures (run, target, outcome, id);

  -- State of an active run, for a resume; deleted at its end.
  CREATE TABLE states (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (run, key)
  ) STRICT, WITHOUT ROWID;

  -- State of the service: counters on /metrics, schedules.
  CREATE TABLE service (
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
