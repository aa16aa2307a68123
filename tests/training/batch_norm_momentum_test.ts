import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import { sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { batchNorm } from "../../models/nn.ts";
import { stateDict } from "../../models/state_dict.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { assertClose, hashed, nhwc, testOnBackends } from "../models/layers/support.ts";

const { tensorflowMomentum, mean, var: variance } = fixture.batchNormMomentum;
const SHAPE = [4, 2, 3, 3];
const batch = (step: number): tf.Tensor => nhwc(hashed(fixture.kImage + step, 72).map((value) => value + 1), SHAPE);

testOnBackends("TensorFlow's momentum 0.99 is 1 − 0.99 here, and gives PyTorch's moving statistics", async () => {
  const model = buildModel(sequential(batchNorm({ momentum: 1 - tensorflowMomentum })), { inputShape: [3, 3, 2] });
  for (const step of [0, 1, 2]) tf.tidy(() => void model.apply(batch(step), { training: true }));
  const dict = await stateDict(model);
  assertClose(dict["0.running_mean"]?.data ?? [], mean, 1e-6, "mean");
  assertClose(dict["0.running_var"]?.data ?? [], variance, 1e-6, "variance");
  model.dispose();
});

testOnBackends("tfjs' own layer, with TensorFlow's momentum 0.99, moves its mean as far", () => {
  tf.tidy(() => {
    const layer = layers.batchNormalization({ momentum: tensorflowMomentum, epsilon: 1e-5 });
    for (const step of [0, 1, 2]) layer.apply(batch(step), { training: true });
    const [, , movingMean] = layer.getWeights();
    assertEquals(movingMean?.shape, [2]);
    for (const [i, value] of (movingMean?.dataSync() ?? []).entries()) assertAlmostEquals(value, mean[i] ?? NaN, 1e-7);
    layer.dispose();
  });
});
