/**
 * The gradient of a convolution's input, with and without groups: a product of dy's
 * pixels and the filter. Where the stride is s, pixels of the input fall into s² kinds,
 * each of which sees another s²-th of the filter: each kind is a product of its own,
 * so that no zero is multiplied.
 *
 * @module
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import { byFour, type ConvolutionAttributes, geometry, type Shape4D } from "./geometry.ts";
import { isNarrow, narrowInputGradient } from "./narrow_groups.ts";
import type { WebGPUKernel } from "./program.ts";
import { tiledProduct } from "./tiled_product.ts";
import { upstreamKernel } from "./upstream.ts";

/** Channels of the input from which on a tiled product is faster than upstream's thread a value. */
const LEAST_CHANNELS = 16;

/** Which kind of pixel `matrix` is of, and what it sees of the filter. */
const KIND = `
  let group = matrix % uniforms.groups;
  let kind = matrix / uniforms.groups;
  let kindY = kind / uniforms.strideWidth;
  let kindX = kind % uniforms.strideWidth;
  let tapY = (kindY + uniforms.padTop) % uniforms.strideHeight;
  let tapX = (kindX + uniforms.padLeft) % uniforms.strideWidth;`;

/** The tap of the filter that `inner` stands for. */
const TAP = `
  let feature = inner % uniforms.filters;
  let tap = inner / uniforms.filters;
  let kernelY = (tap / uniforms.tapsX) * uniforms.strideHeight + tapY;
  let kernelX = (tap % uniforms.tapsX) * uniforms.strideWidth + tapX;`;

const readGradient = (width: number) => `
  ${KIND}
  ${TAP}
  let line = outer / uniforms.kindWidth;
  let y = (line % uniforms.kindHeight) * uniforms.strideHeight + kindY + uniforms.padTop - kernelY;
  let x = (outer % uniforms.kindWidth) * uniforms.strideWidth + kindX + uniforms.padLeft - kernelX;
  let outY = y / uniforms.strideHeight;
  let outX = x / uniforms.strideWidth;
  if (y < 0 || x < 0 || outY >= uniforms.outHeight || outX >= uniforms.outWidth) { return ValueGradient(0.0); }
  let pixel = ((line / uniforms.kindHeight) * uniforms.outHeight + outY) * uniforms.outWidth + outX;
  return Gradient[((pixel * uniforms.groups + group) * uniforms.filters + feature) / ${width}];`;

const readFilter = (width: number) => `
  ${KIND}
  ${TAP}
  if (kernelY >= uniforms.kernelHeight || kernelX >= uniforms.kernelWidth) { return ValueFilter(0.0); }
  let row = (kernelY * uniforms.kernelWidth + kernelX) * uniforms.channels + outer;
  return Filter[((row * uniforms.groups + group) * uniforms.filters + feature) / ${width}];`;

const PLACE = `
  ${KIND}
  let line = row / uniforms.kindWidth;
  let y = (line % uniforms.kindHeight) * uniforms.strideHeight + kindY;
  let x = (row % uniforms.kindWidth) * uniforms.strideWidth + kindX;
  if (y >= uniforms.inHeight || x >= uniforms.inWidth) { return -1; }
  let pixel = ((line / uniforms.kindHeight) * uniforms.inHeight + y) * uniforms.inWidth + x;
  return (pixel * uniforms.groups + group) * uniforms.channels;`;

function run(
  name: string,
  backend: WebGPUBackend,
  { dy, filter }: Inputs,
  attrs: Attributes,
): tf.TensorInfo {
  const { inputShape } = attrs;
  const shape = geometry(inputShape, filter.shape, attrs);
  if (isNarrow(shape)) return narrowInputGradient(`${name}Narrow`, backend, { dy, filter }, shape, inputShape);
  const { info, groups, channels, filters, integers } = shape;
  const { strideHeight, strideWidth } = info;
  const [kindHeight, kindWidth] = [Math.ceil(info.inHeight / strideHeight), Math.ceil(info.inWidth / strideWidth)];
  const [tapsY, tapsX] = [Math.ceil(info.filterHeight / strideHeight), Math.ceil(info.filterWidth / strideWidth)];
  const isWide = byFour(filters);
  const width = isWide ? 4 : 1;
  return tiledProduct(backend, {
    name,
    rows: info.batchSize * kindHeight * kindWidth,
    columns: channels,
    inner: tapsY * tapsX * filters,
    matrices: groups * strideHeight * strideWidth,
    left: { name: "Gradient", tensor: dy, along: "inner", byFour: isWide, read: readGradient(width) },
    right: { name: "Filter", tensor: filter, along: "inner", byFour: isWide, read: readFilter(width) },
    outputShape: inputShape,
    place: PLACE,
    integers: { ...integers, kindHeight, kindWidth, tapsX },
  });
}

type Inputs = { dy: tf.TensorInfo; filter: tf.TensorInfo };
type Attributes = ConvolutionAttributes & { readonly inputShape: Shape4D };

/** `dy` `[N, oH, oW, F]`, `filter` `[kH, kW, C, F]` → the gradient of the input, `[N, H, W, C]`. */
export const conv2DBackpropInput: WebGPUKernel<Inputs, Attributes> = ({ inputs, backend, attrs }) => {
  // A tile of few columns wastes more than it shares.
  if (attrs.dataFormat === "NCHW" || attrs.inputShape[3] < LEAST_CHANNELS) {
    return upstreamKernel("Conv2DBackpropInput", { inputs, backend, attrs });
  }
  return run("Conv2DBackpropInput", backend, inputs, attrs);
};

/** The same in groups: `filter` is `[kH, kW, C / groups, F]`. */
export const groupedConv2DBackpropInput: WebGPUKernel<Inputs, Attributes, tf.TensorInfo[]> = (
  { inputs, backend, attrs },
) => [run("GroupedConv2DBackpropInput", backend, inputs, attrs)];
