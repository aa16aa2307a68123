/**
 * `deno task soak`: does a long training run hold on to memory? Trains BNLeNet on
 * wasm and compares tensors, heap and resident memory early and late.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backends/select.ts";
import { syntheticBatch } from "../data/synthetic.ts";
import { createModel } from "../models/registry.ts";
import { softmaxCrossEntropy } from "../training/loss.ts";
import { SGD } from "../training/sgd.ts";

const STEPS = 2000;
const WARM_UP = 400;
/** Resident memory may grow by this share: V8 gives pages back when it likes. */
const GROWTH = 0.1;

interface Memory {
  readonly tensors: number;
  /** On the backend's own count. */
  readonly buffers: number;
  readonly heap: number;
  readonly rss: number;
}

function memory(): Memory {
  // What V8 has not collected yet is no leak; --expose-gc lets us ask it to.
  (globalThis as { gc?: () => void }).gc?.();
  const backend = tf.backend() as BackendWasm;
  const { HEAPU8 } = backend.wasm as unknown as { HEAPU8: Uint8Array };
  return {
    tensors: tf.memory().numTensors,
    buffers: backend.numDataIds(),
    heap: HEAPU8.length,
    rss: Deno.memoryUsage().rss,
  };
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function line(step: number, { tensors, buffers, heap, rss }: Memory): string {
  return `step ${step}: ${tensors} tensors, ${buffers} buffers, heap ${mebibytes(heap)}, resident ${mebibytes(rss)}`;
}

await useBackend("wasm");
const model = createModel("d2l/bnlenet");
const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
const { images, labels } = syntheticBatch({ batchSize: 128, inputShape: [28, 28, 1], classes: 10 });
const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);

let early: Memory | undefined;
for (let step = 1; step <= STEPS; step++) {
  const loss = optimizer.minimize(
    () => softmaxCrossEntropy(model.apply(images, { training: true }) as tf.Tensor, labels),
    true,
    variables,
  );
  await loss?.data();
  loss?.dispose();
  if (step === WARM_UP) early = memory();
  if (step % WARM_UP === 0) console.log(line(step, memory()));
}
const late = memory();
const isFlat = early !== undefined && late.tensors === early.tensors && late.buffers === early.buffers &&
  late.heap === early.heap && late.rss <= early.rss * (1 + GROWTH);
console.log(
  isFlat && early ? `flat; resident memory ${(100 * (late.rss / early.rss - 1)).toFixed(1)} %` : "Memory grows",
);
Deno.exit(isFlat ? 0 : 1);
