/**
 * `AvgPoolGrad`. tfjs' kernel divides by the whole window where the forward pass
 * divides by what lies inside the image, so that the two differ wherever there is
 * padding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { AvgPoolGradAttributes } from "../avg_pool_grad.ts";
import { poolIntegers } from "./geometry.ts";
import { runEach, type WebGPUKernel } from "./program.ts";

/** `dy` `[N, oH, oW, C]`, `input` `[N, H, W, C]` → the gradient of the input. */
export const avgPoolGrad: WebGPUKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, AvgPoolGradAttributes> = (
  { inputs: { dy, input }, backend, attrs: { filterSize, strides, pad } },
) => {
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  return runEach(backend, {
    name: "AvgPoolGrad",
    outputShape: shape,
    inputs: { Gradient: dy },
    integers: poolIntegers(info),
    value: `
      let channel = at % uniforms.channels;
      let pixel = at / uniforms.channels;
      let line = pixel / uniforms.inWidth;
      let image = line / uniforms.inHeight;
      let y = line % uniforms.inHeight + uniforms.padTop;
      let x = pixel % uniforms.inWidth + uniforms.padLeft;
      let firstY = max(0, y - uniforms.windowHeight + uniforms.strideHeight) / uniforms.strideHeight;
      let firstX = max(0, x - uniforms.windowWidth + uniforms.strideWidth) / uniforms.strideWidth;
      let endY = min(uniforms.outHeight, y / uniforms.strideHeight + 1);
      let endX = min(uniforms.outWidth, x / uniforms.strideWidth + 1);
      var sum = 0.0;
      for (var outY = firstY; outY < endY; outY++) {
        let top = outY * uniforms.strideHeight - uniforms.padTop;
        let height = min(uniforms.inHeight, top + uniforms.windowHeight) - max(0, top);
        for (var outX = firstX; outX < endX; outX++) {
          let left = outX * uniforms.strideWidth - uniforms.padLeft;
          let width = min(uniforms.inWidth, left + uniforms.windowWidth) - max(0, left);
          let out = (image * uniforms.outHeight + outY) * uniforms.outWidth + outX;
          sum += Gradient[out * uniforms.channels + channel] / f32(height * width);
        }
      }
      return sum;`,
  });
};
