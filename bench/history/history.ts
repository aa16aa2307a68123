/**
 * Results of many runs: what is added once, and asked for by model. Deno only.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import { median, medianInterval } from "../report/median.ts";
import type { Environment, Report, Result } from "../report/schema.ts";
import { type DatabaseOptions, openDatabase, withTroubles } from "./database.ts";
import { MODELS, OVERVIEW, POINTS, seriesBy } from "./queries.ts";

/** What is measured again and again in the same way on the same kind of machine. */
export interface Series {
  /** The history's own number for it. */
  readonly id: number;
  /** As of a {@linkcode Result}. */
  readonly name: string;
  /** As of a {@linkcode Result}. */
  readonly model: string;
  /** As of a {@linkcode Result}. */
  readonly mode: string;
  /** As of a {@linkcode Result}. */
  readonly backend: string;
  /** As of a {@linkcode Result}. */
  readonly precision: string;
  /** As of a {@linkcode Result}. */
  readonly batch: number;
  /** What times cannot be compared across: `{ cpu, gpu, cores, os, threads, flags }`. */
  readonly machine: Machine;
  /** How many results it has. */
  readonly results: number;
}

/** The part of an environment that times cannot be compared across. */
export type Machine = Pick<Environment, "cpu" | "gpu" | "cores" | "os" | "threads" | "flags">;

/** A result of a series. */
export interface Point {
  /** When its run began, in milliseconds since 1970. */
  readonly started: number;
  /** The commit that was measured. */
  readonly commit: string | null;
  /** Milliseconds a step. */
  readonly median: number;
  /** Of the median, 95 %. */
  readonly interval: readonly [number, number] | null;
  /** How many samples it rests on. */
  readonly samples: number;
}

/** What {@linkcode History.series} looks for. */
export interface SeriesFilter {
  /** Of one model only. */
  readonly model?: string | undefined;
  /** On one backend only. */
  readonly backend?: string | undefined;
  /** In one mode only. */
  readonly mode?: string | undefined;
  /** One series only. */
  readonly id?: number | undefined;
}

/** A model of a history. */
export interface Overview {
  /** The network. */
  readonly model: string;
  /** How many series it has. */
  readonly series: number;
  /** How many results they have together. */
  readonly results: number;
  /** When the last run began, in milliseconds since 1970. */
  readonly last: number;
}

/** What became of a report. */
export interface Added {
  /** Results that are new. */
  readonly results: number;
  /** Whether the history had it already. */
  readonly known: boolean;
}

/** The facts that make two machines one kind, in an order of their own. */
export function machineOf({ cpu, gpu, cores, os, threads, flags }: Environment): Machine {
  const sorted = Object.fromEntries(Object.entries(flags).sort(([a], [b]) => a < b ? -1 : 1));
  return { cpu, gpu, cores, os, threads, flags: sorted };
}

/** In hexadecimal. The reader has put the keys in the schema's order, so that a file's looks do not matter. */
async function digestOf(report: Report): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(report));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

type Row = Record<string, SQLOutputValue>;

function seriesOf(row: Row): Series {
  const { id, name, model, mode, backend, precision, batch, machine, results } = row;
  const text = (value: SQLOutputValue | undefined) => String(value ?? "");
  return {
    id: Number(id),
    name: text(name),
    model: text(model),
    mode: text(mode),
    backend: text(backend),
    precision: text(precision),
    batch: Number(batch),
    machine: JSON.parse(text(machine)),
    results: Number(results),
  };
}

function pointOf({ started, commit_hash, median, low, high, samples }: Row): Point {
  return {
    started: Number(started),
    commit: typeof commit_hash === "string" ? commit_hash : null,
    median: Number(median),
    interval: typeof low === "number" && typeof high === "number" ? [low, high] : null,
    samples: Number(samples),
  };
}

/** A history that is open. */
export class History implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;

  /**
   * Opens the file at `path`, and makes it where there is none, unless `readOnly` says otherwise.
   *
   * @throws {HistoryError} As {@linkcode openDatabase}; so does every method where the file fails meanwhile.
   */
  constructor(path: string, options: DatabaseOptions = {}) {
    this.#path = path;
    this.#database = openDatabase(path, options);
  }

  /** Adds all results of a report, or none; a report that is there already changes nothing. */
  async add(report: Report, now: number = Date.now()): Promise<Added> {
    const digest = await digestOf(report);
    return withTroubles(this.#path, () => {
      const database = this.#database;
      database.exec("BEGIN IMMEDIATE");
      try {
        const added = this.#insert(report, digest, now);
        database.exec("COMMIT");
        return added;
      } catch (error) {
        // Where the disk is full SQLite has rolled back by itself.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #insert({ environment, results }: Report, digest: string, now: number): Added {
    const { commit } = environment;
    const parsed = Date.parse(environment.started ?? "");
    const started = Number.isNaN(parsed) ? now : parsed;
    const run = this.#database.prepare(
      `INSERT INTO runs (digest, started, commit_hash, environment) VALUES (?, ?, ?, ?)
       ON CONFLICT (digest) DO NOTHING RETURNING id`,
    ).get(digest, started, commit, JSON.stringify(environment))?.id;
    if (run === undefined) return { results: 0, known: true };
    const insert = this.#database.prepare(
      "INSERT INTO results (series, started, run, median, low, high, samples) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    const count = this.#database.prepare("UPDATE series SET results = results + 1 WHERE id = ?");
    const keep = this.#database.prepare("INSERT INTO details (run, series, result) VALUES (?, ?, ?)");
    for (const result of results) {
      const series = this.#seriesId(result, JSON.stringify(machineOf(environment)));
      const [low = null, high = null] = medianInterval(result.samplesMs) ?? [];
      // Derived from the samples: the report's own summary is for its readers.
      insert.run(series, started, run, median(result.samplesMs), low, high, result.samplesMs.length);
      keep.run(run, series, JSON.stringify(result));
      count.run(series);
    }
    return { results: results.length, known: false };
  }

  #seriesId({ name, model, mode, backend, precision, batch }: Result, machine: string): number {
    const key = [model, mode, backend, precision, batch, machine, name];
    const row = this.#database.prepare(
      `SELECT id FROM series WHERE
       model = ? AND mode = ? AND backend = ? AND precision = ? AND batch = ? AND machine = ? AND name = ?`,
    ).get(...key) ?? this.#database.prepare(
      `INSERT INTO series (model, mode, backend, precision, batch, machine, name) VALUES (?, ?, ?, ?, ?, ?, ?)
       RETURNING id`,
    ).get(...key);
    return Number(row?.id);
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return withTroubles(this.#path, () => this.#database.prepare(sql).all(...values));
  }

  /** Models that have results, sorted. */
  models(): string[] {
    return this.#all(MODELS).map(({ model }) => String(model));
  }

  /** What there is of each model, sorted by its name. */
  overview(): Overview[] {
    return this.#all(OVERVIEW).map(({ model, series, results, last }) => ({
      model: String(model),
      series: Number(series),
      results: Number(results),
      last: Number(last),
    }));
  }

  /** Series that match, sorted by model, mode, backend, precision, batch and machine. */
  series(filter: SeriesFilter = {}): Series[] {
    const columns = (["model", "backend", "mode", "id"] as const).filter((column) => filter[column] !== undefined);
    return this.#all(seriesBy(columns), ...columns.map((column) => filter[column] ?? null)).map(seriesOf);
  }

  /** The last so many results of a series, the oldest first. */
  points({ id }: Pick<Series, "id">, last: number): Point[] {
    return this.#all(POINTS, id, last).map(pointOf).reverse();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}
