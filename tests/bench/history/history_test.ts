import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { HistoryError, migrate, openDatabase } from "../../../bench/history/database.ts";
import { History, type Series } from "../../../bench/history/history.ts";
import { MODELS, OVERVIEW, POINTS, seriesBy } from "../../../bench/history/queries.ts";
import { levelsOf, trends } from "../../../bench/history/trend.ts";
import { median, medianInterval } from "../../../bench/report/median.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { withFolder } from "../../data/support.ts";
import { makeReport, makeResult } from "../report/support.ts";

/** A run on a day of November 2026. */
function run(day: number, milliseconds = 20, fields: Parameters<typeof makeResult>[1] = {}): Report {
  const started = new Date(Date.UTC(2026, 10, day)).toISOString();
  return makeReport([makeResult({ milliseconds, seed: day }, fields)], { started, commit: `c0ffee${day}` });
}

/** The only series. */
function only(history: History): Series {
  const [series, ...more] = history.series();
  assert(series !== undefined && more.length === 0);
  return series;
}

Deno.test("what is added comes back in the order in which it was measured, with medians of the samples", async () => {
  await withFolder(async (folder) => {
    const reports = [run(3), run(1), run(2)];
    {
      using history = new History(`${folder}/h.sqlite`);
      for (const report of reports) assertEquals(await history.add(report), { results: 1, known: false });
    }
    using history = new History(`${folder}/h.sqlite`, { readOnly: true });
    const points = history.points(only(history), 10);
    assertEquals(points.map(({ commit }) => commit), ["c0ffee1", "c0ffee2", "c0ffee3"]);
    const samples = reports[1]?.results[0]?.samplesMs ?? [];
    assertEquals(points[0], {
      started: Date.UTC(2026, 10, 1),
      commit: "c0ffee1",
      median: median(samples),
      interval: medianInterval(samples) ?? null,
      samples: 30,
    });
    assertEquals(history.points(only(history), 2).map(({ commit }) => commit), ["c0ffee2", "c0ffee3"]);
    assertEquals(only(history).results, 3);
    assertEquals(history.overview(), [
      { model: "d2l/resnet18", series: 1, results: 3, last: Date.UTC(2026, 10, 3) },
    ]);
  });
});

Deno.test("a report is added once, however its file is laid out", async () => {
  using history = new History(":memory:");
  const report = run(1);
  await history.add(report);
  assertEquals(await history.add(structuredClone(report)), { results: 0, known: true });
  assertEquals(only(history).results, 1);
  await history.add(run(1, 21));
  assertEquals(only(history).results, 2);
});

Deno.test("only what can be compared is one series", async () => {
  using history = new History(":memory:");
  const [result] = run(1).results;
  assert(result !== undefined);
  const { environment } = run(1);
  await history.add({ schema: 1, environment, results: [result] });
  // A newer library is what a history is for; another machine is not.
  await history.add({ schema: 1, environment: { ...environment, libtensorflow: "2.22.0" }, results: [result] });
  assertEquals(history.series().length, 1);
  for (const other of [{ cores: 4 }, { cpu: "Apple M4" }, { flags: { oneDNN: false } }, { threads: 2 }]) {
    const before = history.series().length;
    await history.add({ schema: 1, environment: { ...environment, ...other }, results: [result] });
    assertEquals(history.series().length, before + 1, JSON.stringify(other));
  }
  for (const other of [{ batch: 8 }, { backend: "wasm" }, { precision: "bfloat16" }]) {
    const before = history.series().length;
    await history.add({ schema: 1, environment, results: [{ ...result, ...other }] });
    assertEquals(history.series().length, before + 1, JSON.stringify(other));
  }
  assertEquals(history.series({ backend: "wasm" }).length, 1);
  assertEquals(history.series({ model: "d2l/lenet" }), []);
});

Deno.test("the order of an environment's flags does not make another machine", async () => {
  using history = new History(":memory:");
  const { environment, results } = run(1);
  await history.add({ schema: 1, environment: { ...environment, flags: { a: 1, b: 2 } }, results });
  await history.add({ schema: 1, environment: { ...environment, flags: { b: 2, a: 1 } }, results });
  assertEquals(history.series().length, 1);
});

