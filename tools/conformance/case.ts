/**
 * What a conformance case is, and how it is run on a backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs' own ops

/** A function of tensors whose value and gradients two backends have to agree on. */
export interface Case {
  /** Says what it does; known gaps are listed by it. */
  readonly name: string;
  /** Shapes of its arguments. */
  readonly shapes: readonly (readonly number[])[];
  /** What is run. */
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor;
}

/** What a backend made of a case: values, or the first line of the error in their place. */
export interface Outcome {
  readonly forward: Float32Array | string;
  readonly gradients: readonly Float32Array[] | string;
}

/** `size` values between -1 and 1, the same for the same seed. */
function randomValues(size: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 31 - 1;
  });
}

function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(randomValues(shape.reduce((a, b) => a * b, 1), seed), [...shape]);
}

function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  }
}

/** Runs `run` and its gradients on the current backend, with the same numbers each time. */
export function evaluate({ shapes, run }: Case): Outcome {
  const outcome: { forward?: Outcome["forward"]; gradients?: Outcome["gradients"] } = {};
  tf.tidy(() => {
    const inputs = shapes.map((shape, i) => randomTensor(shape, 17 + i));
    const y = attempt(() => run(...inputs));
    outcome.forward = typeof y === "string" ? y : Float32Array.from(y.dataSync());
    outcome.gradients = typeof y === "string" ? y : attempt(() => {
      const gradients = tf.grads(run)(inputs, randomTensor(y.shape, 99));
      return gradients.map((gradient) => Float32Array.from(gradient.dataSync()));
    });
  });
  return { forward: outcome.forward ?? "", gradients: outcome.gradients ?? "" };
}

const TOLERANCE = { forward: 1e-4, gradient: 2e-4 };

function difference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  const off = Array.from(actual, (value, i) => Math.abs(value - (expected[i] ?? NaN)));
  return off.some(Number.isNaN) ? NaN : Math.max(0, ...off);
}

/** Why `actual` does not agree with `expected`; undefined where it does. */
export function disagreement(actual: Outcome, expected: Outcome): string | undefined {
  if (typeof actual.forward === "string") return `forward: ${actual.forward}`;
  if (typeof expected.forward === "string") return `forward of the reference: ${expected.forward}`;
  const off = difference(actual.forward, expected.forward);
  if (!(off < TOLERANCE.forward)) return `forward differs by ${off}`;
  if (typeof actual.gradients === "string") return `gradient: ${actual.gradients}`;
  if (typeof expected.gradients === "string") return `gradient of the reference: ${expected.gradients}`;
  for (const [i, gradient] of actual.gradients.entries()) {
    const off = difference(gradient, expected.gradients[i] ?? new Float32Array());
    if (!(off < TOLERANCE.gradient)) return `gradient of input ${i} differs by ${off}`;
  }
  return undefined;
}
