/**
 * Convolution in groups, as one product a group in one shader; without it, each
 * group's channels would be split off, convolved and joined again.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { byFour, type ConvolutionAttributes, geometry } from "./geometry.ts";
import { isNarrow, narrowForward } from "./narrow_groups.ts";
import type { WebGPUKernel } from "./program.ts";
import { tiledProduct } from "./tiled_product.ts";

const readImage = (width: number) => `
  let channel = inner % uniforms.channels;
  let tap = inner / uniforms.channels;
  let line = outer / uniforms.outWidth;
  let y = (line % uniforms.outHeight) * uniforms.strideHeight +
    (tap / uniforms.kernelWidth) * uniforms.dilationHeight - uniforms.padTop;
  let x = (outer % uniforms.outWidth) * uniforms.strideWidth +
    (tap % uniforms.kernelWidth) * uniforms.dilationWidth - uniforms.padLeft;
  if (y < 0 || y >= uniforms.inHeight || x < 0 || x >= uniforms.inWidth) { return ValueImages(0.0); }
  let pixel = ((line / uniforms.outHeight) * uniforms.inHeight + y) * uniforms.inWidth + x;
  return Images[((pixel * uniforms.groups + matrix) * uniforms.channels + channel) / ${width}];`;

const readFilter = (width: number) =>
  `return Filter[((inner * uniforms.groups + matrix) * uniforms.filters + outer) / ${width}];`;

/** `x` `[N, H, W, C]`, `filter` `[kH, kW, C / groups, F]` → `[N, oH, oW, F]`. */
export const groupedConv2D: WebGPUKernel<
  { x: tf.TensorInfo; filter: tf.TensorInfo },
  ConvolutionAttributes,
  tf.TensorInfo[]
> = ({ inputs: { x, filter }, backend, attrs }) => {
  const shape = geometry(x.shape, filter.shape, attrs);
  if (isNarrow(shape)) return [narrowForward("GroupedConv2DNarrow", backend, { x, filter }, shape)];
  const { info, groups, channels, filters, integers } = shape;
  const widths = [byFour(channels), byFour(filters)] as const;
  return [tiledProduct(backend, {
    name: "GroupedConv2D",
    rows: info.batchSize * info.outHeight * info.outWidth,
    columns: filters,
    inner: info.filterHeight * info.filterWidth * channels,
    matrices: groups,
    left: { name: "Images", tensor: x, along: "inner", byFour: widths[0], read: readImage(widths[0] ? 4 : 1) },
    right: { name: "Filter", tensor: filter, along: "outer", byFour: widths[1], read: readFilter(widths[1] ? 4 : 1) },
    outputShape: [info.batchSize, info.outHeight, info.outWidth, info.outChannels],
    place: "return (row * uniforms.groups + matrix) * uniforms.filters;",
    integers,
  })];
};
