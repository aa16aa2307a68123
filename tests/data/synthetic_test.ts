import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { syntheticBatch, type SyntheticBatchOptions } from "../../data/synthetic.ts";

await tf.setBackend("cpu");

const options: SyntheticBatchOptions = { batchSize: 64, inputShape: [16, 12, 3], classes: 10, seed: 5 };

function valuesOf(options: SyntheticBatchOptions): { images: number[]; labels: number[] } {
  const { images, labels } = syntheticBatch(options);
  const values = { images: [...images.dataSync()], labels: [...labels.dataSync()] };
  tf.dispose([images, labels]);
  return values;
}

Deno.test("syntheticBatch() gives two tensors that the caller owns", () => {
  const before = tf.memory().numTensors;
  const { images, labels, size } = syntheticBatch(options);
  assertEquals([images.shape, images.dtype], [[64, 16, 12, 3], "float32"]);
  assertEquals([labels.shape, labels.dtype], [[64], "int32"]);
  assertEquals(size, 64);
  assertEquals(tf.memory().numTensors, before + 2);
  tf.dispose([images, labels]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("syntheticBatch() is a function of its seed", () => {
  assertEquals(valuesOf(options), valuesOf(options));
  assertNotEquals(valuesOf(options), valuesOf({ ...options, seed: 6 }));
});

Deno.test("syntheticBatch() draws pixels and labels uniformly", () => {
  const { images, labels } = valuesOf({ ...options, batchSize: 1000 });
  assert(images.every((value) => value >= 0 && value <= 1));
  const mean = images.reduce((sum, value) => sum + value, 0) / images.length;
  const variance = images.reduce((sum, value) => sum + (value - mean) ** 2, 0) / images.length;
  assert(Math.abs(mean - 1 / 2) < 0.005 && Math.abs(variance - 1 / 12) < 0.005, `${mean}, ${variance}`);
  assert(labels.every((label) => Number.isInteger(label) && label >= 0 && label < 10));
  for (let label = 0; label < 10; label++) {
    const count = labels.filter((found) => found === label).length;
    assert(Math.abs(count - 100) < 50, `${count} labels ${label}`);
  }
});

Deno.test("syntheticBatch() throws on sizes that are not positive integers", () => {
  const message = (change: Partial<SyntheticBatchOptions>, expected: string) =>
    assertThrows(() => syntheticBatch({ ...options, ...change }), RangeError, expected);
  message({ batchSize: 0 }, "Expected batchSize of syntheticBatch() to be greater than 0 but found 0");
  message({ inputShape: [28, 28, 0] }, "inputShape[2]");
  message({ inputShape: [28.5, 28, 1] }, "inputShape[0]");
  message({ classes: -1 }, "Expected classes of syntheticBatch() to be greater than 0 but found -1");
});
