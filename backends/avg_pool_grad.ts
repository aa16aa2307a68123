/**
 * The gradient of average pooling, for backends whose own is wrong: tfjs' forward
 * kernels divide by the values inside the image, its gradients on cpu and wasm by
 * the whole window, so that they differ wherever there is padding.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Attributes of `AvgPoolGrad`. */
export interface AvgPoolGradAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
}

/** Spreads each value of `dy` `[N, oH, oW, C]` evenly over its window in `dx`, an image of `shape` that starts as zeros. */
export function spreadAverages(
  dy: Float32Array,
  dx: Float32Array,
  shape: readonly number[],
  { filterSize, strides, pad }: AvgPoolGradAttributes,
): void {
  const info = tf.backend_util.computePool2DInfo(
    [...shape] as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
  );
  const { inHeight, inWidth, inChannels: channels, filterHeight, filterWidth, padInfo } = info;
  let gradient = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * info.strideHeight - padInfo.top;
      const [firstRow, lastRow] = [Math.max(0, top), Math.min(inHeight, top + filterHeight)];
      for (let place = 0; place < info.outWidth; place++, gradient += channels) {
        const left = place * info.strideWidth - padInfo.left;
        const [first, last] = [Math.max(0, left), Math.min(inWidth, left + filterWidth)];
        const share = 1 / ((lastRow - firstRow) * (last - first));
        for (let h = firstRow; h < lastRow; h++) {
          for (let w = first; w < last; w++) {
            const start = ((n * inHeight + h) * inWidth + w) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const at = start + channel;
              dx[at] = (dx[at] as number) + (dy[gradient + channel] as number) * share;
            }
          }
        }
      }
    }
  }
}
