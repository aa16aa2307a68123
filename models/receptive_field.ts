/**
 * Which part of an image one unit of a network sees.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import type { Block, Network, Node } from "./block.ts";
import { show } from "./errors.ts";
import { AdaptiveAvgPool2d } from "./layers/adaptive_avg_pool2d.ts";
import { AvgPool2d } from "./layers/avg_pool2d.ts";
import { Conv2d } from "./layers/conv2d.ts";
import { Flatten } from "./layers/flatten.ts";
import { type DeclaredLayer, imageSize } from "./layers/layer.ts";
import { MaxPool2d } from "./layers/max_pool2d.ts";
import { Multiply } from "./layers/multiply.ts";

/** What {@linkcode receptiveField} answers, in pixels of the input; pairs are [height, width]. */
export interface ReceptiveField {
  /** Pixels that one unit of the output sees, those of the padding included: deep networks see more than the image. */
  readonly size: readonly [height: number, width: number];
  /** Pixels between the fields of two neighbouring units. */
  readonly stride: readonly [height: number, width: number];
  /** The first pixel that the first unit sees; negative where it lies in the padding. */
  readonly start: readonly [height: number, width: number];
}

/** What a layer that is not pointwise looks through, along one axis. */
interface Window {
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding?: number;
  readonly dilation?: number;
}

type Axis = 0 | 1;

/** A field along one axis. */
interface Extent {
  readonly size: number;
  readonly stride: number;
  readonly start: number;
}

/** The window of `layer` along `axis`, of a map with `length` units there; undefined where it is pointwise. */
function windowOf(layer: DeclaredLayer, axis: Axis, length: number): Window | undefined {
  if (layer instanceof Conv2d) {
    const { kernelSize, stride, padding, dilation } = layer.options;
    return { kernelSize: kernelSize[axis], stride: stride[axis], padding: padding[axis], dilation: dilation[axis] };
  }
  if (layer instanceof MaxPool2d || layer instanceof AvgPool2d) {
    const { kernelSize, stride, padding } = layer.options;
    return { kernelSize: kernelSize[axis], stride: stride[axis], padding: padding[axis] };
  }
  // What follows a Flatten sees the map as a whole, as a convolution with a window of its size would.
  if (layer instanceof Flatten) return { kernelSize: length, stride: length };
  if (layer instanceof AdaptiveAvgPool2d) {
    const count = layer.options.outputSize[axis];
    const widths = Array.from(
      { length: count },
      (_, i) => Math.ceil((i + 1) * length / count) - Math.floor(i * length / count),
    );
    return { kernelSize: Math.max(...widths), stride: length / count };
  }
  return undefined;
}

/** The field behind a window: its points are `stride` of the field before it apart. */
function through({ size, stride, start }: Extent, window: Window): Extent {
  const { kernelSize, padding = 0, dilation = 1 } = window;
  return {
    size: size + (kernelSize - 1) * dilation * stride,
    stride: stride * window.stride,
    start: start - padding * stride,
  };
}

/** The smallest field that holds those of all paths that meet. */
function union(first: Extent, others: readonly Extent[]): Extent {
  const all = [first, ...others];
  const start = Math.min(...all.map((extent) => extent.start));
  const end = Math.max(...all.map((extent) => extent.start + extent.size));
  return { size: end - start, stride: first.stride, start };
}

const NETWORK: Network = { declare() {}, output() {} };

/** A node that carries the field of its units. */
class FieldNode implements Node {
  readonly network = NETWORK;

  constructor(readonly shape: Shape, readonly extents: readonly [Extent, Extent]) {}

  apply(layer: DeclaredLayer, ...others: Node[]): Node {
    const inputs = [this, ...others.map(fieldNode)];
    const outputShape = layer.computeOutputShape(
      others.length === 0 ? this.shape : inputs.map(({ shape }) => shape),
    );
    const along = (axis: Axis): Extent => {
      // A scale has one place for the whole map, wherever its unit is.
      const met = layer instanceof Multiply ? [] : inputs.slice(1);
      const merged = union(this.extents[axis], met.map(({ extents }) => extents[axis]));
      // Flattened features and logits have no place of their own left.
      if (this.shape.length !== 4) return merged;
      const length = imageSize(this.shape, layer.name)[axis];
      const window = windowOf(layer, axis, length);
      if (window !== undefined) return through(merged, window);
      if (outputShape[axis + 1] !== length) {
        throw new TypeError(
          `Expected ${layer.name} to be pointwise or to have a known window but found ${show(layer)}`,
        );
      }
      return merged;
    };
    return new FieldNode(outputShape, [along(0), along(1)]);
  }
}

function fieldNode(node: Node): FieldNode {
  if (!(node instanceof FieldNode)) throw new TypeError("Expected nodes of one network but found one of another");
  return node;
}

/**
 * The receptive field of the units that `block` gives for an image of `inputShape`:
 * the pixels that its windows let change them, in evaluation. Where paths meet, it
 * holds the fields of all. The gates of squeeze and excitation, which look at the
 * whole image, are left out, as is usual. Nothing is allocated.
 *
 * A field is what a unit can see, not what it does see: at the rim most of it is
 * padding, and in a trained network its middle counts for far more (Luo et al. 2016).
 *
 * @param block The network, or a part of it.
 * @param options.inputShape [height, width, channels] of one image.
 * @throws {RangeError} Where a layer does not fit its input.
 * @throws {TypeError} Where a layer of other origin changes height or width.
 *
 * @example Two 3×3 convolutions see as much as one of 5×5, with fewer parameters
 * ```ts
 * import { describe, nn, receptiveField, sequential } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const inputShape = [32, 32, 64];
 * const narrow = sequential(nn.conv2d(64, 3), nn.relu(), nn.conv2d(64, 3));
 * const wide = nn.conv2d(64, 5);
 * assertEquals(receptiveField(narrow, { inputShape }), { size: [5, 5], stride: [1, 1], start: [0, 0] });
 * assertEquals(receptiveField(wide, { inputShape }), { size: [5, 5], stride: [1, 1], start: [0, 0] });
 * assertEquals([narrow, wide].map((block) => describe(block, { inputShape }).params), [73_856, 102_464]);
 * ```
 */
export function receptiveField(block: Block, { inputShape }: { inputShape: readonly number[] }): ReceptiveField {
  const pixel: Extent = { size: 1, stride: 1, start: 0 };
  const { extents: [rows, columns] } = fieldNode(block(new FieldNode([null, ...inputShape], [pixel, pixel]), ""));
  return {
    size: [rows.size, columns.size],
    stride: [rows.stride, columns.stride],
    start: [rows.start, columns.start],
  };
}