Deno.test("a run without a date counts as measured when it is added", async () => {
  using history = new History(":memory:");
  const { environment, results } = run(1);
  await history.add({ schema: 1, environment: { ...environment, started: null }, results }, 1234);
  assertEquals(history.points(only(history), 1)[0]?.started, 1234);
});

Deno.test("names with quotes and statements in them are names", async () => {
  using history = new History(":memory:");
  const model = `a'b"; DROP TABLE results; --`;
  await history.add(run(1, 20, { model, name: model }));
  assertEquals(history.models(), [model]);
  assertEquals(history.series({ model }).length, 1);
});

Deno.test("trends() tells levels and by how much they differ", async () => {
  using history = new History(":memory:");
  for (let day = 1; day <= 12; day++) await history.add(run(day, 20));
  for (let day = 13; day <= 24; day++) await history.add(run(day, 22));
  const [trend] = trends(history, { model: "d2l/resnet18" });
  assertEquals(trend?.levels.map(({ start, results }) => [start, results]), [[0, 12], [12, 12]]);
  const [first, second] = trend?.levels ?? [];
  assertEquals(first?.ratio, null);
  assert(Math.abs((second?.ratio ?? 0) - 1.1) < 0.01, String(second?.ratio));
  assertEquals(second?.first.commit, "c0ffee13");
  const [recent] = trends(history, {}, 5);
  assertEquals([recent?.points.length, recent?.series.results, recent?.levels.length], [5, 24, 1]);
  assertEquals(levelsOf([]), []);
});

Deno.test("migrations run from the version that a file has, all or none", () => {
  using database = new DatabaseSync(":memory:");
  const version = () => database.prepare("PRAGMA user_version").get()?.user_version;
  migrate(database, "x", ["CREATE TABLE a (x)"]);
  assertEquals(version(), 1);
  database.exec("INSERT INTO a VALUES (7)");
  const steps = ["never run again", "ALTER TABLE a ADD COLUMN y DEFAULT 8"];
  migrate(database, "x", steps);
  assertEquals(version(), 2);
  assertEquals({ ...database.prepare("SELECT * FROM a").get() }, { x: 7, y: 8 });
  assertThrows(() => migrate(database, "x", [...steps, "CREATE TABLE b (x)", "no SQL"]), Error);
  assertEquals([version(), database.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").get()], [2, undefined]);
});

Deno.test("a history of a newer version is refused and left as it is", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    {
      using database = openDatabase(path);
      database.exec("PRAGMA user_version = 99");
    }
    const before = await Deno.readFile(path);
    for (const readOnly of [true, false]) {
      const error = assertThrows(() => new History(path, { readOnly }), HistoryError, "written by a newer convbench");
      assertEquals(error.trouble, "newer");
    }
    assertEquals(await Deno.readFile(path), before);
  });
});

Deno.test("no question is answered by reading all results", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    {
      using history = new History(path);
      await history.add(run(1));
    }
    using database = openDatabase(path, { readOnly: true });
    const plan = (sql: string, ...values: (string | number)[]) =>
      database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map(({ detail }) => String(detail)).join("\n");
    const points = plan(POINTS, 1, 10);
    assert(points.includes("SEARCH results USING PRIMARY KEY (series=?)"), points);
    assert(points.includes("SEARCH runs USING INTEGER PRIMARY KEY"), points);
    const series = plan(seriesBy(["model", "mode"]), "x", "forward");
    assert(/SEARCH series USING .*INDEX .*\(model=\? AND mode=\?\)/.test(series), series);
    assert(plan(seriesBy(["id"]), 1).includes("SEARCH series USING INTEGER PRIMARY KEY"));
    const overview = plan(OVERVIEW);
    assert(overview.includes("SEARCH results USING PRIMARY KEY (series=?)"), overview);
    for (const found of [points, series, overview, plan(MODELS), plan(seriesBy([]))]) {
      assert(!/TEMP B-TREE|SCAN (results|runs|details)/.test(found), found);
    }
  });
});
