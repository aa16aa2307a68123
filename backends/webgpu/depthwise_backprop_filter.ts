/**
 * The gradient of a depthwise convolution's filter. Upstream has one thread a weight,
 * a few hundred in all, each of which goes through the whole batch; here the output
 * rows are summed in pieces.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ConvolutionAttributes, type Shape4D, windowPlaces } from "./geometry.ts";
import { runEach, scoped, type WebGPUKernel } from "./program.ts";
import { sumParts } from "./sum_parts.ts";

/** Threads that keep a GPU busy. */
const BUSY = 1 << 15;

/** `x` `[N, H, W, C]`, `dy` `[N, oH, oW, C·Q]` → the gradient of the filter, `[kH, kW, C, Q]`. */
export const depthwiseBackpropFilter: WebGPUKernel<
  { x: tf.TensorInfo; dy: tf.TensorInfo },
  ConvolutionAttributes & { readonly filterShape: Shape4D }
> = ({ inputs: { x, dy }, backend, attrs: { filterShape, strides, pad, dimRoundingMode, dilations = 1 } }) => {
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const size = tf.util.sizeFromShape(filterShape);
  const lines = info.batchSize * info.outHeight;
  const pieceLines = Math.ceil(lines / Math.max(1, Math.min(lines, Math.ceil(BUSY / size))));
  return scoped(backend, (own) => {
    const parts = own(runEach(backend, {
      name: "DepthwiseConv2dNativeBackpropFilter",
      outputShape: [Math.ceil(lines / pieceLines), ...filterShape],
      inputs: { Images: x, Gradient: dy },
      integers: {
        ...windowPlaces(info),
        lines,
        pieceLines,
        channels: info.inChannels,
        multiplier: filterShape[3],
        kernelHeight: info.filterHeight,
        kernelWidth: info.filterWidth,
        dilationHeight: info.dilationHeight,
        dilationWidth: info.dilationWidth,
      },
      value: `
        let outChannels = uniforms.channels * uniforms.multiplier;
        let outChannel = at % outChannels;
        let channel = outChannel / uniforms.multiplier;
        let tap = at / outChannels;
        let kernelX = tap % uniforms.kernelWidth;
        let kernelY = (tap / uniforms.kernelWidth) % uniforms.kernelHeight;
        let first = tap / (uniforms.kernelWidth * uniforms.kernelHeight) * uniforms.pieceLines;
        let end = min(uniforms.lines, first + uniforms.pieceLines);
        var sum = 0.0;
        for (var line = first; line < end; line++) {
          let y = (line % uniforms.outHeight) * uniforms.strideHeight + kernelY * uniforms.dilationHeight -
            uniforms.padTop;
          if (y < 0 || y >= uniforms.inHeight) { continue; }
          let row = ((line / uniforms.outHeight) * uniforms.inHeight + y) * uniforms.inWidth;
          for (var outX = 0; outX < uniforms.outWidth; outX++) {
            let x = outX * uniforms.strideWidth + kernelX * uniforms.dilationWidth - uniforms.padLeft;
            if (x < 0 || x >= uniforms.inWidth) { continue; }
            sum += Images[(row + x) * uniforms.channels + channel] *
              Gradient[(line * uniforms.outWidth + outX) * outChannels + outChannel];
          }
        }
        return sum;`,
    }));
    return own(sumParts("DepthwiseConv2dNativeBackpropFilter", backend, parts, filterShape));
  });
};
