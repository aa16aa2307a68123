/**
 * Whether all that can learn does.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { declaredWeights } from "../../../models/state_dict.ts";
import { absorbedByBatchNorm } from "./absorbed_biases.ts";
import { forward, largest, type Subject } from "./subject.ts";

/** Cross-entropy of the main output, and the paper's 0.3 of it for each auxiliary head. */
function loss(outputs: readonly tf.Tensor[]): tf.Scalar {
  const losses = outputs.map((logits, i) => {
    const [batch = 1, classes = 1] = logits.shape;
    const labels = tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, row) => row % classes), "int32"), classes);
    return tf.mul(i === 0 ? 1 : 0.3, tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1))));
  });
  return tf.addN(losses) as tf.Scalar;
}

/** Stochastic depth may leave a block out for all images of a small batch: its parameters get another draw. */
const DRAWS = 4;

/** Every parameter has a finite gradient of its shape, and none only a bias that a BatchNorm takes off again. */
export function gradients({ model, description, x }: Subject): void {
  const parameters = declaredWeights(model).filter(([, { spec }]) => spec.role === "parameter");
  const variables = parameters.map(([, { variable }]) => variable.read() as tf.Variable);
  const [never, perhaps] = [false, true].map((inAllImages) => absorbedByBatchNorm(description, { inAllImages }));
  const layerOfBias = (key: string): string => /^(.+)\.(bias|beta)$/.exec(key)?.[1] ?? "";
  const sizes = new Map<string, number>();
  const draw = (): void => {
    const { value, grads } = tf.tidy(() => tf.engine().gradients(() => loss(forward(model, x, true)), variables));
    try {
      assert(Number.isFinite(value.dataSync()[0]), "the loss is finite");
      for (const [i, [key]] of parameters.entries()) {
        assertEquals(grads[i]?.shape, variables[i]?.shape, key);
        const size = largest(grads[i]?.dataSync() as Float32Array);
        assert(Number.isFinite(size), `the gradient of ${key} is finite`);
        sizes.set(key, Math.max(size, sizes.get(key) ?? 0));
      }
    } finally {
      tf.dispose([value, ...grads]);
    }
  };
  const isLeftOut = ([key, size]: [string, number]): boolean =>
    size === 0 && !never?.has(layerOfBias(key)) && !perhaps?.has(layerOfBias(key));
  draw();
  for (let draws = 1; draws < DRAWS && [...sizes].some(isLeftOut); draws++) draw();
  const scale = Math.max(...sizes.values());
  for (const [key, size] of sizes) {
    const message = `the gradient of ${key} is ${size}, the largest ${scale}`;
    if (never?.has(layerOfBias(key))) assert(size <= 1e-4 * scale, `${message}, right before a BatchNorm`);
    else assert(!isLeftOut([key, size]), message);
  }
}
