import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs' own ops
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { tensorflowMemory } from "../../../backends/tensorflow/mod.ts";
import { hasTensorFlow } from "../../backends_under_test.ts";
import { binding } from "./support.ts";
import { FUZZED_CALLS, FUZZED_OPS, type FuzzedOp, Input } from "./fuzz_ops.ts";

const RUNS = 50;
const CALLS = 500;
const SEED = 20_261_124;

type Outcome = "value" | "gradient" | "error";

const alive = () => ({ tensors: tf.memory().numTensors, handles: tensorflowMemory().handles });

const make = (part: unknown): unknown =>
  part instanceof Input ? part.make() : Array.isArray(part) && part[0] instanceof Input ? part.map(make) : part;

/** Reads every tensor: an op that fails on another thread, or a wrong shape, would show here. */
function read(result: unknown): tf.Tensor[] {
  const outputs = (Array.isArray(result) ? result : [result]) as tf.Tensor[];
  for (const output of outputs) {
    assert(output instanceof tf.Tensor);
    assertEquals(output.dataSync().length, output.size * (output.dtype === "complex64" ? 2 : 1));
  }
  return outputs;
}

/** The gradients of the op by all of its arguments that may have one. */
function gradients(run: FuzzedOp["run"], args: Record<string, unknown>): void {
  const differentiable = Object.entries(args).filter(([, part]) =>
    part instanceof tf.Tensor && part.dtype === "float32"
  );
  const scalar = (...tensors: tf.Tensor[]) => {
    const result = run({ ...args, ...Object.fromEntries(differentiable.map(([name], i) => [name, tensors[i]])) });
    return tf.sum((Array.isArray(result) ? result[0] : result) as tf.Tensor);
  };
  if (differentiable.length > 0) read(tf.grads(scalar)(differentiable.map(([, x]) => x as tf.Tensor)));
}

/**
 * Frees what a gradient saved that then failed: tfjs-core forgets it on every backend,
 * and no backend can know. What is left after that is a leak of ours.
 */
function freeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved?.filter(({ isDisposed }) => !isDisposed) ?? []);
  state.activeTape = [];
}

/** Fails where what was thrown is not an error that says something. */
function assertSentence(error: unknown): void {
  assert(error instanceof Error, `${error}`);
  assert(/\S+ \S+/.test(error.message), `Expected a sentence but found ${JSON.stringify(error.message)}`);
}

/** Runs an op and its gradient; an error has to be one, with a sentence. */
function attempt({ run }: FuzzedOp, drawn: Record<string, unknown>): Outcome {
  let outcome: Outcome = "error";
  try {
    tf.tidy(() => {
      const args = Object.fromEntries(Object.entries(drawn).map(([name, part]) => [name, make(part)]));
      read(run(args));
      outcome = "value";
      gradients(run, args);
      outcome = "gradient";
    });
  } catch (error) {
    freeTape();
    assertSentence(error);
  }
  return outcome;
}

Deno.test("the fuzz is of 2,000 cases and more", () => {
  assert(FUZZED_OPS.length * RUNS >= 2000);
});

for (const op of FUZZED_OPS) {
  Deno.test({
    name: `${op.name} with any arguments gives tensors or an error with a sentence, and leaks nothing`,
    ignore: !hasTensorFlow,
    async fn() {
      await useBackend("tensorflow", { device: "cpu" });
      // tfjs' kernels warn about casts and about indices that they change.
      const { warn } = console;
      console.warn = () => {};
      const outcomes: Outcome[] = [];
      try {
        fc.assert(
          fc.property(op.args, (drawn) => {
            const before = alive();
            outcomes.push(attempt(op, drawn));
            assertEquals(alive(), before);
          }),
          { numRuns: RUNS, seed: SEED },
        );
      } finally {
        console.warn = warn;
      }
      assert(outcomes.some((outcome) => outcome !== "error"), "nonsense only");
    },
  });
}

Deno.test({
  name: `${CALLS} calls of the binding with any attributes, inputs and outputs leave no handle behind`,
  ignore: !hasTensorFlow,
  async fn() {
    await useBackend("tensorflow", { device: "cpu" });
    const { TF_FLOAT, TF_INT32 } = binding();
    const known = [
      binding().createTensor([2, 2], TF_FLOAT, new Float32Array(4)),
      binding().createTensor([1, 3, 3, 1], TF_FLOAT, new Float32Array(9)),
      binding().createTensor([], TF_INT32, new Int32Array(1)),
      binding().createTensor([0], TF_FLOAT, new Float32Array()),
    ];
    const before = alive();
    let ran = 0;
    fc.assert(
      fc.property(FUZZED_CALLS, ({ name, attributes, inputs, outputs }) => {
        try {
          const made = binding().executeOp(name, attributes, inputs.map((i) => known[i] ?? -1 - i), outputs);
          for (const { id } of made) binding().deleteTensor(id);
          ran++;
        } catch (error) {
          assertSentence(error);
        }
        assertEquals(alive(), before);
      }),
      { numRuns: CALLS, seed: SEED },
    );
    for (const id of known) binding().deleteTensor(id);
    assert(ran > 10, `${ran} calls ran`);
  },
});
