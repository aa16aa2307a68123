/**
 * Convolutions and pools as shaders see them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Attributes that convolutions and their gradients share. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
  /** 1 where it is left out. */
  readonly groups?: number;
}

/** A shape of four axes. */
export type Shape4D = [number, number, number, number];

/** The geometry of a convolution. */
export interface Geometry {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly groups: number;
  /** Channels in and out of one group. */
  readonly channels: number;
  readonly filters: number;
  /** All of it, for shaders. */
  readonly integers: Readonly<Record<string, number>>;
}

/** Where windows lie on their image: what convolutions and pools have alike, for shaders. */
export function windowPlaces(info: tf.backend_util.Conv2DInfo): Readonly<Record<string, number>> {
  return {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

/** The windows of a pool over `info.inChannels` channels, for shaders. */
export function poolIntegers(info: tf.backend_util.Conv2DInfo): Readonly<Record<string, number>> {
  const { inChannels: channels, filterHeight: windowHeight, filterWidth: windowWidth } = info;
  return { ...windowPlaces(info), channels, windowHeight, windowWidth };
}

/** The geometry of a convolution of `[N, H, W, C]` by `[kH, kW, C / groups, F]`. */
export function geometry(inputShape: readonly number[], filterShape: readonly number[], {
  strides,
  pad,
  dimRoundingMode,
  dilations = 1,
  groups = 1,
}: ConvolutionAttributes): Geometry {
  const [batch = 0, height = 0, width = 0, inChannels = 0] = inputShape;
  const info = tf.backend_util.computeConv2DInfo(
    [batch, height, width, inChannels / groups],
    [...filterShape] as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    "channelsLast",
  );
  const [channels, filters] = [inChannels / groups, info.outChannels / groups];
  return {
    info,
    groups,
    channels,
    filters,
    integers: {
      ...windowPlaces(info),
      kernelHeight: info.filterHeight,
      kernelWidth: info.filterWidth,
      dilationHeight: info.dilationHeight,
      dilationWidth: info.dilationWidth,
      groups,
      channels,
      filters,
    },
  };
}

/** Whether values of `channels` a pixel can be read four at a time. */
export const byFour = (channels: number): boolean => channels % 4 === 0;
