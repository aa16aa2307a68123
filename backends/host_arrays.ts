/**
 * `WriteValues` where tensors live in JavaScript's arrays: those that `dataSync()`
 * hands out and that slices may look into. Only an array that nobody else has is
 * written over. A fresh one for each weight would be safe as well, but the old ones
 * stay in memory until the engine collects them, which it does late.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { countTensor, disown, isUnshared, own, place, type WriteValuesAttributes } from "../models/ops/write_values.ts";

/** The doors through which arrays come into a backend's tensors and leave them. */
interface Doors {
  write(values: unknown, ...others: unknown[]): object;
  readSync(dataId: object): unknown;
  read(dataId: object): Promise<unknown>;
}

const watched = new WeakSet<object>();

/** Keeps account of who has the arrays of the tensors of `backend`. */
export function watchArrays(backend: tf.KernelBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  const doors = backend as unknown as Doors;
  const { write, readSync, read } = doors;
  doors.write = (values, ...others) => {
    countTensor(values);
    return write.call(backend, values, ...others);
  };
  doors.readSync = (dataId) => {
    const values = readSync.call(backend, dataId);
    disown(values);
    return values;
  };
  doors.read = async (dataId) => {
    const values = await read.call(backend, dataId);
    disown(values);
    return values;
  };
}

/** Writes the next values of `x`; gives the array that it lives in from now on: `current` or a fresh one. */
export function writeToArray(
  x: tf.TensorInfo,
  current: Float32Array | undefined,
  attributes: WriteValuesAttributes,
): Float32Array {
  const mayWrite = current !== undefined && (attributes.start > 0 || isUnshared(current));
  const target = mayWrite ? current : own(new Float32Array(tf.util.sizeFromShape(x.shape)), 1);
  place(attributes.values, target, attributes);
  return target;
}
