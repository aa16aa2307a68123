import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../../backends/select.ts";
import type { Case } from "../../../tools/conformance/case.ts";
import { CASES } from "../../../tools/conformance/cases.ts";
import { KNOWN_GAPS } from "../../../tools/conformance/known.ts";
import { hasWebGPU } from "./support.ts";

/** The value and the gradients; the first line of an error in the place of what cannot be. */
type Outcome = (Float32Array | string)[];

/** As tools/conformance evaluates a case, but for values that are read asynchronously. */
async function evaluate({ shapes, run }: Case): Promise<Outcome> {
  const outcome: Outcome = [];
  const inputs = shapes.map((shape, i) => tf.randomUniform([...shape], -1, 1, "float32", 17 + i));
  try {
    const y = run(...inputs);
    outcome.push(await y.data() as Float32Array);
    const dy = tf.randomUniform(y.shape, -1, 1, "float32", 99);
    const gradients = tf.grads(run)(inputs, dy);
    for (const gradient of gradients) outcome.push(await gradient.data() as Float32Array);
  } catch (error) {
    outcome.push((error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "");
  }
  return outcome;
}

async function evaluateAll(backend: "cpu" | "webgpu"): Promise<Outcome[]> {
  await useBackend(backend);
  const outcomes: Outcome[] = [];
  for (const one of CASES) {
    tf.engine().startScope();
    outcomes.push(await evaluate(one));
    tf.engine().endScope();
  }
  return outcomes;
}

/** Why outcomes differ: ten times what wasm may be off by. */
function disagreement(found: Outcome, expected: Outcome): string | undefined {
  for (const [i, value] of found.entries()) {
    const reference = expected[i];
    if (typeof value === "string") return value;
    if (reference === undefined || typeof reference === "string") return `the reference gives ${reference}`;
    const off = value.reduce((max, x, j) => Math.max(max, Math.abs(x - (reference[j] ?? NaN))), 0);
    if (!(value.length === reference.length && off < (i === 0 ? 1e-3 : 2e-3))) return `output ${i} differs by ${off}`;
  }
  return undefined;
}

Deno.test({
  name: "of the 82 conformance cases at least 77 agree with cpu on webgpu; the rest are gaps of tfjs-core",
  ignore: !hasWebGPU,
  async fn() {
    const { warn } = console;
    // tfjs warns of the casts that some of the cases make.
    console.warn = () => {};
    try {
      const [expected, found] = [await evaluateAll("cpu"), await evaluateAll("webgpu")];
      const failing = CASES.flatMap(({ name }, i) => {
        const why = disagreement(found[i] ?? [], expected[i] ?? []);
        return why === undefined ? [] : [{ name, why }];
      });
      assertEquals(failing.filter(({ name }) => !KNOWN_GAPS.has(name)), []);
      // Errors, never numbers.
      assert(failing.every(({ why }) => !why.includes("differs by")), JSON.stringify(failing));
      assert(CASES.length - failing.length >= 77);
    } finally {
      console.warn = warn;
    }
  },
});
