import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleSpecs, ignoreList, REQUIRE, type SpecBundle } from "../../tools/conformance/jasmine/bundle.ts";
import { judgeSpec, unknownNames } from "../../tools/conformance/jasmine/judge.ts";
import { KNOWN_FAILURES, type KnownFailure } from "../../tools/conformance/jasmine/known.ts";
import { specRequire } from "../../tools/conformance/jasmine/node_index.ts";
import type { Line, SpecResult, Status } from "../../tools/conformance/jasmine/protocol.ts";
import { collect, type Ended, listen } from "../../tools/conformance/jasmine/run.ts";

const result = (name: string, status: Status, message = ""): SpecResult => ({
  id: name,
  name,
  status,
  message,
  ignored: false,
});
const started = (name: string): Line => ({ kind: "started", id: name, name, ignored: false });
const done = (name: string): Line => ({ kind: "done", result: result(name, "passed") });

Deno.test("the bundle holds the suites of tfjs-core and tfjs-node, and shares the engine of this process", async () => {
  const scratch = await Deno.makeTempDir();
  try {
    const path = join(scratch, "specs.mjs");
    await bundleSpecs("tensorflow", path);
    const suites: string[] = [];
    // The bodies of suites are not run: some ask for the backend at once.
    const globals = { describe: (name: string) => suites.push(name), [REQUIRE]: specRequire(scratch) };
    for (const name of ["it", "xit", "beforeEach", "afterEach", "beforeAll", "afterAll"]) {
      Object.assign(globals, { [name]: () => {} });
    }
    Object.assign(globalThis, globals);
    const { engine, IGNORE_LIST }: SpecBundle = await import(pathToFileURL(path).href);
    assert(engine() === tf.engine());
    for (const name of ["conv2d test-tensorflow {}", "hash", "SavedModel", "tensorboard", "executeOp"]) {
      assert(suites.some((suite) => suite.startsWith(name)), name);
    }
    assert(suites.length > 300, `${suites.length} suites`);
    assert(IGNORE_LIST.includes("maxPoolWithArgmax"));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
});

Deno.test("ignoreList() cuts the list out of tfjs-node's script and refuses a script without", () => {
  const script = "run();\nvar IGNORE_LIST = [\n  // why\n  'a [b]',\n];\nif (windows) IGNORE_LIST.push('c');";
  assertEquals(ignoreList(script), "export const IGNORE_LIST = [\n  // why\n  'a [b]',\n];");
  assertThrows(() => ignoreList("run();"), Error, "Expected");
});

Deno.test("judgeSpec() excuses a known failure only while it fails in the known way", () => {
  const list: KnownFailure[] = [
    { specs: ["sparse"], but: ["sparse throws"], message: "no kernel", reason: "no kernel for it" },
    { specs: ["tan large"], message: "differ", reason: "rounding" },
  ];
  const verdict = (name: string, status: Status, message?: string) =>
    judgeSpec(result(name, status, message), list).verdict;
  assertEquals(verdict("sparse sums", "failed", "no kernel"), "known");
  assertEquals(verdict("sparse sums", "failed", "out of memory"), "fails");
  assertEquals(verdict("sparse sums", "passed"), "closed");
  assertEquals(verdict("sparse sums", "crashed", "no kernel"), "fails");
  assertEquals(verdict("sparse throws", "passed"), "passes");
  assertEquals(verdict("sparse throws", "failed", "no kernel"), "fails");
  assertEquals(verdict("sparseReshape", "failed", "no kernel"), "fails");
  assertEquals(verdict("tan large", "failed", "arrays differ"), "known");
  assertEquals(verdict("tan", "passed"), "passes");
  assertEquals(verdict("tan", "pending"), "pending");
  assertEquals(unknownNames([result("sparse throws", "passed")], list), ["tan large"]);
});

Deno.test("no name stands twice in the list of known failures", () => {
  const names = KNOWN_FAILURES.flatMap(({ specs }) => specs);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("a spec that ends its process is named, and the next process goes on behind it", async () => {
  const asked: string[][] = [];
  const processes: Ended[] = [
    { lines: [started("a"), done("a"), started("b")], death: "the process ended by SIGSEGV" },
    { lines: [started("c"), done("c"), { kind: "stray", name: "suite", message: "afterAll" }, { kind: "ends" }] },
  ];
  const { results, strays } = await collect((skip) => {
    asked.push([...skip]);
    return Promise.resolve(processes.shift() ?? { lines: [] });
  });
  assertEquals(asked, [[], ["a", "b"]]);
  assertEquals(results.map(({ name, status }) => `${name} ${status}`), ["a passed", "b crashed", "c passed"]);
  assertEquals(results[1]?.message, "the process ended by SIGSEGV");
  assertEquals(strays, ["suite: afterAll"]);
});

Deno.test("a process that ends outside of any spec is an error", async () => {
  const lines = [started("a"), done("a")];
  await assertRejects(() => collect(() => Promise.resolve({ lines, death: "it ended" })), Error, "it ended");
});

Deno.test("listen() tells a process that ends by itself, one that dies and one that hangs apart", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const run = async (rest: string, patienceMs = 60_000) => {
      const path = join(folder, "script.js");
      await Deno.writeTextFile(path, `console.log("library talk\\n" + JSON.stringify({ kind: "started" }));\n${rest}`);
      return await listen(["--no-config", path], folder, patienceMs);
    };
    const started = { kind: "started" };
    assertEquals<unknown>(await run('console.log(JSON.stringify({ kind: "ends" }));'), {
      lines: [started, { kind: "ends" }],
    });
    const dead = await run('console.error("last words"); Deno.exit(3);');
    assertEquals<unknown>(dead, { lines: [started], death: "the process ended with exit code 3: last words" });
    const hung = await run("for (;;);", 5000);
    assertEquals(hung.lines.length, 1);
    assert(hung.death?.startsWith("the process said nothing for 5 s"), hung.death);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
