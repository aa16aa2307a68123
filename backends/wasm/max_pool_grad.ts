/**
 * `MaxPoolGrad` for wasm. tfjs' kernel (tensorflow/tfjs#7672) starts its maximum at
 * the smallest positive float, so that a window whose maximum is not positive gets
 * a wrong gradient, and lets the last of equal values win. Here the first one
 * wins, as in PyTorch and cuDNN.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { floats, type WasmKernel } from "./kernel.ts";

/** Attributes of pooling kernels. */
export interface PoolingAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** `dy` `[N, oH, oW, C]`, `input` `[N, H, W, C]` → the gradient of the input. */
export const maxPoolGrad: WasmKernel<{ dy: tf.TensorInfo; input: tf.TensorInfo }, PoolingAttributes> = (
  { inputs: { dy, input }, backend, attrs: { filterSize, strides, pad, dimRoundingMode } },
) => {
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, inChannels: channels, filterHeight, filterWidth, padInfo } = info;
  const result = backend.makeOutput(shape, "float32");
  const [dx, g, x] = [floats(backend, result), floats(backend, dy), floats(backend, input)];
  dx.fill(0);
  const best = new Float32Array(channels);
  const places = new Int32Array(channels);
  let gradient = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * info.strideHeight - padInfo.top;
      for (let place = 0; place < info.outWidth; place++, gradient += channels) {
        const left = place * info.strideWidth - padInfo.left;
        best.fill(-Infinity);
        places.fill(-1);
        for (let h = Math.max(0, top); h < Math.min(inHeight, top + filterHeight); h++) {
          for (let w = Math.max(0, left); w < Math.min(inWidth, left + filterWidth); w++) {
            const start = ((n * inHeight + h) * inWidth + w) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const value = x[start + channel] as number;
              // The second condition takes a window's first value whatever it is, -Infinity included.
              if (value > (best[channel] as number) || (places[channel] as number) < 0) {
                best[channel] = value;
                places[channel] = start + channel;
              }
            }
          }
        }
        for (let channel = 0; channel < channels; channel++) {
          const at = places[channel] as number;
          if (at >= 0) dx[at] = (dx[at] as number) + (g[gradient + channel] as number);
        }
      }
    }
  }
  return result;
};
