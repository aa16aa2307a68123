import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { label, parseLabel } from "../../bench/label.ts";
import { kernelTable, modelTable, parseBenchReport } from "../../bench/table.ts";

const ok = (group: string, name: string, milliseconds: number) => ({
  group,
  name,
  results: [{ ok: { n: 10, min: milliseconds * 0.5e6, max: milliseconds * 2e6, avg: milliseconds * 1e6, p75: 0 } }],
});
const report = (...benches: unknown[]) => JSON.stringify({ version: 1, runtime: "Deno/2", cpu: "CPU", benches });

Deno.test("a label is read as it was written", () => {
  const what = fc.string({ minLength: 1 }).filter((text) => !text.includes("\n"));
  const work = fc.record({ what, amount: fc.nat(), unit: fc.constantFrom("images" as const, "MFLOP" as const) });
  fc.assert(fc.property(work, (work) => assertEquals(parseLabel(label(work)), work)));
  assertEquals(parseLabel("some other benchmark"), undefined);
});

Deno.test("throughput is the batch by the mean step", () => {
  const { rows, cpu } = parseBenchReport(report(ok("d2l/lenet", "forward, 128 images", 64)));
  assertEquals(cpu, "CPU");
  const [head, line] = modelTable(rows).split("\n").map((line) => line.split(/\s+/));
  assertEquals(head, ["model", "mode", "batch", "ms/step", "min", "max", "images/s"]);
  assertEquals(line, ["d2l/lenet", "forward", "128", "64", "32", "128", "2,000"]);
});

Deno.test("kernels are told in GFLOP/s, as shares of the matrix product, and against upstream", () => {
  const { rows } = parseBenchReport(report(
    ok("GEMM", "matMul, 2000 MFLOP", 100),
    ok("conv", "input gradient, ours, 500 MFLOP", 50),
    ok("conv", "input gradient, upstream, 500 MFLOP", 1500),
  ));
  const [, , ours, upstream] = kernelTable(rows).split("\n");
  assertStringIncludes(ours ?? "", "50 %");
  assertStringIncludes(ours ?? "", "30×");
  assertEquals((upstream ?? "").includes("×"), false);
});

Deno.test("failed benchmarks are named", () => {
  const failing = { group: "d2l/alexnet", name: "forward, 16 images", results: [{ failed: { message: "no memory" } }] };
  assertEquals(parseBenchReport(report(failing)), {
    rows: [],
    failed: ["d2l/alexnet forward, 16 images"],
    cpu: "CPU",
    runtime: "Deno/2",
  });
});

Deno.test("what is no report is refused", () => {
  assertThrows(() => parseBenchReport("{}"));
  assertThrows(() => parseBenchReport("no JSON"));
});
