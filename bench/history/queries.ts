/**
 * What a history is asked. Each of them is answered from an index, however many
 * results there are: a test reads SQLite's own plans.
 *
 * @module
 */

/** The last so many results of a series, the newest first: `[series, count]`. */
export const POINTS = `SELECT results.started, commit_hash, median, low, high, samples
  FROM results JOIN runs ON runs.id = run WHERE series = ? ORDER BY results.started DESC, run DESC LIMIT ?`;

/** The models that have results. */
export const MODELS = "SELECT DISTINCT model FROM series ORDER BY model";

/** What there is of each model. */
export const OVERVIEW = `SELECT model, count(*) AS series, sum(results) AS results,
  max((SELECT started FROM results WHERE series = id ORDER BY started DESC LIMIT 1)) AS last
  FROM series GROUP BY model ORDER BY model`;

/** Series by the value of each of `columns`. */
export function seriesBy(columns: readonly ("model" | "backend" | "mode" | "id")[]): string {
  const where = columns.length === 0 ? "" : `WHERE ${columns.map((column) => `${column} = ?`).join(" AND ")}`;
  return `SELECT * FROM series ${where} ORDER BY model, mode, backend, precision, batch, machine, name`;
}
