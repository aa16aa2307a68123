/**
 * Numbers that JavaScript knows, such as a learning rate, as tensors: a compiled
 * function reads them anew in each run, where a plain number would be a constant of it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, onlyOutput, type Op } from "./op.ts";

/** Attributes of `HostScalar`. */
export interface HostScalarAttributes {
  /** Gives the number; the same function for the same number, so that a compiled function reads it once a run. */
  readonly read: () => number;
}

const op: Op<Record<never, never>, HostScalarAttributes> = defineOp({
  kernelName: "HostScalar",
  fallback: (_inputs, { read }) => [tf.scalar(read())],
});

/** `HostScalar`: `{}` → `[y]`, a float32 scalar of what `read` gives now; the caller owns it. */
export function hostScalar(read: () => number): tf.Scalar {
  return onlyOutput(op({}, { read })) as tf.Scalar;
}
