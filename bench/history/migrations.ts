/**
 * The tables of a history.
 *
 * @module
 */

/**
 * Step i takes a file of schema i to schema i + 1. Steps that were released are never
 * changed: files out there have been through them.
 *
 * `results` is stored in the order in which it is asked for, a series' newest last, so
 * that a query reads one stretch of the file; the samples lie elsewhere, since they
 * take ten times the room and are hardly ever asked for.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,     -- SHA-256 of the report: a report is added once
    started INTEGER NOT NULL,        -- milliseconds since 1970
    commit_hash TEXT,
    environment TEXT NOT NULL        -- JSON, as in the report
  ) STRICT;
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    mode TEXT NOT NULL,
    backend TEXT NOT NULL,
    precision TEXT NOT NULL,
    batch INTEGER NOT NULL,
    machine TEXT NOT NULL,           -- JSON of what times cannot be compared across
    results INTEGER NOT NULL DEFAULT 0,
    UNIQUE (model, mode, backend, precision, batch, machine, name)
  ) STRICT;
  CREATE TABLE results (
    series INTEGER NOT NULL REFERENCES series,
    started INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs,
    median REAL NOT NULL,            -- milliseconds a step
    low REAL,                        -- of its 95 % interval
    high REAL,
    samples INTEGER NOT NULL,
    PRIMARY KEY (series, started, run)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE details (
    run INTEGER NOT NULL REFERENCES runs,
    series INTEGER NOT NULL REFERENCES series,
    result TEXT NOT NULL,            -- JSON, as in the report: samplesMs, process, …
    PRIMARY KEY (run, series)
  ) STRICT, WITHOUT ROWID;
  `,
];
