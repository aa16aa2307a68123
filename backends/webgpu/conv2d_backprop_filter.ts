/**
 * The gradient of a convolution's filter, with and without groups: a product of the
 * images' windows and dy. Upstream has one thread a weight, which goes through all
 * pixels of the batch.
 *
 * @module
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import { byFour, type ConvolutionAttributes, geometry, type Shape4D } from "./geometry.ts";
import { upstreamKernel } from "./upstream.ts";
import { isNarrow, narrowFilterGradient } from "./narrow_groups.ts";
import { scoped, type WebGPUKernel } from "./program.ts";
import { sumParts } from "./sum_parts.ts";
import { tiledProduct, tileFor } from "./tiled_product.ts";

/** Workgroups that keep a GPU busy. */
const BUSY = 256;
/** Pixels of a piece, at the least. */
const LEAST_PIECE = 512;
/** Values of all pieces together, at the most: 64 MiB. */
const MOST_VALUES = 1 << 24;

/** In how many pieces the pixels are summed: filters are small, and a tile of theirs has much to add. */
function splitsFor(rows: number, columns: number, groups: number, pixels: number): number {
  const { threads, each } = tileFor(rows, columns);
  const tiles = Math.ceil(columns / (threads[0] * each[0])) * Math.ceil(rows / (threads[1] * each[1])) * groups;
  const room = Math.floor(MOST_VALUES / (rows * columns * groups));
  return Math.max(1, Math.min(Math.ceil(BUSY / tiles), Math.floor(pixels / LEAST_PIECE), room));
}

/** Reads x `[N, H, W, C]` at a place of the window (outer) and an output pixel (inner). */
const readImage = (width: number) => `
  let channel = outer % uniforms.channels;
  let tap = outer / uniforms.channels;
  let line = inner / uniforms.outWidth;
  let y = (line % uniforms.outHeight) * uniforms.strideHeight +
    (tap / uniforms.kernelWidth) * uniforms.dilationHeight - uniforms.padTop;
  let x = (inner % uniforms.outWidth) * uniforms.strideWidth +
    (tap % uniforms.kernelWidth) * uniforms.dilationWidth - uniforms.padLeft;
  if (y < 0 || y >= uniforms.inHeight || x < 0 || x >= uniforms.inWidth) { return ValueImages(0.0); }
  let pixel = ((line / uniforms.outHeight) * uniforms.inHeight + y) * uniforms.inWidth + x;
  return Images[((pixel * uniforms.groups + matrix) * uniforms.channels + channel) / ${width}];`;

const readGradient = (width: number) =>
  `return Gradient[((inner * uniforms.groups + matrix) * uniforms.filters + outer) / ${width}];`;

function run(
  name: string,
  backend: WebGPUBackend,
  { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
  attrs: ConvolutionAttributes & { readonly filterShape: Shape4D },
): tf.TensorInfo {
  const shape = geometry(x.shape, attrs.filterShape, attrs);
  if (isNarrow(shape)) return narrowFilterGradient(`${name}Narrow`, backend, { x, dy }, shape, attrs.filterShape);
  const { info, groups, channels, filters, integers } = shape;
  const rows = info.filterHeight * info.filterWidth * channels;
  const inner = info.batchSize * info.outHeight * info.outWidth;
  const splits = splitsFor(rows, filters, groups, inner);
  const widths = [byFour(channels), byFour(filters)] as const;
  const product = () =>
    tiledProduct(backend, {
      name,
      rows,
      columns: filters,
      inner,
      matrices: groups,
      splits,
      left: { name: "Images", tensor: x, along: "outer", byFour: widths[0], read: readImage(widths[0] ? 4 : 1) },
      right: { name: "Gradient", tensor: dy, along: "outer", byFour: widths[1], read: readGradient(widths[1] ? 4 : 1) },
      outputShape: splits === 1 ? attrs.filterShape : [splits, ...attrs.filterShape],
      place: "return (row * uniforms.groups + matrix) * uniforms.filters;",
      integers,
    });
  if (splits === 1) return product();
  return scoped(backend, (own) => own(sumParts(name, backend, own(product()), attrs.filterShape)));
}

type Inputs = { x: tf.TensorInfo; dy: tf.TensorInfo };
type Attributes = ConvolutionAttributes & { readonly filterShape: Shape4D };

/** `x` `[N, H, W, C]`, `dy` `[N, oH, oW, F]` → the gradient of the filter, `[kH, kW, C, F]`. */
export const conv2DBackpropFilter: WebGPUKernel<Inputs, Attributes> = ({ inputs, backend, attrs }) => {
  if (attrs.dataFormat === "NCHW") return upstreamKernel("Conv2DBackpropFilter", { inputs, backend, attrs });
  return run("Conv2DBackpropFilter", backend, inputs, attrs);
};

/** The same in groups: `[kH, kW, C / groups, F]`. */
export const groupedConv2DBackpropFilter: WebGPUKernel<Inputs, Attributes, tf.TensorInfo[]> = (
  { inputs, backend, attrs },
) => [run("GroupedConv2DBackpropFilter", backend, inputs, attrs)];
