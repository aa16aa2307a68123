/**
 * How weights start: PyTorch's defaults and the book's `init_cnn`.
 *
 * @module
 */
import { uniformValues } from "./random.ts";

/**
 * `torchDefault`: what `torch.nn.Conv2d` and `Linear` do, weights and biases
 * uniform in ±1/√fanIn. `xavierUniform`: the book's `init_cnn`, weights uniform in
 * ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), biases as PyTorch's.
 */
export type InitialScheme = "torchDefault" | "xavierUniform";

/** What a weight starts as, whatever the scheme. */
export type InitialValue =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "weight"; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: "bias"; readonly fanIn: number };

/** `count` starting values of a weight; the same for the same seed on every backend. */
export function initialValues(
  initial: InitialValue,
  count: number,
  { scheme, seed }: { scheme: InitialScheme; seed: number },
): Float32Array<ArrayBuffer> {
  if (initial.kind === "constant") return new Float32Array(count).fill(initial.value);
  const bound = initial.kind === "weight" && scheme === "xavierUniform"
    ? Math.sqrt(6 / (initial.fanIn + initial.fanOut))
    : 1 / Math.sqrt(initial.fanIn);
  return uniformValues(count, -bound, bound, seed);
}
