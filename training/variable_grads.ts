/**
 * Gradients that leave nothing behind where the function throws.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** tfjs' tape: what each op kept for its gradient. */
interface Tape {
  gradientDepth: number;
  activeTape: { saved?: tf.Tensor[] | null }[] | null;
}

/**
 * `tf.variableGrads(loss, variables)`. tfjs frees what ops have kept for their gradients only where all went well;
 * here it is freed as well where `loss` or a gradient throws.
 */
export function variableGrads(
  loss: () => tf.Scalar,
  variables: tf.Variable[],
): { value: tf.Scalar; grads: tf.NamedTensorMap } {
  try {
    return tf.variableGrads(loss, variables);
  } catch (error) {
    const state = tf.engine().state as unknown as Tape;
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
      state.activeTape = null;
    }
    throw error;
  }
}
