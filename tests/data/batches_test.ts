import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { batches, type BatchOptions } from "../../data/batches.ts";
import type { ImageSet } from "../../data/image_set.ts";

await tf.setBackend("cpu");

/** Images of 1×2 pixels that hold their own index, its high byte first, labelled by the index mod 10. */
function numbered(count: number): ImageSet {
  const images = Uint8Array.from({ length: 2 * count }, (_, i) => i % 2 === 0 ? i >> 9 : i >> 1);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { images, labels, count, height: 1, width: 2, channels: 1 };
}

/** The indices of the images, batch by batch; checks that labels go with their images. */
function indicesOf(set: ImageSet, options: BatchOptions): number[][] {
  return [...batches(set, options)].map(({ images, labels, size }) => {
    assertEquals(images.shape, [size, 1, 2, 1]);
    const pixels = [...images.dataSync()].map((value) => Math.round(value * 255));
    const indices = Array.from({ length: size }, (_, i) => (pixels[2 * i] ?? 0) * 256 + (pixels[2 * i + 1] ?? 0));
    assertEquals([...labels.dataSync()], indices.map((index) => index % 10));
    tf.dispose([images, labels]);
    return indices;
  });
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

Deno.test("batches() keeps the set's order and ends with a smaller batch", () => {
  assertEquals(indicesOf(numbered(5), { batchSize: 2 }), [[0, 1], [2, 3], [4]]);
});

Deno.test("batches() gives float32 images, bytes over 255, and int32 labels", () => {
  const set = { ...numbered(1), images: Uint8Array.of(51, 255), labels: Uint8Array.of(9) };
  const [batch] = batches(set, { batchSize: 4 });
  assert(batch !== undefined);
  assertEquals([batch.images.dtype, batch.labels.dtype], ["float32", "int32"]);
  assertEquals([...batch.images.dataSync()], [Math.fround(0.2), 1]);
  assertEquals(batch.labels.shape, [1]);
  tf.dispose([batch.images, batch.labels]);
});

Deno.test("batches() covers everything exactly once, shuffled or not, whatever the sizes", () => {
  const options = fc.record({
    count: fc.integer({ min: 1, max: 600 }),
    batchSize: fc.integer({ min: 1, max: 100 }),
    shuffle: fc.boolean(),
    seed: fc.integer(),
    epoch: fc.nat(),
  });
  fc.assert(
    fc.property(options, ({ count, ...options }) => {
      const found = indicesOf(numbered(count), options);
      assertEquals(found.flat().toSorted((a, b) => a - b), upTo(count));
      assertEquals(found.slice(0, -1).every((batch) => batch.length === options.batchSize), true);
    }),
    { numRuns: 50 },
  );
});

Deno.test("batches() gives the same order for the same seed and epoch, and another for others", () => {
  const set = numbered(300);
  const order = (seed: number, epoch: number) => indicesOf(set, { batchSize: 64, shuffle: true, seed, epoch }).flat();
  assertEquals(order(1, 0), order(1, 0));
  const orders = [order(1, 0), order(1, 1), order(1, 2), order(2, 0), upTo(300)];
  orders.forEach((a, i) => orders.slice(i + 1).forEach((b) => assertNotEquals(a, b)));
});

Deno.test("batches() shuffles all permutations of three about equally often", () => {
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < 3000; epoch++) {
    const key = indicesOf(numbered(3), { batchSize: 3, shuffle: true, seed: 7, epoch }).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 6);
  // Five degrees of freedom: 20.5 is exceeded once in a thousand seeds.
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
  assert(chiSquare < 20.5, `chi-square ${chiSquare}`);
});

Deno.test("batches() drops a smaller last batch where it is told to", () => {
  assertEquals(indicesOf(numbered(5), { batchSize: 2, dropLast: true }), [[0, 1], [2, 3]]);
  assertEquals(indicesOf(numbered(4), { batchSize: 2, dropLast: true }), [[0, 1], [2, 3]]);
  assertEquals(indicesOf(numbered(4), { batchSize: 5, dropLast: true }), []);
});

Deno.test("batches() that skips goes on as if it had not", () => {
  const options = { batchSize: 7, shuffle: true, seed: 3, epoch: 2 };
  const all = indicesOf(numbered(50), options);
  assertEquals(indicesOf(numbered(50), { ...options, skip: 3 }), all.slice(3));
  assertEquals(indicesOf(numbered(50), { ...options, skip: 8 }), []);
});

