/**
 * The gradient for a filter as one matrix product, where that is faster than oneDNN's
 * own convolution (TensorFlow 2.21; the figures are from AVX2).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { stopsAtAvx2 } from "../processor.ts";
import type { NodeBackend } from "../upstream.ts";
import { bool, ints, text, type } from "./kernel.ts";
import { pad, type Padding, type WindowInfo } from "./windows.ts";

/** From so many pairs of channels on the product of large windows wins, by 1.2 to 2 times; below it loses. */
const LEAST_PAIRS = 256 * 384;
/** The most bytes that all windows, written out side by side, may take. */
const MOST_BYTES = 2 ** 27;

const CPUINFO = "/proc/cpuinfo";
let slow: boolean | undefined;

/** Whether oneDNN's gradient for filters is that of an older generation: with AVX2 only. False where nothing tells. */
function isSlow(backend: NodeBackend): boolean {
  return !backend.binding.isUsingGpuDevice() && (slow ??= Deno.build.os === "linux" && stopsAtAvx2(readCpuinfoFile()));
}

/** What Linux says of the processor; nothing without `--allow-all`, which Deno wants for files of that kind. */
function readCpuinfoFile(): string {
  // To read without permission would ask the user for it.
  if (Deno.permissions.querySync({ name: "read", path: CPUINFO }).state !== "granted") return "";
  try {
    return Deno.readTextFileSync(CPUINFO);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "";
    throw error;
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** `dy` and what each of its pixels was made from, `windows`, multiplied and summed over all pixels. */
function product(backend: NodeBackend, windows: tf.Tensor, dy: tf.Tensor, filterShape: number[]): tf.Tensor {
  const rows = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, [-1, tensor.shape.at(-1) ?? 1]);
  const gradient = backend.executeSingleOutput(
    "MatMul",
    [type("T", dy.dtype), bool("transpose_a", true), bool("transpose_b", false)],
    [rows(windows), rows(dy)],
  );
  return tf.reshape(gradient, filterShape);
}

/** The pixels of a padded image that a 1×1 filter takes, side by side. */
function takenPixels(padded: tf.Tensor, { outHeight, outWidth, strideHeight, strideWidth }: WindowInfo): tf.Tensor {
  if (strideHeight === 1 && strideWidth === 1) return padded;
  const [batch = 1, , , channels = 1] = padded.shape;
  const end = [batch, (outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1, channels];
  return tf.stridedSlice(padded, [0, 0, 0, 0], end, [1, strideHeight, strideWidth, 1]);
}

/**
 * The gradient for the filter of a convolution of `x`, `[batch, height, width, channels]`; undefined where a product is
 * no gain. A 1×1 filter's always is: oneDNN takes 1.2 to 1.5 times as long, and gets the gradient wrong of one that
 * steps over pixels.
 */
export function productGradient(
  backend: NodeBackend,
  { x, dy }: { readonly x: tf.Tensor; readonly dy: tf.Tensor },
  filterShape: number[],
  info: WindowInfo,
  padding: Padding,
  isConvolutionSlow: boolean = isSlow(backend),
): tf.Tensor | undefined {
  const [height = 1, width = 1, channels = 1, filters = 1] = filterShape;
  // In groups a filter does not see all channels.
  if (info.dataFormat !== "channelsLast" || channels !== x.shape[3]) return undefined;
  if (height === 1 && width === 1) return product(backend, takenPixels(pad(x, padding), info), dy, filterShape);
  const bytes = 4 * sizeOf(dy.shape.slice(0, 3)) * height * width * channels;
  const isDilated = info.dilationHeight > 1 || info.dilationWidth > 1;
  if (channels * filters < LEAST_PAIRS || bytes > MOST_BYTES || isDilated || !isConvolutionSlow) return undefined;
  const windows = backend.executeSingleOutput("ExtractImagePatches", [
    type("T", x.dtype),
    ints("ksizes", [1, height, width, 1]),
    ints("strides", [1, info.strideHeight, info.strideWidth, 1]),
    ints("rates", [1, 1, 1, 1]),
    text("padding", padding.name),
  ], [pad(x, padding)]);
  return product(backend, windows, dy, filterShape);
}
