/**
 * Makes a history of as many results as are asked for, and prints how long its
 * questions take, with SQLite's plans for them: docs/cli.md has the figures.
 *
 *     deno run -A tools/jsr.ts run -A tools/history_scale.ts [RESULTS] [FILE.sqlite]
 *
 * @module
 */
import { openDatabase } from "../bench/history/database.ts";
import { History } from "../bench/history/history.ts";
import { OVERVIEW, POINTS, seriesBy } from "../bench/history/queries.ts";
import { LAST, trends } from "../bench/history/trend.ts";
import { MODES } from "../bench/workloads.ts";
import { listModels } from "../mod.ts";
import { normalValues } from "../models/random.ts";
import { offlineFlags, ROOT } from "./jsr.ts";

const SERIES = 200;
const HOUR = 3_600_000;
const MACHINE = { cpu: "Made up", gpu: null, cores: 2, os: "linux x86_64", threads: 2, flags: {} };

/** Runs of 100 networks in both modes, a commit each; every 1,000 runs all get 5 % slower or faster. */
function fill(path: string, results: number): void {
  using database = openDatabase(path);
  const series = database.prepare(
    "INSERT INTO series (id, name, model, mode, backend, precision, batch, machine, results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const run = database.prepare(
    "INSERT INTO runs (id, digest, started, commit_hash, environment) VALUES (?, ?, ?, ?, ?)",
  );
  const result = database.prepare(
    "INSERT INTO results (series, started, run, median, low, high, samples) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const runs = Math.ceil(results / SERIES);
  database.exec("BEGIN");
  listModels().slice(0, SERIES / MODES.length).forEach((model, i) =>
    MODES.forEach((mode, j) =>
      series.run(
        MODES.length * i + j,
        `${model} ${mode}`,
        model,
        mode,
        "tensorflow",
        "float32",
        16,
        JSON.stringify(MACHINE),
        runs,
      )
    )
  );
  for (let i = 0; i < runs; i++) {
    const started = Date.UTC(2026, 0, 1) + i * HOUR;
    run.run(i, String(i), started, i.toString(16).padStart(40, "0"), "{}");
    const noise = normalValues(SERIES, 0.01, i);
    for (let id = 0; id < SERIES; id++) {
      const median = (10 + id) * (Math.floor(i / 1000) % 2 === 0 ? 1 : 1.05) * (1 + (noise[id] ?? 0));
      result.run(id, started, i, median, 0.99 * median, 1.01 * median, 30);
    }
  }
  database.exec("COMMIT");
}

/** The fastest of some calls, in milliseconds. */
async function fastest(of: () => unknown, calls: number): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await of();
    best = Math.min(best, performance.now() - start);
  }
  return Number(best.toFixed(1));
}

/** Runs the command line in a process of its own. */
async function convbench(flags: readonly string[], args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...flags, "cli.ts", ...args],
    cwd: ROOT,
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error(`Expected convbench ${args.join(" ")} to exit with 0`);
}

async function measure(path: string): Promise<Record<string, unknown>> {
  const model = listModels()[0] ?? "";
  const flags = await offlineFlags();
  const queries = () => {
    using history = new History(path, { readOnly: true });
    return history.series({ model }).map((series) => history.points(series, LAST));
  };
  const whole = () => {
    using history = new History(path, { readOnly: true });
    return trends(history, { model });
  };
  const overview = () => {
    using history = new History(path, { readOnly: true });
    return history.overview();
  };
  using database = openDatabase(path, { readOnly: true });
  const plan = (sql: string, ...values: (string | number)[]) =>
    database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map(({ detail }) => detail);
  return {
    results: database.prepare("SELECT count(*) AS n FROM results").get()?.n,
    megabytes: Math.round((await Deno.stat(path)).size / 1e6),
    queriesMs: await fastest(queries, 20),
    queriesAndLevelsMs: await fastest(whole, 20),
    overviewMs: await fastest(overview, 20),
    processMs: await fastest(() => convbench(flags, ["history", model, "--history", path]), 5),
    emptyProcessMs: await fastest(() => convbench(flags, ["history", "--help"]), 5),
    plans: { points: plan(POINTS, 1, LAST), series: plan(seriesBy(["model"]), model), overview: plan(OVERVIEW) },
  };
}

if (import.meta.main) {
  const [results = "1000000", file] = Deno.args;
  const folder = await Deno.makeTempDir();
  try {
    const path = file ?? `${folder}/history.sqlite`;
    fill(path, Number(results));
    console.log(JSON.stringify(await measure(path), null, 2));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