Deno.test("batches() holds no tensor of its own, not even when left early", () => {
  const before = tf.memory().numTensors;
  for (const { images, labels } of batches(numbered(50), { batchSize: 8, resize: [3, 3] })) {
    assertEquals(tf.memory().numTensors, before + 2);
    tf.dispose([images, labels]);
    if (labels.size === 8) break;
  }
  assertEquals(tf.memory().numTensors, before);
});

/** Half-pixel centres: output pixel i has its centre at (i + ½)·in/out of the input, the edge repeats. */
function resized(pixels: number[][], [height, width]: [number, number]): number[] {
  const lines = pixels.length;
  const columns = pixels[0]?.length ?? 0;
  const weights = (i: number, from: number, to: number) =>
    upTo(from).map((j) => {
      const centre = Math.min(Math.max((i + 0.5) * from / to - 0.5, 0), from - 1);
      return Math.max(0, 1 - Math.abs(centre - j));
    });
  return upTo(height * width).map((i) => {
    const vertical = weights(Math.floor(i / width), lines, height);
    const horizontal = weights(i % width, columns, width);
    return pixels.flat().reduce(
      (sum, pixel, j) => sum + pixel * (vertical[Math.floor(j / columns)] ?? 0) * (horizontal[j % columns] ?? 0),
      0,
    );
  });
}

Deno.test("batches() resizes as PyTorch's interpolate(mode='bilinear', align_corners=False)", () => {
  const set = { ...numbered(1), images: Uint8Array.of(0, 85, 170, 255), height: 2 };
  const [batch] = batches(set, { batchSize: 1, resize: [4, 4] });
  assert(batch !== undefined);
  assertEquals(batch.images.shape, [1, 4, 4, 1]);
  // The documentation of torch.nn.Upsample prints these numbers, plus one.
  const torch = [0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3];
  batch.images.dataSync().forEach((value, i) => assert(Math.abs(3 * value - (torch[i] ?? NaN)) < 1e-6));
  tf.dispose([batch.images, batch.labels]);
});

Deno.test("batches() resizes by the formula of bilinear interpolation, up and down", () => {
  const side = fc.integer({ min: 1, max: 9 });
  const cases = fc.tuple(side, side, side, side).chain(([h, w, toHeight, toWidth]) =>
    fc.uint8Array({ minLength: h * w, maxLength: h * w }).map((bytes) => ({
      h,
      w,
      to: [toHeight, toWidth] as [number, number],
      bytes: Uint8Array.from(bytes),
    }))
  );
  fc.assert(fc.property(cases, ({ h, w, to, bytes }) => {
    const set = { images: bytes, labels: new Uint8Array(1), count: 1, height: h, width: w, channels: 1 };
    const [batch] = batches(set, { batchSize: 1, resize: to });
    assert(batch !== undefined);
    const found = batch.images.dataSync();
    const expected = resized(upTo(h).map((row) => [...bytes.subarray(row * w, row * w + w)]), to);
    assertEquals(found.length, expected.length);
    expected.forEach((value, i) => assert(Math.abs((found[i] ?? NaN) - value / 255) < 1e-5));
    tf.dispose([batch.images, batch.labels]);
  }));
});

const wrong: [options: Record<string, unknown>, error: typeof TypeError | typeof RangeError, message: string][] = [
  [{ batchSize: 0 }, RangeError, "Expected batchSize of batches() to be greater than 0 but found 0"],
  [{ batchSize: -2 }, RangeError, "but found -2"],
  [{ batchSize: 1.5 }, RangeError, "but found 1.5"],
  [{ batchSize: NaN }, RangeError, "but found NaN"],
  [{}, TypeError, "batchSize"],
  [{ batchSize: 2, epoch: -1 }, RangeError, "epoch"],
  [{ batchSize: 2, seed: 0.5 }, RangeError, "seed"],
  [{ batchSize: 2, skip: -1 }, RangeError, "skip"],
  [{ batchSize: 2, resize: [0, 28] }, RangeError, "resize[0]"],
  [{ batchSize: 2, shufle: true }, TypeError, '"shufle"'],
];

for (const [options, error, message] of wrong) {
  Deno.test(`batches() throws on ${Deno.inspect(options)} before the first batch`, () => {
    const before = tf.memory().numTensors;
    assertThrows(() => batches(numbered(4), options as unknown as BatchOptions), error, message);
    assertEquals(tf.memory().numTensors, before);
  });
}
