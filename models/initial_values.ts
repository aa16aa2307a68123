/**
 * How weights start: PyTorch's defaults, the book's `init_cnn` and what the
 * sources of the larger networks do.
 *
 * @module
 */
import { normalValues, uniformValues } from "./random.ts";

/**
 * `torchDefault`: what `torch.nn.Conv2d` and `Linear` do, weights and biases
 * uniform in ±1/√fanIn. `xavierUniform`: the book's `init_cnn`, weights uniform in
 * ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), biases as PyTorch's.
 * `kaimingNormal`: convolutions normal with standard deviation √(2 / fanOut) (He et
 * al. 2015), as torchvision and timm start networks with ReLU; the rest as PyTorch's.
 */
export type InitialScheme = "torchDefault" | "xavierUniform" | "kaimingNormal";

/** All schemes. */
export const INITIAL_SCHEMES = ["torchDefault", "xavierUniform", "kaimingNormal"] as const satisfies InitialScheme[];

/** What a weight starts as, whatever the scheme. */
export type InitialValue =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "convolution" | "linear"; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: "bias"; readonly fanIn: number };

/** `count` starting values of a weight; the same for the same seed on every backend. */
export function initialValues(
  initial: InitialValue,
  count: number,
  { scheme, seed }: { scheme: InitialScheme; seed: number },
): Float32Array<ArrayBuffer> {
  if (initial.kind === "constant") return new Float32Array(count).fill(initial.value);
  if (initial.kind === "convolution" && scheme === "kaimingNormal") {
    return normalValues(count, Math.sqrt(2 / initial.fanOut), seed);
  }
  const bound = initial.kind !== "bias" && scheme === "xavierUniform"
    ? Math.sqrt(6 / (initial.fanIn + initial.fanOut))
    : 1 / Math.sqrt(initial.fanIn);
  return uniformValues(count, -bound, bound, seed);
}
