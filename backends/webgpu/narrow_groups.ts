/**
 * Convolution in many groups of few channels, and its gradients: a tile of a product
 * would be almost empty there, so each value is computed by a thread of its own.
 *
 * @module
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import type { Geometry, Shape4D } from "./geometry.ts";
import { runEach, scoped } from "./program.ts";
import { sumParts } from "./sum_parts.ts";

/** Channels of a group from which on tiles pay. */
const WIDE = 16;

/** Threads that keep a GPU busy. */
const BUSY = 1 << 15;

/** Whether groups are too narrow for tiles. */
export function isNarrow({ groups, channels, filters }: Geometry): boolean {
  return groups > 1 && channels < WIDE && filters < WIDE;
}

/** `x` `[N, H, W, C]`, `filter` `[kH, kW, C / groups, F]` → `[N, oH, oW, F]`. */
export function narrowForward(
  name: string,
  backend: WebGPUBackend,
  { x, filter }: { x: tf.TensorInfo; filter: tf.TensorInfo },
  { info, integers }: Geometry,
): tf.TensorInfo {
  return runEach(backend, {
    name,
    outputShape: [info.batchSize, info.outHeight, info.outWidth, info.outChannels],
    inputs: { Images: x, Filter: filter },
    integers,
    value: `
      let outChannels = uniforms.groups * uniforms.filters;
      let inChannels = uniforms.groups * uniforms.channels;
      let outChannel = at % outChannels;
      let pixel = at / outChannels;
      let line = pixel / uniforms.outWidth;
      let image = line / uniforms.outHeight * uniforms.inHeight;
      let top = (line % uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
      let left = (pixel % uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;
      let first = outChannel / uniforms.filters * uniforms.channels;
      var sum = 0.0;
      for (var kernelY = 0; kernelY < uniforms.kernelHeight; kernelY++) {
        let y = top + kernelY * uniforms.dilationHeight;
        if (y < 0 || y >= uniforms.inHeight) { continue; }
        for (var kernelX = 0; kernelX < uniforms.kernelWidth; kernelX++) {
          let x = left + kernelX * uniforms.dilationWidth;
          if (x < 0 || x >= uniforms.inWidth) { continue; }
          let start = ((image + y) * uniforms.inWidth + x) * inChannels + first;
          let weight = (kernelY * uniforms.kernelWidth + kernelX) * uniforms.channels * outChannels + outChannel;
          for (var channel = 0; channel < uniforms.channels; channel++) {
            sum += Images[start + channel] * Filter[weight + channel * outChannels];
          }
        }
      }
      return sum;`,
  });
}

/** `dy` `[N, oH, oW, F]`, `filter` → the gradient of the input, `[N, H, W, C]`; not dilated. */
export function narrowInputGradient(
  name: string,
  backend: WebGPUBackend,
  { dy, filter }: { dy: tf.TensorInfo; filter: tf.TensorInfo },
  { integers }: Geometry,
  inputShape: Shape4D,
): tf.TensorInfo {
  return runEach(backend, {
    name,
    outputShape: inputShape,
    inputs: { Gradient: dy, Filter: filter },
    integers,
    value: `
      let outChannels = uniforms.groups * uniforms.filters;
      let inChannels = uniforms.groups * uniforms.channels;
      let inChannel = at % inChannels;
      let pixel = at / inChannels;
      let line = pixel / uniforms.inWidth;
      let image = line / uniforms.inHeight * uniforms.outHeight;
      let first = inChannel / uniforms.channels * uniforms.filters;
      let channel = inChannel % uniforms.channels;
      var sum = 0.0;
      for (var kernelY = 0; kernelY < uniforms.kernelHeight; kernelY++) {
        let y = line % uniforms.inHeight + uniforms.padTop - kernelY;
        let outY = y / uniforms.strideHeight;
        if (y < 0 || y % uniforms.strideHeight != 0 || outY >= uniforms.outHeight) { continue; }
        for (var kernelX = 0; kernelX < uniforms.kernelWidth; kernelX++) {
          let x = pixel % uniforms.inWidth + uniforms.padLeft - kernelX;
          let outX = x / uniforms.strideWidth;
          if (x < 0 || x % uniforms.strideWidth != 0 || outX >= uniforms.outWidth) { continue; }
          let start = ((image + outY) * uniforms.outWidth + outX) * outChannels + first;
          let row = (kernelY * uniforms.kernelWidth + kernelX) * uniforms.channels + channel;
          for (var feature = 0; feature < uniforms.filters; feature++) {
            sum += Gradient[start + feature] * Filter[row * outChannels + first + feature];
          }
        }
      }
      return sum;`,
  });
}

/** `x`, `dy` → the gradient of the filter, `[kH, kW, C / groups, F]`; output rows are summed in pieces. */
export function narrowFilterGradient(
  name: string,
  backend: WebGPUBackend,
  { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
  { info, integers }: Geometry,
  filterShape: Shape4D,
): tf.TensorInfo {
  const lines = info.batchSize * info.outHeight;
  const size = filterShape.reduce((a, b) => a * b, 1);
  const pieceLines = Math.ceil(lines / Math.max(1, Math.min(lines, Math.ceil(BUSY / size))));
  return scoped(backend, (own) => {
    const parts = own(runEach(backend, {
      name,
      outputShape: [Math.ceil(lines / pieceLines), ...filterShape],
      inputs: { Images: x, Gradient: dy },
      integers: { ...integers, lines, pieceLines },
      value: `
        let outChannels = uniforms.groups * uniforms.filters;
        let inChannels = uniforms.groups * uniforms.channels;
        let outChannel = at % outChannels;
        let row = at / outChannels;
        let inChannel = outChannel / uniforms.filters * uniforms.channels + row % uniforms.channels;
        let tap = row / uniforms.channels;
        let kernelX = tap % uniforms.kernelWidth;
        let kernelY = tap / uniforms.kernelWidth % uniforms.kernelHeight;
        let first = tap / (uniforms.kernelWidth * uniforms.kernelHeight) * uniforms.pieceLines;
        var sum = 0.0;
        for (var line = first; line < min(uniforms.lines, first + uniforms.pieceLines); line++) {
          let y = (line % uniforms.outHeight) * uniforms.strideHeight + kernelY * uniforms.dilationHeight -
            uniforms.padTop;
          if (y < 0 || y >= uniforms.inHeight) { continue; }
          let start = (line / uniforms.outHeight * uniforms.inHeight + y) * uniforms.inWidth;
          for (var outX = 0; outX < uniforms.outWidth; outX++) {
            let x = outX * uniforms.strideWidth + kernelX * uniforms.dilationWidth - uniforms.padLeft;
            if (x < 0 || x >= uniforms.inWidth) { continue; }
            sum += Images[(start + x) * inChannels + inChannel] *
              Gradient[(line * uniforms.outWidth + outX) * outChannels + outChannel];
          }
        }
        return sum;`,
    }));
    return own(sumParts(name, backend, parts, filterShape));
  });
}
