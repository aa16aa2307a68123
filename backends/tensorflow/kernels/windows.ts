/**
 * How a convolution or a pool moves over its input, in TensorFlow's words.
 *
 * TensorFlow's `EXPLICIT` padding is used only where nothing is trained: the gradients
 * of a convolution that has it are not oneDNN's and up to ten times slower. Padding
 * that is neither `VALID` nor `SAME` is written out with a `Pad` before a `VALID` window.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ints, text } from "./kernel.ts";
import type { KernelAttribute } from "../upstream.ts";

/** What is added before and behind, along each axis of the tensor. */
type Margins = [before: number, behind: number][];

/** What tfjs computes of a convolution's or a pool's attributes. */
export type WindowInfo = Pick<
  tf.backend_util.Conv2DInfo,
  | "inHeight"
  | "inWidth"
  | "outHeight"
  | "outWidth"
  | "strideHeight"
  | "strideWidth"
  | "dilationHeight"
  | "dilationWidth"
  | "effectiveFilterHeight"
  | "effectiveFilterWidth"
  | "padInfo"
  | "dataFormat"
>;

/** A window's padding: by name, and what to add by hand before. */
export interface Padding {
  /** TensorFlow's name. */
  readonly name: "VALID" | "SAME" | "EXPLICIT";
  /** What a `Pad` has to add before; undefined for nothing. */
  readonly margins?: Margins;
  /** What the op itself adds; `EXPLICIT` only. */
  readonly explicit?: Margins;
}

/** What `SAME` adds on both ends of an axis. */
function same(size: number, outputs: number, stride: number, extent: number): readonly [number, number] {
  const total = Math.max((outputs - 1) * stride + extent - size, 0);
  return [total >> 1, total - (total >> 1)];
}

/** The padding of `info`, for one of the two that oneDNN has gradients for. */
export function paddingOf(info: WindowInfo): Padding {
  const { padInfo } = info;
  // tfjs' rounding of the output may ask for more than the padding says: the last window is filled up.
  const behind = (given: number, before: number, size: number, outputs: number, stride: number, extent: number) =>
    Math.max(given, (outputs - 1) * stride + extent - size - before);
  const image: Margins = [
    [
      padInfo.top,
      behind(
        padInfo.bottom,
        padInfo.top,
        info.inHeight,
        info.outHeight,
        info.strideHeight,
        info.effectiveFilterHeight,
      ),
    ],
    [
      padInfo.left,
      behind(padInfo.right, padInfo.left, info.inWidth, info.outWidth, info.strideWidth, info.effectiveFilterWidth),
    ],
  ];
  if (image.flat().every((zeros) => zeros === 0)) return { name: "VALID" };
  const outputs = (size: number, stride: number) => Math.ceil(size / stride);
  const [height, width] = [outputs(info.inHeight, info.strideHeight), outputs(info.inWidth, info.strideWidth)];
  const asSame = [
    same(info.inHeight, height, info.strideHeight, info.effectiveFilterHeight),
    same(info.inWidth, width, info.strideWidth, info.effectiveFilterWidth),
  ];
  if (height === info.outHeight && width === info.outWidth && String(asSame) === String(image)) {
    return { name: "SAME" };
  }
  const none: Margins[number] = [0, 0];
  return {
    name: "VALID",
    margins: info.dataFormat === "channelsLast" ? [none, ...image, none] : [none, none, ...image],
  };
}

/** The same padding without a `Pad`. */
export function withinOp(padding: Padding): Padding {
  return padding.margins === undefined ? padding : { name: "EXPLICIT", explicit: padding.margins };
}

/** `x` with the margins around it; `x` itself where there are none. */
export function pad(x: tf.Tensor, { margins }: Padding, value = 0): tf.Tensor {
  return margins === undefined ? x : tf.pad(x, margins, value);
}

/** The shape of {@linkcode pad}'s result. */
export function paddedShape(shape: readonly number[], { margins }: Padding): number[] {
  if (margins === undefined) return [...shape];
  return shape.map((size, axis) => size + (margins[axis]?.[0] ?? 0) + (margins[axis]?.[1] ?? 0));
}

/** What {@linkcode pad} makes of a gradient: the part that belongs to the input. */
export function unpad(dx: tf.Tensor, { margins }: Padding, shape: readonly number[]): tf.Tensor {
  return margins === undefined ? dx : tf.slice(dx, margins.map(([before]) => before), [...shape]);
}

/** The attributes that say where the windows are. */
export function windowAttributes(info: WindowInfo, { name, explicit }: Padding): KernelAttribute[] {
  const nhwc = info.dataFormat === "channelsLast";
  const along = (height: number, width: number) => nhwc ? [1, height, width, 1] : [1, 1, height, width];
  return [
    ints("strides", along(info.strideHeight, info.strideWidth)),
    text("padding", name),
    text("data_format", nhwc ? "NHWC" : "NCHW"),
    ...(explicit === undefined ? [] : [ints("explicit_paddings", explicit.flat())]),
  ];
}

/** The attribute that says how far apart a filter's values are. */
export function dilationAttribute(info: WindowInfo): KernelAttribute {
  const nhwc = info.dataFormat === "channelsLast";
  const [height, width] = [info.dilationHeight, info.dilationWidth];
  return ints("dilations", nhwc ? [1, height, width, 1] : [1, 1, height, width]);
}
