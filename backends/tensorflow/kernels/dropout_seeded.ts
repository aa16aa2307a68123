/**
 * `DropoutSeeded` with TensorFlow's stateless random numbers: drawn on the device,
 * the same for the same seed on each of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DropoutSeededAttributes } from "../../../models/ops/dropout_seeded.ts";
import { type TensorFlowKernel, type } from "./kernel.ts";

/** `DropoutSeeded`. */
export const dropoutSeeded: TensorFlowKernel<{ x: tf.Tensor }, DropoutSeededAttributes> = (
  { inputs: { x }, backend, attrs: { rate, seed, call = 0, source } },
) =>
  tf.tidy(() => {
    const { trace } = backend.binding;
    const drawn = source === undefined ? undefined : trace?.draw(source, call);
    const count = drawn === undefined
      ? tf.scalar(call, "int32")
      : tf.add(backend.createOutputTensor(drawn), tf.scalar(drawn.ahead, "int32"));
    const uniform = backend.executeSingleOutput(
      "StatelessRandomUniform",
      [type("dtype", "float32"), type("T", "int32"), type("Tseed", "int32")],
      [tf.tensor1d(x.shape, "int32"), tf.stack([tf.scalar(seed | 0, "int32"), count])],
    );
    const kept = tf.cast(tf.greaterEqual(uniform, rate), "float32");
    return [tf.mul(x, tf.mul(kept, 1 / (1 - rate)))];
  });
