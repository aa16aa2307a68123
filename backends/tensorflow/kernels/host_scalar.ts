/**
 * `HostScalar`: an input of the function under construction, if there is one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { HostScalarAttributes } from "../../../models/ops/host_scalar.ts";
import type { TensorFlowKernel } from "./kernel.ts";

/** `HostScalar`. */
export const hostScalar: TensorFlowKernel<Record<never, never>, HostScalarAttributes> = (
  { backend, attrs: { read } },
) => {
  const { trace } = backend.binding;
  return trace === undefined ? tf.scalar(read()) : backend.createOutputTensor(trace.number(read));
};
