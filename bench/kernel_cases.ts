/**
 * Convolutions of chapter 8's networks, as the kernel benchmarks run them.
 *
 * @module
 */

/** A convolution with square images and windows. */
export interface ConvolutionCase {
  readonly name: string;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
}

const convolution = (
  name: string,
  [batch, size, channels, filters]: readonly [number, number, number, number],
  [kernelSize, stride, padding]: readonly [number, number, number],
): ConvolutionCase => ({ name, batch, size, channels, filters, kernelSize, stride, padding });

/** One of each kind: early and late, wide and narrow, strided and not. */
export const CONVOLUTIONS: readonly ConvolutionCase[] = [
  convolution("ResNet stage 1", [16, 56, 64, 64], [3, 1, 1]),
  convolution("ResNet stage 3", [16, 14, 256, 256], [3, 1, 1]),
  convolution("ResNet stage 2, stride 2", [16, 56, 64, 128], [3, 2, 1]),
  convolution("bottleneck 1×1", [16, 14, 256, 64], [1, 1, 0]),
  convolution("AlexNet first", [4, 224, 1, 96], [11, 4, 1]),
  convolution("LeNet second", [128, 14, 6, 16], [5, 1, 0]),
];

/** Height and width of the output. */
export function outputSizeOf({ size, kernelSize, stride, padding }: ConvolutionCase): number {
  return Math.floor((size + 2 * padding - kernelSize) / stride) + 1;
}

/** Floating point operations of the convolution, and of each of its two gradients: two for each multiply-accumulate. */
export function flops(convolution: ConvolutionCase): number {
  const { batch, channels, filters, kernelSize } = convolution;
  return 2 * batch * outputSizeOf(convolution) ** 2 * filters * channels * kernelSize ** 2;
}
