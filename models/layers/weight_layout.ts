/**
 * How a weight's values are laid out here (NHWC) and in PyTorch (NCHW). Both are
 * the same values under a view, a permutation of axes and a reshape.
 *
 * @module
 */

/** Seen with the axes of `view` and transposed by `permutation`, this project's values are PyTorch's. */
export interface WeightLayout {
  /** The axes of this project's tensor. */
  readonly view: readonly number[];
  /** Which of them comes first, second, … in PyTorch's. */
  readonly permutation: readonly number[];
  /** The shape of PyTorch's tensor. */
  readonly torchShape: readonly number[];
}

/** The same order on both sides; `torchShape` may differ by axes of size one. */
export function sameLayout(torchShape: readonly number[]): WeightLayout {
  const size = torchShape.reduce((a, b) => a * b, 1);
  return { view: [size], permutation: [0], torchShape };
}

function permute(
  values: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array<ArrayBuffer> {
  const rank = shape.length;
  const strides = new Array<number>(rank).fill(1);
  for (let axis = rank - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  const sizes = permutation.map((axis) => shape[axis] ?? 1);
  const steps = permutation.map((axis) => strides[axis] ?? 1);
  const result = new Float32Array(values.length);
  const lastSize = sizes[rank - 1] ?? 1;
  const lastStep = steps[rank - 1] ?? 1;
  const index = new Array<number>(rank).fill(0);
  let source = 0;
  for (let target = 0; target < result.length; target += lastSize) {
    for (let i = 0, at = source; i < lastSize; i++, at += lastStep) result[target + i] = values[at] ?? 0;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const step = steps[axis] ?? 1;
      if (next < (sizes[axis] ?? 1)) {
        index[axis] = next;
        source += step;
        break;
      }
      index[axis] = 0;
      source -= step * (next - 1);
    }
  }
  return result;
}

/** This project's values in PyTorch's order. */
export function toTorch(values: Float32Array, { view, permutation }: WeightLayout): Float32Array<ArrayBuffer> {
  return permute(values, view, permutation);
}

/** PyTorch's values in this project's order; the inverse of {@linkcode toTorch}. */
export function fromTorch(values: Float32Array, { view, permutation }: WeightLayout): Float32Array<ArrayBuffer> {
  const shape = permutation.map((axis) => view[axis] ?? 1);
  const inverse = view.map((_, axis) => permutation.indexOf(axis));
  return permute(values, shape, inverse);
}
