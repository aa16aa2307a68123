/**
 * `Conv2D`, `DepthwiseConv2dNative` and their fused forms for wasm: tfjs' own, with
 * two ways closed in which they fail without an error.
 *
 * tfjs hands padding "same" to XNNPACK as a flag; where the stride is larger than the
 * window along an axis, XNNPACK refuses and the output stays as it was allocated,
 * mostly zeros (tensorflow/tfjs#5907, #6629). The same padding in numbers is taken.
 * And what XNNPACK will allocate is made sure of first: see `heap_guard.ts`.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type * as tf from "@tensorflow/tfjs-core";
import { packedBytes, reserve } from "./heap_guard.ts";
import { type ConvolutionAttributes, type ConvolutionInfo, convolutionInfo, type WasmKernel } from "./kernel.ts";
import { upstreamKernel } from "./upstream.ts";

/** Inputs of a convolution; the fused ones have more. */
type Inputs = Record<"x" | "filter", tf.TensorInfo> & Record<string, tf.TensorInfo>;

/** Names of the kernels of this file. */
export type ConvolutionKernel = "Conv2D" | "DepthwiseConv2dNative" | "FusedConv2D" | "FusedDepthwiseConv2D";

/** An upper bound of what XNNPACK allocates: packed weights, and an address for each value of each window. */
function scratchBytes(filter: tf.TensorInfo, info: ConvolutionInfo): number {
  const [kh = 1, kw = 1, channels = 1, filters = 1] = filter.shape;
  const pixelsInTiles = info.outHeight * info.outWidth + 8;
  return packedBytes(kh * kw * channels, filters) + Uint32Array.BYTES_PER_ELEMENT * kh * kw * pixelsInTiles;
}

/** `x` `[N, H, W, C]` and a filter → `[N, oH, oW, F]`, by the kernel of that name. */
export function convolve(
  kernelName: ConvolutionKernel,
  { inputs, backend, attrs }: { inputs: Inputs; backend: BackendWasm; attrs: ConvolutionAttributes },
): tf.TensorInfo {
  // tfjs' kernel has the error for the format that it does not take.
  if (attrs.dataFormat === "NCHW") return upstreamKernel(kernelName)({ inputs, backend, attrs: { ...attrs } });
  const { x, filter } = inputs;
  const isDepthwise = kernelName === "DepthwiseConv2dNative" || kernelName === "FusedDepthwiseConv2D";
  const info = convolutionInfo(kernelName, x.shape, filter.shape, attrs, isDepthwise);
  reserve(backend, scratchBytes(filter, info));
  const { top, bottom, left, right } = info.padInfo;
  const pad = [[0, 0], [top, bottom], [left, right], [0, 0]];
  return upstreamKernel(kernelName)({ inputs, backend, attrs: { ...attrs, pad } });
}

const kernel = (kernelName: ConvolutionKernel): WasmKernel<Inputs, ConvolutionAttributes> => (args) =>
  convolve(kernelName, args);

/** `Conv2D`. */
export const conv2D: WasmKernel<Inputs, ConvolutionAttributes> = kernel("Conv2D");
/** `DepthwiseConv2dNative`. */
export const depthwiseConv2d: WasmKernel<Inputs, ConvolutionAttributes> = kernel("DepthwiseConv2dNative");
/** `FusedConv2D`: with a bias and an activation. */
export const fusedConv2D: WasmKernel<Inputs, ConvolutionAttributes> = kernel("FusedConv2D");
/** `FusedDepthwiseConv2D`: with a bias and an activation. */
export const fusedDepthwiseConv2D: WasmKernel<Inputs, ConvolutionAttributes> = kernel("FusedDepthwiseConv2D");

/** `ConvolutionWithBias`: XNNPACK starts its sums from the bias. */
export const convolutionWithBias: WasmKernel<Inputs, ConvolutionAttributes, tf.TensorInfo[]> = (
  { inputs, backend, attrs },
) => {
  const linear = { ...attrs, dataFormat: "NHWC", dilations: 1, activation: "linear" } as const;
  return [convolve("FusedConv2D", { inputs, backend, attrs: linear })];
};
