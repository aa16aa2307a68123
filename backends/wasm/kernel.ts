/**
 * What the kernels of this room share: their signature, the wasm heap, and a scope
 * that frees what a kernel makes on its way.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** What a kernel is called with. */
export interface KernelArguments<Inputs = Record<string, tf.TensorInfo>, Attributes = Record<string, unknown>> {
  readonly inputs: Inputs;
  readonly backend: BackendWasm;
  readonly attrs: Attributes;
}

/** A kernel of the wasm backend. */
export type WasmKernel<Inputs, Attributes, Output extends tf.TensorInfo | tf.TensorInfo[] = tf.TensorInfo> = (
  args: KernelArguments<Inputs, Attributes>,
) => Output;

/** Number of elements. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * The values of `tensor` where they lie in the heap. Growth of the heap detaches
 * views: take them after the last allocation.
 */
export function floats(backend: BackendWasm, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

/** Makes tensors and frees all but the kept ones at its end; see {@linkcode scoped}. */
export class Scope {
  readonly #made = new Set<tf.TensorInfo>();
  constructor(readonly backend: BackendWasm) {}

  /** A tensor of undefined values. */
  make(shape: number[]): tf.TensorInfo {
    return this.own(this.backend.makeOutput(shape, "float32"));
  }

  /** The same values under another shape. */
  alias(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.backend.incRef(tensor.dataId);
    return this.own({ dataId: tensor.dataId, shape, dtype: tensor.dtype });
  }

  /** Takes over a tensor that another kernel made. */
  own(tensor: tf.TensorInfo): tf.TensorInfo {
    this.#made.add(tensor);
    return tensor;
  }

  /** Frees `tensor` before the scope's end. */
  free(...tensors: tf.TensorInfo[]): void {
    for (const tensor of tensors) if (this.#made.delete(tensor)) this.backend.disposeData(tensor.dataId);
  }

  /** Frees all that was made but `kept`. */
  close(kept: readonly tf.TensorInfo[]): void {
    this.free(...[...this.#made].filter((tensor) => !kept.includes(tensor)));
  }
}

/** Runs `kernel` in a scope of its own: what it gives is kept, the rest freed, and all of it where it throws. */
export function scoped<Output extends tf.TensorInfo | tf.TensorInfo[]>(
  backend: BackendWasm,
  kernel: (scope: Scope) => Output,
): Output {
  const scope = new Scope(backend);
  let kept: readonly tf.TensorInfo[] = [];
  try {
    const output = kernel(scope);
    kept = Array.isArray(output) ? output : [output];
    return output;
  } finally {
    scope.close(kept);
  }
}

const TILE = 16;

/** Writes `source` `[rows, columns]` as `target` `[columns, rows]`, in tiles that stay in the cache. */
export function transpose(
  source: Float32Array,
  target: Float32Array,
  [rows, columns]: readonly [number, number],
  sourceOffset = 0,
  targetOffset = 0,
): void {
  for (let row0 = 0; row0 < rows; row0 += TILE) {
    const row1 = Math.min(rows, row0 + TILE);
    for (let column0 = 0; column0 < columns; column0 += TILE) {
      const column1 = Math.min(columns, column0 + TILE);
      for (let row = row0; row < row1; row++) {
        let from = sourceOffset + row * columns + column0;
        let to = targetOffset + column0 * rows + row;
        for (let column = column0; column < column1; column++, to += rows) target[to] = source[from++] as number;
      }
    }
  }
}

/** The geometry of a convolution, from tfjs' own computation. */
export type ConvolutionInfo = tf.backend_util.Conv2DInfo;

/** Attributes that convolutions and their gradients share. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
}

type Shape4D = [number, number, number, number];

/**
 * The geometry of a convolution with `attributes`.
 *
 * @throws {RangeError} Where the data format is not NHWC.
 */
export function convolutionInfo(
  kernelName: string,
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat = "NHWC", dimRoundingMode, dilations = 1 }: ConvolutionAttributes,
  depthwise = false,
): ConvolutionInfo {
  if (dataFormat !== "NHWC") {
    throw new RangeError(`Expected dataFormat of ${kernelName} to be NHWC but found ${dataFormat}`);
  }
  return tf.backend_util.computeConv2DInfo(
    [...inputShape] as Shape4D,
    [...filterShape] as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
    "channelsLast",
  );
}

/** Zeros around dy that make its convolution with the turned filter as large as the input; undefined where some are negative. */
export function fullPadding(info: ConvolutionInfo): tf.backend_util.ExplicitPadding | undefined {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const top = filterHeight - 1 - padInfo.top;
  const left = filterWidth - 1 - padInfo.left;
  const bottom = inHeight - outHeight + filterHeight - 1 - top;
  const right = inWidth - outWidth + filterWidth - 1 - left;
  return Math.min(top, left, bottom, right) < 0 ? undefined : [[0, 0], [top, bottom], [left, right], [0, 0]];
}
