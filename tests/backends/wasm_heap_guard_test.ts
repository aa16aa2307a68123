import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { useBackend } from "../../backends/select.ts";
import { guardHeap } from "../../backends/wasm/mod.ts";

await useBackend("wasm");
const backend = tf.backend() as unknown as BackendWasm;

/** Takes all memory, in blocks that halve; nothing is written to them, so the machine has to have little. */
function fillHeap(smallest: number): tf.TensorInfo[] {
  const blocks: tf.TensorInfo[] = [];
  for (let size = 1 << 26; size >= smallest;) {
    try {
      blocks.push(backend.makeOutput([size], "float32"));
    } catch (error) {
      assert(error instanceof RangeError, String(error));
      size /= 2;
    }
  }
  return blocks;
}

const message = /^Expected \d+ bytes to fit the wasm heap but found \d+ of at most 4294901760 bytes in use/;

Deno.test("a full wasm heap throws a RangeError, keeps every tensor whole and is usable afterwards", () => {
  const early = tf.tensor1d([1, 2, 3]);
  const [x, filter] = [tf.ones<tf.Rank.R4>([1, 8, 8, 64]), tf.ones<tf.Rank.R4>([3, 3, 64, 128])];
  const [a, b] = [tf.ones<tf.Rank.R2>([512, 256]), tf.ones<tf.Rank.R2>([256, 512])];
  const before = { tensors: tf.memory().numTensors, data: backend.numDataIds() };

  const blocks = fillHeap(1 << 8);
  const during = backend.numDataIds();
  const failing: Record<string, () => tf.Tensor> = {
    fill: () => tf.fill([1 << 20], 1),
    conv2d: () => tf.conv2d(x, filter, 1, "same"),
    matMul: () => tf.matMul(a, b),
    "transposed matMul": () => tf.matMul(a, b, true, true),
    "input gradient": () => tf.conv2dTranspose(tf.conv2d(x, filter, 1, "same"), filter, [1, 8, 8, 64], 1, "same"),
  };
  for (const [name, run] of Object.entries(failing)) {
    const error = assertThrows(() => tf.tidy(run), RangeError);
    assert(message.test(error.message), `${name}: ${error.message}`);
    assertEquals(backend.numDataIds(), during, `${name} leaks`);
    assertEquals(tf.memory().numTensors, before.tensors, name);
  }
  assertEquals([...early.dataSync()], [1, 2, 3]);
  assert(filter.dataSync().every((value) => value === 1));

  for (const { dataId } of blocks) backend.disposeData(dataId);
  assertEquals({ tensors: tf.memory().numTensors, data: backend.numDataIds() }, before);
  const [convolved, product] = tf.tidy(() => [
    tf.conv2d(x, filter, 1, "valid").dataSync(),
    tf.matMul(a, b).dataSync(),
  ]);
  assert(convolved?.every((value) => value === 9 * 64));
  assert(product?.every((value) => value === 256));
  tf.dispose([early, x, filter, a, b]);
});

Deno.test("XNNPACK's own allocations fit what tensors leave, or the operation throws", () => {
  const a = tf.ones<tf.Rank.R2>([1, 4096]);
  const small = tf.ones<tf.Rank.R2>([4096, 64]);
  // 64 MiB of weights, which XNNPACK packs into as much again.
  const large = tf.ones<tf.Rank.R2>([4096, 4096]);
  const blocks = fillHeap(1 << 8);
  // Room for outputs, none for the packed weights.
  const freed = blocks.filter(({ shape }) => (shape[0] ?? 0) <= 1 << 21);
  for (const { dataId } of freed) backend.disposeData(dataId);
  const product = tf.tidy(() => tf.matMul(a, small).dataSync());
  assert(product.every((value) => value === 4096));
  assertThrows(() => tf.tidy(() => tf.matMul(a, large)), RangeError, "Expected");
  for (const block of blocks) if (!freed.includes(block)) backend.disposeData(block.dataId);
  tf.dispose([a, small, large]);
});

Deno.test("a full heap leaves XNNPACK the room for what no kernel reserves: the addresses of a pooling", () => {
  const x = tf.ones<tf.Rank.R4>([1, 32, 32, 1]);
  const blocks = fillHeap(1 << 8);
  // Enough for the 4 KiB of output, not for 9 addresses for each of its values.
  const freed = blocks.filter(({ shape }) => (shape[0] ?? 0) <= 1 << 11);
  for (const { dataId } of freed) backend.disposeData(dataId);
  const pooled = tf.tidy(() => tf.maxPool(x, 3, 1, 1).dataSync());
  assert(pooled.every((value) => value === 1));
  for (const block of blocks) if (!freed.includes(block)) backend.disposeData(block.dataId);
  x.dispose();
});

Deno.test("guardHeap() a second time changes nothing", () => {
  const module = backend.wasm as unknown as { _malloc: unknown };
  const before = module._malloc;
  guardHeap(backend);
  assertEquals(module._malloc, before);
});
