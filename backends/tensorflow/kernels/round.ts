/**
 * `Round`: integers are round already. From 2.17 on TensorFlow makes zeros of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type TensorFlowKernel, type } from "./kernel.ts";

/** `Round`. */
export const round: TensorFlowKernel<{ x: tf.Tensor }> = ({ inputs: { x }, backend }) =>
  x.dtype === "int32" ? tf.clone(x) : backend.executeSingleOutput("Round", [type("T", x.dtype)], [x]);
