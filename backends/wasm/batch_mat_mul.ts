/**
 * `BatchMatMul` for wasm. tfjs gives the product to XNNPACK only where neither
 * operand is transposed and there is one matrix on each side; all else runs in a
 * naive loop (11 to 13 times slower for 512×4096 by 4096×512). Gradients of linear
 * layers always have a transposed operand. Here the operand is transposed on the
 * heap first, which costs a pass over it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { packedBytes, reserve } from "./heap_guard.ts";
import { floats, type Scope, scoped, sizeOf, transpose, type WasmKernel } from "./kernel.ts";
import { upstreamKernel } from "./upstream.ts";

/** `a` `[M, K]` times `b` `[K, N]` with XNNPACK; the scope owns the product. */
export function matMul(scope: Scope, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const attrs = { transposeA: false, transposeB: false };
  reserve(scope.backend, packedBytes(b.shape[0] ?? 1, b.shape[1] ?? 1));
  return scope.own(upstreamKernel("BatchMatMul")({ inputs: { a, b }, backend: scope.backend, attrs }));
}

/** The transpose of a matrix; the scope owns it. */
export function transposed(scope: Scope, matrix: tf.TensorInfo): tf.TensorInfo {
  const [rows = 1, columns = 1] = matrix.shape;
  const result = scope.make([columns, rows]);
  transpose(floats(scope.backend, matrix), floats(scope.backend, result), [rows, columns]);
  return result;
}

/** How much larger b has to be before the whole product is turned round to spare its transposition. */
const WIDE = 4;
/** Multiply-accumulates below which copying costs more than tfjs' loop. */
const SMALL = 4096;

/** op(a) · op(b) for two matrices. */
function product(
  scope: Scope,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  // a·bᵀ = (b·aᵀ)ᵀ: only the small operand is transposed, and packed by XNNPACK.
  if (transposeB && sizeOf(b.shape) > WIDE * sizeOf(a.shape)) {
    return transposed(scope, matMul(scope, b, transposeA ? a : transposed(scope, a)));
  }
  return matMul(scope, transposeA ? transposed(scope, a) : a, transposeB ? transposed(scope, b) : b);
}

/** The matrix at place `index` of the broadcast batch `outer`, in a tensor whose batch is `batch`. */
function matrixIndex(index: number, outer: readonly number[], batch: readonly number[]): number {
  let [rest, result, stride] = [index, 0, 1];
  for (let axis = 1; axis <= outer.length; axis++) {
    const size = outer[outer.length - axis] ?? 1;
    const own = batch[batch.length - axis] ?? 1;
    if (own !== 1) result += (rest % size) * stride;
    stride *= own;
    rest = Math.floor(rest / size);
  }
  return result;
}

/** `a` `[…, M, K]` times `b` `[…, K, N]`, either transposed by attribute → `[…, M, N]`. */
export const batchMatMul: WasmKernel<
  { a: tf.TensorInfo; b: tf.TensorInfo },
  { transposeA: boolean; transposeB: boolean }
> = ({ inputs: { a, b }, backend, attrs }) => {
  const { transposeA, transposeB } = attrs;
  const upstream = () => upstreamKernel("BatchMatMul")({ inputs: { a, b }, backend, attrs });
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const single = sizeOf(outer) === 1;
  const [matrixA, matrixB] = [a.shape.slice(-2), b.shape.slice(-2)];
  const [m = 1, k = 1] = transposeA ? matrixA.toReversed() : matrixA;
  const [k2 = 1, n = 1] = transposeB ? matrixB.toReversed() : matrixB;
  const isFloat = a.dtype === "float32" && b.dtype === "float32";
  // Mismatched and integer operands: tfjs' kernel has the errors.
  if (!isFloat || k !== k2) return upstream();
  if (k === 0) {
    // XNNPACK refuses, and tfjs would give what lay in memory.
    const zeros = backend.makeOutput([...outer, m, n], "float32");
    floats(backend, zeros).fill(0);
    return zeros;
  }
  // Batches that broadcast both ways, [2, 1] and [1, 3], tfjs counts wrongly, here and on cpu.
  const isPlain = [batchA, batchB].every((batch) => [1, sizeOf(outer)].includes(sizeOf(batch)));
  if (m * n === 0 || (m * n * k < SMALL && isPlain)) return upstream();
  if (single && !transposeA && !transposeB) {
    reserve(backend, packedBytes(k, n));
    return upstream();
  }
  return scoped(backend, (scope) => {
    if (single) {
      const result = product(scope, scope.alias(a, matrixA), scope.alias(b, matrixB), transposeA, transposeB);
      result.shape = [...outer, m, n];
      return result;
    }
    const result = scope.make([...outer, m, n]);
    for (let i = 0; i < sizeOf(outer); i++) {
      const part = (tensor: tf.TensorInfo, shape: number[], batch: number[]) => {
        const copy = scope.make(shape);
        const start = matrixIndex(i, outer, batch) * sizeOf(shape);
        floats(backend, copy).set(floats(backend, tensor).subarray(start, start + sizeOf(shape)));
        return copy;
      };
      const [left, right] = [part(a, matrixA, batchA), part(b, matrixB, batchB)];
      const c = product(scope, left, right, transposeA, transposeB);
      floats(backend, result).set(floats(backend, c), i * m * n);
      scope.close([result]);
    }
    return result;
  });
};
