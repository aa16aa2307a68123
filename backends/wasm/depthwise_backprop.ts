/**
 * `DepthwiseConv2dNativeBackpropInput` and `…Filter` for wasm. tfjs has neither:
 * MobileNet's and EfficientNet's kind of convolution could not be trained. Where the
 * stride is one, the gradient of the input is itself a depthwise convolution of dy,
 * with the turned filter, and XNNPACK does it.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { convolve } from "./conv2d.ts";
import {
  type ConvolutionAttributes,
  type ConvolutionInfo,
  convolutionInfo,
  floats,
  fullPadding,
  type Scope,
  scoped,
  type WasmKernel,
} from "./kernel.ts";

/** Calls `visit` for each point of each window that lies inside its image, with the places of all three tensors. */
function visitWindows(
  info: ConvolutionInfo,
  visit: (gradient: number, image: number, filter: number) => void,
  multiplier: number,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const outChannels = inChannels * multiplier;
  let gradient = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let place = 0; place < outWidth; place++, gradient += outChannels) {
        for (let kh = 0; kh < info.filterHeight; kh++) {
          const inRow = row * strideHeight + kh * info.dilationHeight - padInfo.top;
          if (inRow < 0 || inRow >= inHeight) continue;
          for (let kw = 0; kw < info.filterWidth; kw++) {
            const inPlace = place * strideWidth + kw * info.dilationWidth - padInfo.left;
            if (inPlace < 0 || inPlace >= inWidth) continue;
            const image = ((n * inHeight + inRow) * inWidth + inPlace) * inChannels;
            visit(gradient, image, (kh * info.filterWidth + kw) * outChannels);
          }
        }
      }
    }
  }
}

/** The filter `[kH, kW, C, 1]` turned by 180°. */
function turned(scope: Scope, filter: tf.TensorInfo): tf.TensorInfo {
  const [kh = 1, kw = 1, channels = 1] = filter.shape;
  const result = scope.make(filter.shape);
  const [from, to] = [floats(scope.backend, filter), floats(scope.backend, result)];
  for (let i = 0; i < kh * kw; i++) {
    const start = (kh * kw - 1 - i) * channels;
    to.set(from.subarray(start, start + channels), i * channels);
  }
  return result;
}

type Shape4D = [number, number, number, number];

/** `dy` `[N, oH, oW, C·Q]`, `filter` `[kH, kW, C, Q]` → the gradient of the input, `[N, H, W, C]`. */
export const depthwiseBackpropInput: WasmKernel<
  { dy: tf.TensorInfo; filter: tf.TensorInfo },
  ConvolutionAttributes & { readonly inputShape: Shape4D }
> = ({ inputs: { dy, filter }, backend, attrs }) => {
  const info = convolutionInfo("DepthwiseConv2dNativeBackpropInput", attrs.inputShape, filter.shape, attrs, true);
  const [, , channels = 1, multiplier = 1] = filter.shape;
  const isPlain = info.strideHeight * info.strideWidth * info.dilationHeight * info.dilationWidth * multiplier === 1;
  const pad = isPlain ? fullPadding(info) : undefined;
  if (pad !== undefined) {
    return scoped(backend, (scope) => {
      const inputs = { x: dy, filter: turned(scope, filter) };
      const convolution = { strides: 1, pad, dataFormat: "NHWC", dilations: 1 } as const;
      return scope.own(convolve("DepthwiseConv2dNative", { inputs, backend, attrs: convolution }));
    });
  }
  const result = backend.makeOutput(attrs.inputShape, "float32");
  const [dx, g, w] = [floats(backend, result), floats(backend, dy), floats(backend, filter)];
  dx.fill(0);
  visitWindows(info, (gradient, image, at) => {
    for (let channel = image; channel < image + channels; channel++) {
      let sum = dx[channel] as number;
      for (let q = 0; q < multiplier; q++) sum += (g[gradient++] as number) * (w[at++] as number);
      dx[channel] = sum;
    }
  }, multiplier);
  return result;
};

/** `x` `[N, H, W, C]`, `dy` `[N, oH, oW, C·Q]` → the gradient of the filter, `[kH, kW, C, Q]`. */
export const depthwiseBackpropFilter: WasmKernel<
  { x: tf.TensorInfo; dy: tf.TensorInfo },
  ConvolutionAttributes & { readonly filterShape: Shape4D }
> = ({ inputs: { x, dy }, backend, attrs }) => {
  const info = convolutionInfo("DepthwiseConv2dNativeBackpropFilter", x.shape, attrs.filterShape, attrs, true);
  const [, , channels, multiplier] = attrs.filterShape;
  const result = backend.makeOutput(attrs.filterShape, "float32");
  const [dw, g, images] = [floats(backend, result), floats(backend, dy), floats(backend, x)];
  // Sums over all pixels of a batch: float32 would lose digits.
  const sums = new Float64Array(dw.length);
  visitWindows(info, (gradient, image, at) => {
    if (multiplier === 1) {
      for (let i = 0; i < channels; i++) {
        sums[at + i] = (sums[at + i] as number) + (g[gradient + i] as number) * (images[image + i] as number);
      }
      return;
    }
    for (let channel = image; channel < image + channels; channel++) {
      const value = images[channel] as number;
      for (let q = 0; q < multiplier; q++, at++) sums[at] = (sums[at] as number) + (g[gradient++] as number) * value;
    }
  }, multiplier);
  dw.set(sums);
  return result;
};
