import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../../backends/select.ts";
import { buildModel } from "../../../models/build.ts";
import { batchNormLeNet } from "../../../models/lenet.ts";
import { testOnWebGPU } from "./support.ts";

type Backend = { readonly device: GPUDevice; memory(): { numBytesAllocatedInGPU: number } };

const backend = () => tf.backend() as unknown as Backend;

/** A step of SGD; gives the loss. */
async function step(model: LayersModel, x: tf.Tensor, target: tf.Tensor): Promise<number> {
  const loss = tf.tidy(() => {
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(x, { training: true }) as tf.Tensor;
      return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1))) as tf.Scalar;
    }, variables);
    for (const [i, weight] of model.trainableWeights.entries()) {
      const gradient = grads[variables[i]?.name ?? ""];
      if (gradient !== undefined) weight.write(tf.sub(weight.read(), tf.mul(gradient, 0.1)));
    }
    return value;
  });
  try {
    const [value = NaN] = await loss.data();
    return value;
  } finally {
    loss.dispose();
  }
}

/** A BNLeNet with its data. */
function subject() {
  const model = buildModel(batchNormLeNet({ classes: 3 }), { inputShape: [28, 28, 1], seed: 1, name: "net" });
  const x = tf.randomNormal([6, 28, 28, 1], 0, 1, "float32", 2);
  const target = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"), 3));
  const dispose = () => {
    tf.dispose([x, target]);
    model.dispose();
  };
  return { model, x, target, dispose };
}

testOnWebGPU("BNLeNet learns, and the device's memory stays flat", async () => {
  const { model, x, target, dispose } = subject();
  const losses: number[] = [];
  const bytes: number[] = [];
  const tensors: number[] = [];
  for (let i = 0; i < 12; i++) {
    losses.push(await step(model, x, target));
    bytes.push(backend().memory().numBytesAllocatedInGPU);
    tensors.push(tf.memory().numTensors);
  }
  dispose();
  assert((losses.at(-1) ?? NaN) < (losses[0] ?? NaN) / 2, losses.join());
  // The first steps fill the pool of buffers.
  assertEquals(new Set(bytes.slice(4)).size, 1, bytes.join());
  assertEquals(new Set(tensors).size, 1, tensors.join());
});

testOnWebGPU("training that loses its device fails with that reason, and starts anew on the next one", async () => {
  const first = subject();
  await step(first.model, first.x, first.target);
  backend().device.destroy();
  await assertRejects(() => step(first.model, first.x, first.target), Error, "it was lost");
  await useBackend("webgpu");
  first.dispose();
  const second = subject();
  assert(Number.isFinite(await step(second.model, second.x, second.target)));
  second.dispose();
});
