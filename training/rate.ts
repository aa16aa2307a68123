/**
 * How a compiled step learns of a learning rate that has changed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { liveNumber } from "../backends/compiler.ts";
import { StatefulOptimizer } from "./optimizer.ts";

/** What tfjs keeps of an optimizer's rate: SGD and Momentum its negative, as a tensor. */
interface Kept {
  learningRate?: number;
  readonly c?: tf.Tensor;
}

/** The learning rate of an optimizer, for a step that may be compiled. */
export interface Rate {
  /** What a compiled step has to be given for it; a number is a constant of what is compiled. */
  argument(): tf.Tensor | number | undefined;
  /** Runs `apply`, which applies gradients. */
  during(apply: () => void): void;
}

/** tfjs' optimizers that have the rate's negative as a tensor. */
const WITH_TENSOR = new Set<unknown>([tf.SGDOptimizer, tf.MomentumOptimizer]);

/** Those that multiply a tensor by the rate or its negative, or divide it by a tensor, and compute no number of it. */
const WITH_NUMBER = new Set<unknown>([
  tf.AdadeltaOptimizer,
  tf.AdagradOptimizer,
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
  tf.RMSPropOptimizer,
]);

/**
 * How `optimizer` takes its rate. Those of this module read it as a tensor; tfjs' own classes are known. Of any other,
 * a class that is derived from one of them included, nothing is known but the number: it is compiled anew for each.
 */
export function rateOf(optimizer: tf.Optimizer): Rate {
  const kept = optimizer as unknown as Kept;
  const during = (apply: () => void): void => apply();
  if (optimizer instanceof StatefulOptimizer) return { argument: () => undefined, during };
  if (WITH_TENSOR.has(optimizer.constructor)) return { argument: () => kept.c, during };
  if (!WITH_NUMBER.has(optimizer.constructor)) return { argument: () => kept.learningRate, during };
  const read = (): number => kept.learningRate ?? NaN;
  return {
    argument: () => undefined,
    during(apply) {
      const rate = read();
      kept.learningRate = liveNumber(read);
      try {
        apply();
      } finally {
        kept.learningRate = rate;
      }
    },
  };
}
