/**
 * SiLU with a gradient of three passes over the values, where tfjs makes four of the product's and the logistic
 * function's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { logistic, logisticGrad } from "./logistic.ts";
import { onlyOutput } from "./op.ts";

const op = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  const sigma = logistic(input);
  (save as tf.GradSaveFunc)([input, sigma]);
  return {
    value: tf.mul(input, sigma),
    // dy · (σ + x · σ · (1 - σ)), the second term of which is LogisticGrad with x in the place of its dy.
    gradFunc: (dy: tf.Tensor, [x, sigma]: tf.Tensor[]) => {
      if (x === undefined || sigma === undefined) throw new Error("SiLU saved fewer tensors than it needs");
      return tf.mul(dy, tf.add(sigma, onlyOutput(logisticGrad({ dy: x, y: sigma }, {}))));
    },
  };
});

/** `x` → `x / (1 + exp(-x))`. */
export function silu(x: tf.Tensor): tf.Tensor {
  return op(x);
}
