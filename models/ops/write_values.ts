/**
 * Values written into a tensor piece by piece, as a large file gives them. A tensor
 * made of all of them at once would be in memory beside the one that it replaces.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Where values go. */
export interface Placement {
  /** The axes of the tensor that is written. */
  readonly view: readonly number[];
  /** Which of them comes first, second, … in the order in which the values come. */
  readonly permutation: readonly number[];
  /** How many values came before. */
  readonly start: number;
}

/** Attributes of `WriteValues`. */
export interface WriteValuesAttributes extends Placement {
  /** The next values; the caller may use the array again. */
  readonly values: Float32Array;
}

const KERNEL = "WriteValues";

/**
 * Whether {@linkcode writeValues} can write `x`: the backend has to bring a kernel
 * called `WriteValues`, and no other tensor may share the memory.
 */
export function canWriteValues(x: tf.Tensor): boolean {
  return tf.getKernel(KERNEL, tf.getBackend()) != null && tf.backend().refCount(x.dataId) === 1;
}

/**
 * Writes the next values of `x`, in place; pieces come in order, the first with
 * `start` 0. Whatever was made of the old values keeps them: where a backend hands
 * out the very memory of a tensor, the first piece goes to fresh memory if it did.
 */
export function writeValues(x: tf.Tensor, attributes: WriteValuesAttributes): void {
  tf.engine().runKernel(KERNEL, { x }, attributes as unknown as tf.NamedAttrMap);
}

/**
 * Arrays that nobody but this project has, by their buffers, with the number of
 * tensors that were made of them: what a backend may write over.
 */
const owned = new WeakMap<ArrayBufferLike, number>();

/** Says of a fresh array that its maker keeps no reference to it; gives it back. */
export function own<Values extends Float32Array>(values: Values, tensors = 0): Values {
  owned.set(values.buffer, tensors);
  return values;
}

/** Says that a tensor is made of `values`, or of a part of them, and lives in them. */
export function countTensor(values: unknown): void {
  const buffer = ArrayBuffer.isView(values) ? values.buffer : undefined;
  const tensors = buffer && owned.get(buffer);
  if (buffer !== undefined && tensors !== undefined) owned.set(buffer, tensors + 1);
}

/** Says that `values` were handed out. */
export function disown(values: unknown): void {
  if (ArrayBuffer.isView(values)) owned.delete(values.buffer);
}

/** Whether one tensor lives in `values`, and nobody else has them. */
export function isUnshared(values: Float32Array): boolean {
  return owned.get(values.buffer) === 1;
}

/** Puts `values` to their places in `target`, the memory of the tensor. */
export function place(values: Float32Array, target: Float32Array, { view, permutation, start }: Placement): void {
  const strides = new Array<number>(view.length).fill(1);
  for (let axis = view.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (view[axis + 1] ?? 1);
  const sizes = permutation.map((axis) => view[axis] ?? 1);
  const steps = permutation.map((axis) => strides[axis] ?? 1);
  const last = sizes.length - 1;
  const [length, step] = [sizes[last] ?? 1, steps[last] ?? 1];
  const index = new Array<number>(sizes.length).fill(0);
  let to = 0;
  for (let axis = last, rest = start; axis >= 0; axis--) {
    const size = sizes[axis] ?? 1;
    index[axis] = rest % size;
    rest = (rest - (rest % size)) / size;
    to += (index[axis] ?? 0) * (steps[axis] ?? 1);
  }
  for (let from = 0; from < values.length;) {
    const first = index[last] ?? 0;
    const end = Math.min(values.length, from + length - first);
    for (; from < end; from++, to += step) target[to] = values[from] as number;
    to -= step * length;
    index[last] = 0;
    for (let axis = last - 1; axis >= 0; axis--) {
      const [size, stride] = [sizes[axis] ?? 1, steps[axis] ?? 1];
      const next = (index[axis] ?? 0) + 1;
      to += stride;
      if (next < size) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      to -= stride * size;
    }
  }
}
