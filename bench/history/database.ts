/**
 * The file that results are kept in: SQLite, opened, checked and brought up to the
 * schema of this version. Deno only.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";

/** What is wrong with a history. `damaged` files are set aside; the others stay as they are. */
export type HistoryTrouble = "missing" | "foreign" | "newer" | "damaged" | "locked" | "full" | "unusable";

/** A history that cannot be used. */
export class HistoryError extends Error {
  /** `HistoryError`. */
  override readonly name = "HistoryError";
  /** `trouble` says what can be done about it. */
  constructor(readonly trouble: HistoryTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** "conv", where SQLite keeps whose file it is. */
const APPLICATION_ID = 0x636f6e76;
const HEADER = "SQLite format 3\0";

/** Settings of {@linkcode openDatabase}. */
export interface DatabaseOptions {
  /** Whether nothing may be written; the file has to be there then. */
  readonly readOnly?: boolean;
  /** Milliseconds to wait for another process. */
  readonly patience?: number;
  /** Pages of 4,096 bytes that the file may grow to: SQLite's own limit where it is left out. */
  readonly maxPages?: number;
}

/** Words of SQLite's result codes; `exec` of node:sqlite gives no others. */
const TROUBLES: readonly (readonly [RegExp, HistoryTrouble, string])[] = [
  [/database is locked/, "locked", "is in use by another process"],
  [/database or disk is full/, "full", "has no room left on its disk"],
  [/file is not a database|disk image is malformed/, "damaged", "is damaged"],
  [/no such (table|column)/, "damaged", "lacks a part"],
];

/** Runs `use`; what SQLite complains of becomes a {@linkcode HistoryError}. */
export function withTroubles<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    if (cause instanceof HistoryError || !(cause instanceof Error)) throw cause;
    if (!("code" in cause) || cause.code !== "ERR_SQLITE_ERROR") throw cause;
    const [, trouble, words] = TROUBLES.find(([pattern]) => pattern.test(cause.message)) ??
      [undefined, "unusable" as const, "cannot be used"];
    throw new HistoryError(trouble, `Expected a history in ${path} but it ${words} (${cause.message})`, { cause });
  }
}

function number(database: DatabaseSync, pragma: string): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  return Number(row?.[pragma] ?? 0);
}

/** Brings the tables up to `migrations`, all or none of them. */
export function migrate(database: DatabaseSync, path: string, migrations: readonly string[] = MIGRATIONS): void {
  if (number(database, "user_version") === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    const version = number(database, "user_version");
    if (version > migrations.length) {
      throw new HistoryError(
        "newer",
        `Expected ${path} to have schema ${migrations.length} or an older one but found ${version}: it was written by ` +
          "a newer convbench",
      );
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has done so by itself where the disk is full.
    }
    throw error;
  }
}

/** The file's first bytes; undefined where there is no file, or an empty one. */
function head(path: string): string | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryError("unusable", `Expected a history in ${path} but found ${reason}`, { cause });
  }
  try {
    const bytes = new Uint8Array(HEADER.length);
    const length = file.readSync(bytes);
    return length === null ? undefined : String.fromCharCode(...bytes.subarray(0, length));
  } catch (cause) {
    throw new HistoryError("unusable", `Expected a history in ${path} but found something else`, { cause });
  } finally {
    file.close();
  }
}

/** Whose file it is: what is not ours is neither written nor set aside. */
function checkOwner(database: DatabaseSync, path: string): void {
  const empty = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n ?? 0) === 0;
  if (!empty && number(database, "application_id") !== APPLICATION_ID) {
    throw new HistoryError("foreign", `Expected ${path} to be a history but found another program's database`);
  }
}

/** Opens the file and checks that it can be used as `options` say. */
function openChecked(path: string, { readOnly = false, patience = 5000, maxPages }: DatabaseOptions): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: patience });
  try {
    // Deno 2.9 heeds `timeout` of writers only.
    database.exec(`PRAGMA foreign_keys = ON; PRAGMA busy_timeout = ${patience}`);
    checkOwner(database, path);
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
    if (!readOnly) migrate(database, path);
    else if (number(database, "user_version") !== MIGRATIONS.length) refuseVersion(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Undoes what a process left half-written that was killed: SQLite does so by itself, but not for readers. */
function rollBack(path: string, { patience = 5000 }: DatabaseOptions): void {
  using database = new DatabaseSync(path, { timeout: patience });
  database.prepare("SELECT count(*) FROM sqlite_schema").get();
}

/**
 * Opens the history at `path`, and makes one where there is none, unless `readOnly` says otherwise.
 *
 * @throws {HistoryError} Where there is none to read, the file is something else, of a newer version, damaged, or locked
 * for longer than `patience`.
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): DatabaseSync {
  const { readOnly = false } = options;
  const found = head(path);
  if (found === undefined && readOnly) {
    throw new HistoryError(
      "missing",
      `Expected a history in ${path} but found no such file: convbench history add REPORT.json makes one`,
    );
  }
  if (found !== undefined && found !== HEADER && !/\.(sqlite3?|db)$/.test(path)) {
    throw new HistoryError("foreign", `Expected ${path} to be a history but found another kind of file`);
  }
  return withTroubles(path, () => {
    try {
      return openChecked(path, options);
    } catch (error) {
      const halfWritten = error instanceof Error && error.message.includes("attempt to write a readonly database");
      if (!readOnly || !halfWritten) throw error;
      rollBack(path, options);
      return openChecked(path, options);
    }
  });
}

/** A reader writes nothing, so it cannot migrate. */
function refuseVersion(database: DatabaseSync, path: string): never {
  const version = number(database, "user_version");
  const newer = version > MIGRATIONS.length;
  throw new HistoryError(
    newer ? "newer" : "unusable",
    `Expected ${path} to have schema ${MIGRATIONS.length} but found ${version}: ` +
      (newer ? "it was written by a newer convbench" : "convbench history add brings it up to date"),
  );
}
