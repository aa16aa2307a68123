import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { doctor, table } from "../../cli/doctor.ts";
import { examine, type Finding } from "../../backends/doctor/finding.ts";
import { UsageError } from "../../cli/flags.ts";
import type { BackendInfo } from "../../backends/select.ts";
import { ROOT } from "../../tools/jsr.ts";
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

const fine: Finding = { topic: "A", state: "ok", text: "is there", facts: { number: 1 } };
const bad: Finding = { topic: "Long topic", state: "missing", text: "is not", facts: {}, mend: "get it" };
const probes = { A: () => fine, B: () => Promise.resolve([bad]) };

const info: BackendInfo = {
  name: "wasm",
  device: "cpu",
  available: true,
  version: "1.0",
  features: { simd: true },
  passedOver: [],
};

/** Runs the doctor on no machine; gives its exit code and what it printed. */
async function run(args: string[], start = () => Promise.resolve(info)): Promise<[code: number, printed: string]> {
  let printed = "";
  const code = await doctor(args, { probes, start, print: (text) => void (printed += text) });
  return [code, printed];
}

Deno.test("table() has what mends a thing below it", () => {
  assertEquals(
    table([fine, bad]).split("\n"),
    ["ok       A           is there", "missing  Long topic  is not", "                     → get it"],
  );
});

Deno.test("doctor() prints all findings, for people and for programs, and is content with what is missing", async () => {
  assertEquals(await run([]), [0, table([fine, bad])]);
  const [code, printed] = await run(["--json"]);
  assertEquals([code, JSON.parse(printed)], [0, { findings: [fine, bad] }]);
});

Deno.test("doctor() starts the backend that was asked for", async () => {
  const [code, printed] = await run(["--backend", "wasm"]);
  assertEquals(code, 0);
  assertStringIncludes(printed, "backend wasm  runs on the cpu: simd true");
});

Deno.test("doctor() ends with 1 where the backend that was asked for cannot run", async () => {
  const [code, printed] = await run(["--backend", "wasm"], () => Promise.reject(new Error("no SIMD")));
  assertEquals(code, 1);
  assertStringIncludes(printed, "broken   backend wasm  no SIMD");
});

Deno.test("doctor() hands the device on", async () => {
  const asked: unknown[] = [];
  const start = (...args: unknown[]) => {
    asked.push(args);
    return Promise.resolve(info);
  };
  await run(["--backend", "wasm", "--device", "cpu"], start);
  await run(["--backend", "wasm"], start);
  assertEquals(asked, [["wasm", { device: "cpu" }], ["wasm", {}]]);
});

for (
  const [args, message] of [
    [["--backend", "tpu"], "Expected --backend of doctor to be one of "],
    [["--backend", "wasm", "--device", "tpu"], 'Expected --device of doctor to be one of "cpu", "gpu"'],
    [["--device", "gpu"], "Expected --device together with --backend"],
    [["--jsn"], "is it --json"],
  ] as const
) {
  Deno.test(`doctor() refuses ${args.join(" ")}`, async () => {
    await assertRejects(() => run([...args]), UsageError, message);
  });
}

Deno.test("examine() turns a probe that throws into a finding, and goes on in order", async () => {
  const order: string[] = [];
  const findings = await examine({
    first: async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push("first");
      throw new Error("boom\nat x");
    },
    second: () => {
      order.push("second");
      return fine;
    },
  });
  assertEquals(order, ["first", "second"]);
  assertEquals(findings[0], { topic: "first", state: "broken", text: "cannot be looked at: boom", facts: {} });
  assertEquals(findings[1], fine);
});

Deno.test("convbench doctor looks at this machine", async () => {
  await withFolder(async (folder) => {
    // Without libtensorflow: the test says the same wherever it runs.
    const script = `${folder}/run.ts`;
    await Deno.writeTextFile(
      script,
      `Deno.env.set("CONVBENCH_CACHE", "${folder}"); Deno.env.delete("TF_LIB");
       const { main } = await import("${new URL(`file://${ROOT}/cli.ts`)}");
       Deno.exit(await main(["doctor", "--json", "--backend", "cpu"]));`,
    );
    const { code, stdout, stderr } = await runDeno([script]);
    assertEquals(code, 0, stderr);
    const { findings }: { findings: Finding[] } = JSON.parse(stdout);
    const topics = findings.map(({ topic }) => topic);
    for (const topic of ["Deno", "CPU", "Memory", "wasm", "libtensorflow", "WebGPU", "JSR", "Fashion-MNIST"]) {
      assert(topics.includes(topic), `${topic} in ${topics}`);
    }
    assertEquals(findings.find(({ topic }) => topic === "libtensorflow")?.mend, "deno task setup");
    assertEquals(findings.at(-1)?.topic, "backend cpu");
    // Whatever is missing comes with what mends it.
    for (const { topic, state, mend } of findings) assert(state === "ok" || mend !== undefined, topic);
  });
});
