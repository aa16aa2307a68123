/**
 * Images as columns: a convolution's windows unrolled, so that its filter gradient
 * is one matrix product.
 *
 * @module
 */
import type { ConvolutionInfo } from "./kernel.ts";

/** Where a window's point falls on one axis. */
interface Axis {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  /** Of the point's place for output 0; negative inside the padding. */
  readonly offset: number;
}

/** The outputs [from, to) for which the point lies inside the image. */
function inside({ inputs, outputs, stride, offset }: Axis): [from: number, to: number] {
  const from = Math.min(outputs, offset >= 0 ? 0 : Math.ceil(-offset / stride));
  const to = Math.max(from, Math.min(outputs, Math.floor((inputs - 1 - offset) / stride) + 1));
  return [from, to];
}

/**
 * `count` images, channels first `[C, count, H, W]`, as rows of `[kH·kW·C, count·oH·oW]`:
 * every row of an image is one run, also where there is one channel only.
 */
export function columnsOfPlanes(
  planes: Float32Array,
  columns: Float32Array,
  count: number,
  info: ConvolutionInfo,
): void {
  const { inChannels, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  let to = 0;
  for (let kh = 0; kh < info.filterHeight; kh++) {
    for (let kw = 0; kw < info.filterWidth; kw++) {
      const offset = kw * info.dilationWidth - padInfo.left;
      const [first, last] = inside({ inputs: inWidth, outputs: outWidth, stride: strideWidth, offset });
      for (let plane = 0; plane < inChannels * count; plane++) {
        for (let row = 0; row < outHeight; row++, to += outWidth) {
          const inRow = row * strideHeight + kh * info.dilationHeight - padInfo.top;
          if (inRow < 0 || inRow >= inHeight) {
            columns.fill(0, to, to + outWidth);
            continue;
          }
          for (let i = 0; i < first; i++) columns[to + i] = 0;
          let from = (plane * inHeight + inRow) * inWidth + first * strideWidth + offset;
          for (let i = first; i < last; i++, from += strideWidth) columns[to + i] = planes[from] as number;
          for (let i = last; i < outWidth; i++) columns[to + i] = 0;
        }
      }
    }
  }
}
