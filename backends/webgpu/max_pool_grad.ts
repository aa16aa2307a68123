/**
 * `MaxPoolGrad`. tfjs' kernel lets the last of equal values win; here the first one
 * does, as in PyTorch and cuDNN.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { poolIntegers } from "./geometry.ts";
import { runEach, scoped, type WebGPUKernel } from "./program.ts";

/** Attributes of pooling kernels. */
export interface PoolingAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The window of the output value at `at`. */
const WINDOW = `
  let channel = at % uniforms.channels;
  let out = at / uniforms.channels;
  let line = out / uniforms.outWidth;
  let image = line / uniforms.outHeight;
  let top = (line % uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
  let left = (out % uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft;`;

/** `dy` `[N, oH, oW, C]`, `input` `[N, H, W, C]` → the gradient of the input. */
export const maxPoolGrad: WebGPUKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, PoolingAttributes> = (
  { inputs: { dy, input }, backend, attrs: { filterSize, strides, pad, dimRoundingMode } },
) => {
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const integers = poolIntegers(info);
  return scoped(backend, (own) => {
    const places = own(runEach(backend, {
      name: "MaxPoolGradPlaces",
      outputShape: dy.shape,
      inputs: { Images: input },
      integers,
      value: `${WINDOW}
        let firstY = max(0, top);
        let firstX = max(0, left);
        var best = 0.0;
        var place = -1;
        for (var y = firstY; y < min(uniforms.inHeight, top + uniforms.windowHeight); y++) {
          for (var x = firstX; x < min(uniforms.inWidth, left + uniforms.windowWidth); x++) {
            let pixel = (image * uniforms.inHeight + y) * uniforms.inWidth + x;
            let value = Images[pixel * uniforms.channels + channel];
            if (place < 0 || value > best) {
              best = value;
              place = (y - top) * uniforms.windowWidth + x - left;
            }
          }
        }
        return f32(place);`,
    }));
    return own(runEach(backend, {
      name: "MaxPoolGrad",
      outputShape: shape,
      inputs: { Gradient: dy, Places: places },
      integers,
      value: `
        let channel = at % uniforms.channels;
        let pixel = at / uniforms.channels;
        let line = pixel / uniforms.inWidth;
        let image = line / uniforms.inHeight;
        let y = line % uniforms.inHeight + uniforms.padTop;
        let x = pixel % uniforms.inWidth + uniforms.padLeft;
        let firstY = max(0, y - uniforms.windowHeight + uniforms.strideHeight) / uniforms.strideHeight;
        let firstX = max(0, x - uniforms.windowWidth + uniforms.strideWidth) / uniforms.strideWidth;
        var sum = 0.0;
        for (var outY = firstY; outY < min(uniforms.outHeight, y / uniforms.strideHeight + 1); outY++) {
          for (var outX = firstX; outX < min(uniforms.outWidth, x / uniforms.strideWidth + 1); outX++) {
            let out = ((image * uniforms.outHeight + outY) * uniforms.outWidth + outX) * uniforms.channels + channel;
            let tap = (y - outY * uniforms.strideHeight) * uniforms.windowWidth + x - outX * uniforms.strideWidth;
            if (i32(Places[out]) == tap) { sum += Gradient[out]; }
          }
        }
        return sum;`,
    }));
  });
};
