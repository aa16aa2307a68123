import { assert, assertEquals, assertThrows } from "@std/assert";
import { SMALL_MODELS } from "../../bench/families.ts";
import { main } from "../../cli.ts";
import { type BenchRun, parseBenchRun } from "../../cli/bench.ts";

function parse(...args: string[]): BenchRun {
  return parseBenchRun(args);
}

Deno.test("without flags a small network of each family is measured in both modes", () => {
  const { entries, ...rest } = parse();
  assertEquals(entries, SMALL_MODELS.flatMap((model) => [{ model, mode: "forward" }, { model, mode: "train" }]));
  assertEquals(rest, {
    backend: undefined,
    device: undefined,
    batch: undefined,
    samples: 30,
    processes: 3,
    compiled: false,
    precision: "float32",
    patience: 600_000,
    json: undefined,
    quiet: false,
  });
});

Deno.test("flags are read", () => {
  const run = parse(
    ..."-- --models d2l/bnlenet* --backend wasm --device cpu --batch 16 --modes train --precision float32 --samples 7"
      .split(" "),
    ..."--processes 2 --timeout 1.5 --json out.json --quiet".split(" "),
  );
  assertEquals(run, {
    entries: [{ model: "d2l/bnlenet", mode: "train" }, { model: "d2l/bnlenet_scratch", mode: "train" }],
    backend: "wasm",
    device: "cpu",
    batch: 16,
    samples: 7,
    processes: 2,
    compiled: false,
    precision: "float32",
    patience: 1500,
    json: "out.json",
    quiet: true,
  });
});

Deno.test("auto is what a left out flag means", () => {
  const { backend, batch } = parse("--backend", "auto", "--batch", "auto");
  assertEquals([backend, batch], [undefined, undefined]);
});

Deno.test("there are no more processes than samples, and each mode is measured once", () => {
  assertEquals(parse("--samples", "2").processes, 2);
  assertEquals(parse("--models", "d2l/lenet", "--modes", "forward,forward").entries.length, 1);
});

for (
  const [args, message] of [
    [["--model", "x"], "found --model: is it --models"],
    [
      ["--models", "d2l/lent"],
      'Expected --models to match a network of listModels() but found "d2l/lent": is it "d2l/lenet"',
    ],
    [["--backend", "cuda"], "Expected --backend of bench to be one of"],
    [["--device", "tpu"], 'Expected --device of bench to be one of "cpu", "gpu" but found "tpu"'],
    [["--batch", "many"], "Expected --batch of bench"],
    [["--batch", "0"], "Expected --batch of bench"],
    [["--modes", "forward,backward"], "Expected --modes"],
    [["--precision", "bfloat16"], "Expected --precision bfloat16 with --compiled but found it without"],
    [
      ["--precision", "int8"],
      'Expected --precision of bench to be one of "float32", "tf32", "bfloat16", "float16" but found "int8"',
    ],
    [["--samples", "0"], "Expected --samples of bench to be greater than 0 but found"],
    [["--samples", "2.5"], "Expected --samples of bench"],
    [["--processes=-1"], "Expected --processes of bench"],
    [["--timeout", "0"], "Expected --timeout of bench"],
    [["--json="], "Expected --json to have a value but found none"],
    [["d2l/lenet"], "Expected a known flag but found d2l/lenet"],
  ] as const
) {
  Deno.test(`convbench bench ${args.join(" ")} is refused`, () => {
    const error = assertThrows(() => parseBenchRun(args), Error, message);
    assertEquals(error.name, "UsageError");
  });
}

Deno.test("--help tells all flags and exit codes, and measures nothing", async () => {
  const { log } = console;
  let said = "";
  console.log = (text: string) => said += text;
  try {
    assertEquals(await main(["bench", "--help"]), 0);
  } finally {
    console.log = log;
  }
  for (
    const flag of ["models", "backend", "device", "batch", "modes", "precision", "samples", "processes", "timeout"]
  ) {
    assert(said.includes(`--${flag} `), flag);
  }
  assert(said.includes("Exit codes:"));
});
