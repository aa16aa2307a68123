/**
 * The documented behaviour of `parseArgs` of `@std/cli`, as far as this project uses
 * it. Runs on the real package where JSR is reachable, on the stand-in where it is not.
 */
import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

Deno.test("parseArgs() keeps declared strings strings", () => {
  const args = parseArgs(["--models", "d2l/*", "--batch=16", "--name"], { string: ["models", "batch", "name"] });
  const models: string | undefined = args.models;
  assertEquals(models, "d2l/*");
  assertEquals(args, { models: "d2l/*", batch: "16", name: "", _: [] });
});

Deno.test("parseArgs() does not take a flag for a value", () => {
  assertEquals(parseArgs(["--models", "--batch", "8"], { string: ["models", "batch"] }), {
    models: "",
    batch: "8",
    _: [],
  });
  assertEquals(parseArgs(["--out", "-"], { string: ["out"] }), { out: "", _: ["-"] });
});

Deno.test("parseArgs() gives booleans, false when absent, and leaves the next argument alone", () => {
  const args = parseArgs(["--quiet", "file", "--force=false"], { boolean: ["quiet", "force", "all"] });
  const quiet: boolean = args.quiet;
  assertEquals(quiet, true);
  assertEquals(args, { quiet: true, force: false, all: false, _: ["file"] });
  assertEquals(parseArgs(["--quiet", "false", "x"], { boolean: ["quiet"] }), { quiet: false, _: ["x"] });
});

Deno.test("parseArgs() takes numbers for numbers unless they are declared strings", () => {
  assertEquals(parseArgs(["--lr", "0.1", "--seed=1e3", "--x=abc", "7", "a"]), {
    lr: 0.1,
    seed: 1000,
    x: "abc",
    _: [7, "a"],
  });
  const positional: Record<string, unknown> = parseArgs(["7"], { string: ["_"] });
  assertEquals(positional, { _: ["7"] });
});

Deno.test("parseArgs() fills in defaults, which an argument overrides", () => {
  const args = parseArgs(["--batch", "8"], { string: ["batch", "backend"], default: { backend: "wasm", batch: "1" } });
  const backend: string = args.backend;
  assertEquals(backend, "wasm");
  assertEquals(args, { batch: "8", backend: "wasm", _: [] });
});

Deno.test("parseArgs() knows a flag by its other names", () => {
  const parsed = (args: string[]): Record<string, unknown> =>
    parseArgs(args, { alias: { help: "h", batch: ["b", "size"] }, boolean: ["help"], string: ["batch"] });
  assertEquals(parsed(["-h", "-b", "4"]), { help: true, h: true, b: "4", batch: "4", size: "4", _: [] });
  assertEquals(parsed(["--size=4"]), { help: false, h: false, b: "4", batch: "4", size: "4", _: [] });
});

Deno.test("parseArgs() reads short flags together and with a number attached", () => {
  assertEquals(parseArgs(["-abc", "x"], { boolean: ["a", "b"] }), { a: true, b: true, c: "x", _: [] });
  assertEquals(parseArgs(["-n5", "-m=6"]), { n: 5, m: 6, _: [] });
});

Deno.test("parseArgs() collects what may be repeated; otherwise the last one counts", () => {
  const args = parseArgs(["--model", "a", "--model", "b", "--x=1", "--x=2"], { collect: ["model"], string: ["model"] });
  const models: string[] = args.model;
  assertEquals(models, ["a", "b"]);
  assertEquals(args, { model: ["a", "b"], x: 2, _: [] });
  assertEquals(parseArgs([], { collect: ["model"], string: ["model"] }), { model: [], _: [] });
});

Deno.test("parseArgs() negates what is negatable, and nothing else", () => {
  assertEquals(parseArgs(["--no-color"], { boolean: ["color"], negatable: ["color"] }), { color: false, _: [] });
  assertEquals(parseArgs(["--no-color"], { boolean: ["color"] }), { color: false, "no-color": true, _: [] });
});

Deno.test("parseArgs() calls unknown() for what is not declared; false leaves it out", () => {
  const seen: unknown[] = [];
  const args = parseArgs(["--bath=8", "file", "--batch=8", "-q"], {
    string: ["batch"],
    unknown: (arg: string, key?: string, value?: unknown) => {
      seen.push([arg, key, value]);
      return false;
    },
  });
  assertEquals(args, { batch: "8", _: [] });
  assertEquals(seen, [["--bath=8", "bath", "8"], ["file", undefined, undefined], ["-q", "q", true]]);
});

Deno.test("parseArgs() leaves what follows -- alone", () => {
  assertEquals(parseArgs(["a", "--", "--b", "7"]), { _: ["a", "--b", "7"] });
  const args = parseArgs(["a", "--", "--b", "-n5"], { "--": true });
  const rest: string[] = args["--"];
  assertEquals(rest, ["--b", "-n5"]);
  assertEquals(args, { _: ["a"], "--": ["--b", "-n5"] });
});
