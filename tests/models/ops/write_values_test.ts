import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useBackend } from "../../../backends/select.ts";
import { canWriteValues, own, place, writeValues } from "../../../models/ops/write_values.ts";
import { testOnBackends } from "../../backends_under_test.ts";

/** Values in pieces of `length`, each with its place. */
function* pieces(values: Float32Array, length: number): Generator<{ values: Float32Array; start: number }> {
  for (let start = 0; start < values.length; start += length) {
    yield { values: values.slice(start, start + length), start };
  }
}

Deno.test("place() in pieces of any length is tf.transpose()", async () => {
  await useBackend("cpu");
  const layout = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }).chain((view) =>
    fc.record({
      view: fc.constant(view),
      permutation: fc.shuffledSubarray(view.map((_, axis) => axis), { minLength: view.length }),
      length: fc.integer({ min: 1, max: 40 }),
    })
  );
  fc.assert(
    fc.property(layout, ({ view, permutation, length }) => {
      const size = view.reduce((a, b) => a * b, 1);
      const target = Float32Array.from({ length: size }, (_, i) => i);
      const source = tf.tidy(() => tf.transpose(tf.tensor(target.slice(), view), permutation).dataSync<"float32">());
      const found = new Float32Array(size);
      for (const piece of pieces(source, length)) place(piece.values, found, { ...piece, view, permutation });
      assertEquals(found, target);
    }),
    { numRuns: 300 },
  );
});

testOnBackends("a tensor is written piece by piece, and holds what the pieces say", async () => {
  const values = Float32Array.from({ length: 24 }, (_, i) => i + 0.5);
  const x = tf.tensor(own(new Float32Array(24)), [4, 6]);
  for (const piece of pieces(values, 7)) writeValues(x, { ...piece, view: [4, 6], permutation: [1, 0] });
  const expected = tf.tidy(() => tf.transpose(tf.tensor(values, [6, 4])));
  assertEquals(await x.data(), await expected.data());
  tf.dispose([x, expected]);
});

testOnBackends("a tensor whose memory another one shares is not written", () => {
  const x = tf.ones([3]);
  assert(canWriteValues(x));
  const other = x.reshape([3, 1]);
  assert(!canWriteValues(x));
  other.dispose();
  assert(canWriteValues(x));
  x.dispose();
}, ["cpu", "wasm"]);

Deno.test("on cpu, an array that only its tensor has is written over, and no other", async () => {
  await useBackend("cpu");
  const write = (x: tf.Tensor) =>
    writeValues(x, { values: Float32Array.of(7, 8), start: 0, view: [2], permutation: [0] });
  const uses: [who: string, use: (x: tf.Tensor, array: Float32Array) => unknown, kept: boolean][] = [
    ["nobody", () => undefined, false],
    ["a reader", (x) => x.dataSync(), true],
    ["a slice", (x) => x.slice([0], [1]), true],
    ["a tensor of the same array", (_, array) => tf.tensor(array), true],
  ];
  for (const [who, use, kept] of uses) {
    const array = own(Float32Array.of(1, 2));
    const x = tf.tensor(array);
    const used = use(x, array);
    write(x);
    assertEquals([...array], kept ? [1, 2] : [7, 8], who);
    assertEquals([...x.dataSync()], [7, 8], who);
    tf.dispose([x, ...(used instanceof tf.Tensor ? [used] : [])]);
  }
  const array = Float32Array.of(1, 2);
  const x = tf.tensor(array);
  write(x);
  assertEquals([...array], [1, 2], "an array of the caller's");
  x.dispose();
});
