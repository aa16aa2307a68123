/**
 * What the tests of BatchNorm share: PyTorch's and the book's numbers of
 * tests/fixtures/golden/batch_norm.json, and the definition in plain JavaScript.
 *
 * @module
 */
import golden from "../fixtures/golden/batch_norm.json" with { type: "json" };

/** The cases of the golden file, which is NCHW: `[6, 3]` and `[2, 3, 4, 5]`. */
export const CASES = ["2d", "4d"] as const;
/** Shares of the batch's statistics that the golden file has. */
export const MOMENTA = [0.1, 0.9] as const;

/** One case of the golden file. */
export type Golden = (typeof golden)["2d"];

/** A case by name. */
export const goldenOf = (name: (typeof CASES)[number]): Golden => golden[name];

/** Moving mean and variance of a case after one step: biased (`book`) or unbiased (`torch`). */
export function movedOf(
  golden: Golden,
  momentum: (typeof MOMENTA)[number],
  definition: "book" | "torch",
): { mean: number[]; variance: number[] } {
  if (definition === "book") {
    const { moving_mean: mean, moving_var: variance } = golden[`d2l_moving_after_momentum_${momentum}`];
    return { mean, variance };
  }
  const { running_mean: mean, running_var: variance } = golden[`torch_running_after_momentum_${momentum}`];
  return { mean, variance };
}

/** Arguments of {@linkcode reference}: `x` has its channels last, as many as gamma has values. */
export interface Inputs {
  readonly x: readonly number[];
  readonly gamma: readonly number[];
  readonly beta: readonly number[];
}

/** Ioffe and Szegedy's Algorithm 1 in doubles: the outputs, and the batch's mean and biased variance. */
export function reference(
  { x, gamma, beta }: Inputs,
  eps: number,
): { y: number[]; mean: number[]; variance: number[] } {
  const channels = gamma.length;
  const count = x.length / channels;
  const average = (value: (v: number, c: number) => number) =>
    gamma.map((_, c) => x.reduce((sum, v, i) => i % channels === c ? sum + value(v, c) : sum, 0) / count);
  const at = (values: readonly number[], c: number) => values[c] ?? NaN;
  const mean = average((v) => v);
  const variance = average((v, c) => (v - at(mean, c)) ** 2);
  const y = x.map((v, i) => {
    const c = i % channels;
    return at(gamma, c) * (v - at(mean, c)) / Math.sqrt(at(variance, c) + eps) + at(beta, c);
  });
  return { y, mean, variance };
}

/** The gradient of Σ dy · y for each input, by central differences of {@linkcode reference}. */
export function numericGradients(inputs: Inputs, dy: readonly number[], eps: number): Record<keyof Inputs, number[]> {
  const step = 1e-5;
  const loss = (changed: Inputs) => reference(changed, eps).y.reduce((sum, v, i) => sum + v * (dy[i] ?? NaN), 0);
  const gradient = (name: keyof Inputs) =>
    inputs[name].map((value, i) => {
      const at = (v: number) => loss({ ...inputs, [name]: inputs[name].with(i, v) });
      return (at(value + step) - at(value - step)) / (2 * step);
    });
  return { x: gradient("x"), gamma: gradient("gamma"), beta: gradient("beta") };
}
