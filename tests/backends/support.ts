import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs' own ops
import fc from "fast-check";
import { useBackend } from "../../backends/select.ts";

/** The values of a tensor with its shape: what moves between backends. */
export interface Values {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** A function of tensors to a tensor. */
export type TensorFunction = (...inputs: tf.Tensor[]) => tf.Tensor;

const BOTH = ["wasm", "cpu"] as const;
for (const name of BOTH) await useBackend(name);

/** Runs `f` on a backend; its tensors and the backend's memory are as before afterwards. */
export async function on<T>(name: typeof BOTH[number], f: () => T): Promise<T> {
  await tf.setBackend(name);
  const before = { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
  const result = tf.tidy(() => f() as tf.TensorContainer) as T;
  assertEquals({ tensors: tf.memory().numTensors, data: tf.backend().numDataIds() }, before, `${name} leaks`);
  return result;
}

/** Values of `shape` between -1 and 1, the same for the same seed. */
export function random(shape: readonly number[], seed: number): Values {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t ^= t + Math.imul(t ^ t >>> 7, 61 | t);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 31 - 1;
  };
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape: [...shape], values: Float32Array.from({ length: size }, next) };
}

/** Values of `shape`, all different, `gap` apart, in random order around 0. */
export function distinct(shape: readonly number[], seed: number, gap: number): Values {
  const { values: order } = random(shape, seed);
  const values = new Float32Array(order.length);
  [...order.keys()].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0)).forEach((at, rank) => {
    values[at] = (rank - order.length / 2) * gap;
  });
  return { shape: [...shape], values };
}

/** On the current backend. */
export const tensor = ({ shape, values }: Values): tf.Tensor => tf.tensor(values, shape, "float32");

export const valuesOf = (x: tf.Tensor): Values => ({ shape: x.shape, values: x.dataSync<"float32">() });

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const norm = (a: Float32Array) => Math.sqrt(dot(a, a));

/** Asserts that values agree up to rounding: 1e-5 of the largest. */
export function assertSame(actual: Values, expected: Values, message = ""): void {
  assertEquals(actual.shape, expected.shape, message);
  const largest = expected.values.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  actual.values.forEach((value, i) => {
    const off = Math.abs(value - (expected.values[i] ?? NaN));
    assert(off <= 1e-5 * largest, `${message} [${i}]: ${value} instead of ${expected.values[i]}`);
  });
}

/**
 * Holds the gradients of `f` on wasm against finite differences of `f` on cpu, along
 * a random direction for each input. `f` is linear in each input where `step` reaches,
 * so that a central difference has no error but rounding.
 */
export async function assertGradients(
  f: TensorFunction,
  inputs: readonly Values[],
  { seed, step = 0.5 }: { seed: number; step?: number },
): Promise<void> {
  const shape = await on("cpu", () => f(...inputs.map(tensor)).shape);
  const dy = random(shape, seed + 1);
  const { y, gradients } = await on("wasm", () => ({
    y: valuesOf(f(...inputs.map(tensor))),
    gradients: tf.grads(f)(inputs.map(tensor), tensor(dy)).map(valuesOf),
  }));
  const at = (at: readonly Values[]) => on("cpu", () => valuesOf(f(...at.map(tensor))));
  assertSame(y, await at(inputs), "forward");
  for (const [i, input] of inputs.entries()) {
    const direction = random(input.shape, seed + 2 + i).values;
    const moved = (by: number) =>
      at(inputs.with(i, { shape: input.shape, values: input.values.map((x, j) => x + by * (direction[j] ?? 0)) }));
    const [ahead, behind] = [await moved(step), await moved(-step)];
    const difference = (dot(ahead.values, dy.values) - dot(behind.values, dy.values)) / (2 * step);
    const gradient = gradients[i]?.values ?? new Float32Array();
    assertEquals(gradients[i]?.shape, input.shape);
    const off = Math.abs(dot(gradient, direction) - difference);
    const allowed = 2e-5 * (norm(gradient) * norm(direction) + norm(ahead.values) * norm(dy.values)) / step;
    assert(off <= allowed, `gradient of input ${i}: off by ${off}, allowed ${allowed}`);
  }
}

/** Checks a property on `runs` random cases, always the same ones. */
export async function check<T>(runs: number, cases: fc.Arbitrary<T>, property: (value: T) => Promise<void>) {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (value) => {
      await property(value);
      checked++;
    }),
    { numRuns: runs, seed: 20_150_211 },
  );
  assertEquals(checked, runs);
}
