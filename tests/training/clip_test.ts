import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { clipByGlobalNorm } from "../../training/clip.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { assertClose, hashed, testOnBackends } from "../models/layers/support.ts";

for (const { maxNorm, norm, weight, bias } of fixture.clipping) {
  testOnBackends(`clipByGlobalNorm() to ${maxNorm} is PyTorch's clip_grad_norm_`, () => {
    const gradients = {
      weight: tf.tensor(hashed(fixture.kGrad, 12, 0.5), [3, 4]),
      bias: tf.tensor(hashed(fixture.kGrad + 1, 3, 0.5)),
    };
    const clipped = clipByGlobalNorm(gradients, maxNorm);
    assertClose(clipped.norm.dataSync(), [norm], 1e-6, "norm");
    assertClose(clipped.gradients["weight"]?.dataSync() ?? [], weight, 1e-6, "weight");
    assertClose(clipped.gradients["bias"]?.dataSync() ?? [], bias, 1e-6, "bias");
    assertClose(gradients.weight.dataSync(), hashed(fixture.kGrad, 12, 0.5), 0, "the gradients that came");
    tf.dispose([gradients, clipped.gradients, clipped.norm]);
  });
}

testOnBackends("clipByGlobalNorm() keeps the direction, and never lengthens", () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 });
  const gradientList = fc.array(values, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(gradientList, fc.double({ min: 0.01, max: 50, noNaN: true }), (list, maxNorm) => {
      const rows = list.map((row) => row.map(Math.fround));
      const length = Math.hypot(...rows.flat());
      const factor = Math.min(1, maxNorm / (length + 1e-6));
      const gradients = Object.fromEntries(rows.map((row, i) => [`${i}`, tf.tensor1d(row)]));
      const clipped = clipByGlobalNorm(gradients, maxNorm);
      const found = rows.flatMap((_, i) => [...(clipped.gradients[`${i}`]?.dataSync() ?? [])]);
      assertClose(found, rows.flat().map((value) => value * factor), 1e-4);
      assert(Math.hypot(...found) <= Math.max(maxNorm, 0) * (1 + 1e-5));
      tf.dispose([gradients, clipped.gradients, clipped.norm]);
    }),
    { numRuns: 50 },
  );
});

testOnBackends("clipByGlobalNorm() refuses a negative norm, and no gradients", () => {
  const x = tf.scalar(1);
  for (
    const [run, message] of [
      [() => clipByGlobalNorm({ x }, -1), "Expected maxNorm of clipByGlobalNorm() to be at least 0 but found -1"],
      [() => clipByGlobalNorm({}, 1), "Expected gradients to hold at least one tensor but found none"],
    ] as const
  ) {
    assertEquals((assertThrows(run, RangeError) as Error).message, message);
  }
  x.dispose();
});
