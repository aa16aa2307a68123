import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { addReport } from "../../../bench/history/add.ts";
import { HistoryError, openDatabase } from "../../../bench/history/database.ts";
import { History } from "../../../bench/history/history.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { withFolder } from "../../data/support.ts";
import { makeReport, makeResult } from "../report/support.ts";

const run = (seed: number): Report => makeReport([makeResult({ seed })], { started: `2026-11-${10 + seed}T00:00:00Z` });

/** How many results the history at `path` has. */
function count(path: string): number {
  using history = new History(path, { readOnly: true });
  return history.overview().reduce((sum, { results }) => sum + results, 0);
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("a locked history loses nothing: the report waits beside it, and the next one takes it in", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    await addReport(path, run(1));
    {
      using other = new DatabaseSync(path);
      other.exec("BEGIN EXCLUSIVE");
      const { held, notes } = await addReport(path, run(2), { patience: 10 });
      assertEquals(held, false);
      assertStringIncludes(notes[0] ?? "", "is in use by another process");
      const [, pending = ""] = /set aside in (\S+), and/.exec(notes[0] ?? "") ?? [];
      assertEquals(JSON.parse(await Deno.readTextFile(pending)), run(2));
      other.exec("ROLLBACK");
    }
    assertEquals(count(path), 1);
    const { held, notes } = await addReport(path, run(3));
    assertEquals([held, notes.length, count(path)], [true, 1, 3]);
    assertStringIncludes(notes[0] ?? "", "which had been set aside, is in: 1 results");
    assertEquals(await names(folder), ["h.sqlite"]);
  });
});

Deno.test("reading a locked history waits as long as it is told to, and says so", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    await addReport(path, run(1));
    using other = new DatabaseSync(path);
    other.exec("BEGIN EXCLUSIVE");
    const error = assertThrows(
      () => new History(path, { readOnly: true, patience: 10 }),
      HistoryError,
      "is in use by another process",
    );
    assertEquals(error.trouble, "locked");
    other.exec("ROLLBACK");
    using reader = openDatabase(path, { readOnly: true, patience: 123 });
    assertEquals(reader.prepare("PRAGMA busy_timeout").get()?.timeout, 123);
  });
});

/** A history as a process leaves it that is killed while it adds: with results that are not to count. */
async function halfWritten(path: string): Promise<void> {
  const whole = `${path}.whole`;
  await addReport(whole, run(1));
  using writer = new DatabaseSync(whole);
  // Without a cache pages are written before the end.
  writer.exec("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE series SET results = 99");
  const insert = writer.prepare("INSERT INTO runs (digest, started, environment) VALUES (?, 0, ?)");
  for (let i = 0; i < 500; i++) insert.run(String(i), "{}".padEnd(300));
  await Deno.copyFile(whole, path);
  await Deno.copyFile(`${whole}-journal`, `${path}-journal`);
  writer.exec("ROLLBACK");
}

for (
  const [who, use] of [
    ["reader", (path: string) => Promise.resolve(count(path))],
    ["writer", (path: string) => addReport(path, run(1)).then(() => count(path))],
  ] as const
) {
  Deno.test(`what a killed process left half-written is undone by the next ${who}`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/h.sqlite`;
      await halfWritten(path);
      assert((await Deno.stat(path)).size > 2 * (await Deno.stat(`${path}.whole`)).size);
      assertEquals(await use(path), 1);
      assertEquals(await names(folder), ["h.sqlite", "h.sqlite.whole"]);
    });
  });
}

Deno.test("what waits and is no report any more stays, and is said", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    await Deno.writeTextFile(`${path}.pending-x.json`, '{"schema": 1, "resul');
    const { held, notes } = await addReport(path, run(1));
    assertEquals([held, notes.length], [true, 1]);
    assertStringIncludes(notes[0] ?? "", "it stays where it is");
    assertEquals(await names(folder), ["h.sqlite", "h.sqlite.pending-x.json"]);
  });
});

/** A history whose pages are overwritten from `from` on. */
async function damaged(path: string, from: number): Promise<Uint8Array> {
  for (let seed = 1; seed <= 9; seed++) await addReport(path, run(seed));
  const bytes = await Deno.readFile(path);
  bytes.fill(0xa5, from);
  await Deno.writeFile(path, bytes);
  return bytes;
}

for (const [what, from] of [["from its first byte on", 0], ["behind its header", 100]] as const) {
  Deno.test(`a history that is damaged ${what} is set aside as it is, and a new one begins`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/h.sqlite`;
      const bytes = await damaged(path, from);
      const { held, results, notes } = await addReport(path, run(10));
      assertEquals([held, results, count(path)], [true, 1, 1]);
      const [, aside = ""] = /is damaged .*: it is set aside as (\S+), and a new one begins/.exec(notes[0] ?? "") ?? [];
      assertEquals(await Deno.readFile(aside), bytes);
    });
  });
}

Deno.test("reading a damaged history says so and moves nothing", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    const bytes = await damaged(path, 100);
    const error = assertThrows(() => count(path), HistoryError, "is damaged");
    assertEquals(error.trouble, "damaged");
    assertEquals(await names(folder), ["h.sqlite"]);
    assertEquals(await Deno.readFile(path), bytes);
  });
});

for (
  const [what, name, content] of [
    ["a file of another kind", "out.json", '{"schema": 1}'],
    ["another program's database", "other.sqlite", undefined],
  ] as const
) {
  Deno.test(`${what} is refused and left as it is`, async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/${name}`;
      if (content === undefined) {
        using other = new DatabaseSync(path);
        other.exec("CREATE TABLE notes (text)");
      } else await Deno.writeTextFile(path, content);
      const before = await Deno.readFile(path);
      const error = await assertRejects(
        () => addReport(path, run(1)),
        HistoryError,
        `Expected ${path} to be a history`,
      );
      assertEquals((error as HistoryError).trouble, "foreign");
      assertEquals(await Deno.readFile(path), before);
      assertEquals(await names(folder), [name]);
    });
  });
}

Deno.test("a full disk leaves the history as it was, and says that nothing was added", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    await addReport(path, run(1));
    const { size } = await Deno.stat(path);
    const many = makeReport(
      Array.from({ length: 100 }, (_, i) => makeResult({ seed: i }, { name: `result ${i}`, model: `model ${i}` })),
    );
    const error = await assertRejects(
      () => addReport(path, many, { maxPages: size / 4096 + 1 }),
      HistoryError,
      "has no room left on its disk",
    );
    assertStringIncludes((error as HistoryError).message, "nothing was added");
    assertEquals([(error as HistoryError).trouble, count(path)], ["full", 1]);
    assertEquals((await addReport(path, many)).results, 100);
  });
});

Deno.test("a folder that is not there is no history, and is not made", async () => {
  await withFolder(async (folder) => {
    await assertRejects(() => addReport(`${folder}/no/h.sqlite`, run(1)), HistoryError, "cannot be used");
    assertEquals(await names(folder), []);
    assertThrows(() => count(`${folder}/h.sqlite`), HistoryError, "found no such file: convbench history add");
    assert((await names(folder)).length === 0);
  });
});
