import { assertEquals, assertThrows } from "@std/assert";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { preprocess, type Preprocessing } from "../../../data/images/preprocess.ts";
import fixture from "../../fixtures/images/preprocessed.json" with { type: "json" };
import { sha256 } from "../support.ts";
import { images, pattern, plain } from "./support.ts";

await tf.setBackend("cpu");

/** The numbers of `preprocess()`, which leaves one tensor to its caller and no other. */
function numbers(...args: Parameters<typeof preprocess>): { shape: number[]; values: Float32Array<ArrayBuffer> } {
  const before = tf.memory().numTensors;
  const tensor = preprocess(...args);
  assertEquals([tensor.dtype, tf.memory().numTensors], ["float32", before + 1]);
  const values = Float32Array.from(tensor.dataSync());
  tensor.dispose();
  return { shape: tensor.shape, values };
}

for (const { name, size: [width = 0, height = 0], options, some, sha256: digest } of fixture.rows) {
  Deno.test(`preprocess() gives the numbers of torchvision and timm: ${name}, ${width}×${height}`, async () => {
    const { shape, values } = numbers(pattern(width, height), options as unknown as Preprocessing);
    assertEquals(shape, [1, options.crop, options.crop, 3]);
    for (const [place, value] of Object.entries(some)) assertEquals(values[Number(place)], value, place);
    assertEquals(await sha256(new Uint8Array(values.buffer)), digest);
  });
}

Deno.test("preprocess() takes 256, 224 and ImageNet's mean and deviation where nothing is said", () => {
  const { shape, values } = numbers(plain(20, 30, [0, 255, 51]));
  assertEquals(shape, [1, 224, 224, 3]);
  const expected = [-0.485 / 0.229, (1 - 0.456) / 0.224, (0.2 - 0.406) / 0.225];
  values.forEach((value, i) => {
    if (Math.abs(value - (expected[i % 3] ?? NaN)) > 1e-6) throw new Error(`${i}: ${value}`);
  });
});

Deno.test("preprocess() gives finite numbers of one shape for whatever picture", () => {
  const options = fc.record({ resize: fc.integer({ min: 1, max: 30 }), crop: fc.integer({ min: 1, max: 30 }) });
  fc.assert(fc.property(images, options, (image, options) => {
    const { shape, values } = numbers(image, options);
    assertEquals(shape, [1, options.crop, options.crop, 3]);
    assertEquals(values.every(Number.isFinite), true);
  }));
});

Deno.test("preprocess() takes a strip whose resized form would not fit into memory", () => {
  const { shape, values } = numbers(plain(1, 100_000, [255, 255, 255]), { crop: 32 });
  assertEquals(shape, [1, 32, 32, 3]);
  assertEquals(values[0], Math.fround(Math.fround(1 - Math.fround(0.485)) / Math.fround(0.229)));
});

Deno.test("preprocess() throws on options that it does not have or that are out of range", () => {
  const image = pattern(4, 4);
  for (
    const [options, type, message] of [
      [{ crop: 0 }, RangeError, "Expected crop of preprocess() to be greater than 0 but found 0"],
      [{ resize: 9000 }, RangeError, "Expected resize of preprocess() to be at most 8192 but found 9000"],
      [{ size: 3 }, TypeError, 'Expected options of preprocess() to be known but found "size"'],
      [{ std: [1, 0, 1] }, RangeError, "Expected std[1] of preprocess() to be greater than 0 but found 0"],
    ] as const
  ) {
    assertThrows(() => preprocess(image, options as unknown as Preprocessing), type, message);
  }
});
