import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Interpolation, INTERPOLATIONS, resize } from "../../../data/images/resize.ts";
import fixture from "../../fixtures/images/resized.json" with { type: "json" };
import { sha256 } from "../support.ts";
import { images, mirrored, pattern, plain } from "./support.ts";

const interpolations = fc.constantFrom(...INTERPOLATIONS);
const sides = fc.integer({ min: 1, max: 40 });

for (const { from, to, interpolation, ...expected } of fixture.rows) {
  const [[fromWidth = 0, fromHeight = 0], [width = 0, height = 0]] = [from, to];
  Deno.test(`resize() gives Pillow's bytes: ${from.join("×")} to ${to.join("×")}, ${interpolation}`, async () => {
    const result = resize(pattern(fromWidth, fromHeight), {
      width,
      height,
      interpolation: interpolation as Interpolation,
    });
    assertEquals([result.width, result.height], to);
    if ("pixels" in expected) assertEquals([...result.data], [...Uint8Array.fromBase64(expected.pixels)]);
    else assertEquals(await sha256(Uint8Array.from(result.data)), expected.sha256);
  });
}

Deno.test("resize() to the same size gives the same picture", () => {
  fc.assert(fc.property(images, interpolations, (image, interpolation) => {
    const { width, height } = image;
    assertEquals([...resize(image, { width, height, interpolation }).data], [...image.data]);
  }));
});

Deno.test("resize() keeps a plain picture plain", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(sides, sides, sides, sides, fc.tuple(byte, byte, byte), interpolations, (w, h, width, height, c, i) => {
      const result = resize(plain(w, h, c), { width, height, interpolation: i });
      assertEquals([...result.data], [...plain(width, height, c).data]);
    }),
  );
});

Deno.test("resize() of a mirrored picture is the mirrored result", () => {
  const axes = fc.constantFrom("across" as const, "down" as const);
  fc.assert(fc.property(images, sides, sides, interpolations, axes, (image, width, height, interpolation, axis) => {
    const options = { width, height, interpolation };
    const [there, back] = [resize(mirrored(image, axis), options), mirrored(resize(image, options), axis)];
    // Weights are rounded and sums cut at the same places but for the last bit of a tie.
    assert(there.data.every((value, i) => Math.abs(value - (back.data[i] ?? NaN)) <= 1));
  }));
});

Deno.test("resize() bilinear stays between the picture's darkest and brightest", () => {
  fc.assert(fc.property(images, sides, sides, (image, width, height) => {
    const { data } = resize(image, { width, height });
    const [low, high] = [Math.min(...image.data), Math.max(...image.data)];
    assert(data.every((value) => value >= low && value <= high));
  }));
});

Deno.test("resize() of a window is the window of the whole", () => {
  const window = fc.record({ left: fc.nat(15), top: fc.nat(15), right: fc.nat(15), bottom: fc.nat(15) });
  fc.assert(fc.property(images, sides, sides, window, interpolations, (image, w, h, cut, interpolation) => {
    const [width, height] = [w + cut.left + cut.right, h + cut.top + cut.bottom];
    const whole = resize(image, { width, height, interpolation });
    const part = resize(image, {
      width,
      height,
      interpolation,
      window: { left: cut.left, top: cut.top, width: w, height: h },
    });
    for (let y = 0; y < h; y++) {
      const from = ((cut.top + y) * width + cut.left) * 3;
      assertEquals([...part.data.subarray(y * w * 3, (y + 1) * w * 3)], [...whole.data.subarray(from, from + w * 3)]);
    }
  }));
});

Deno.test("resize() leaves its picture as it was", () => {
  const image = pattern(9, 8);
  resize(image, { width: 5, height: 5, interpolation: "bicubic" });
  assertEquals(image, pattern(9, 8));
});

Deno.test("resize() throws on a picture that is none, and on sizes that are none", () => {
  const image = pattern(4, 3);
  assertThrows(
    () => resize({ ...image, width: 5 }, { width: 1, height: 1 }),
    RangeError,
    "Expected image.data to hold 5×3×3 = 45 bytes but found 36",
  );
  assertThrows(
    () => resize({ ...image, height: 0 }, { width: 1, height: 1 }),
    RangeError,
    "Expected image.height to be a positive integer but found 0",
  );
  assertThrows(
    () => resize(image, { width: 0, height: 1 }),
    RangeError,
    "Expected width of resize() to be greater than 0 but found 0",
  );
  assertThrows(
    () => resize(image, { width: 2, height: 1, interpolation: "nearest" as Interpolation }),
    RangeError,
    'Expected interpolation of resize() to be one of "bilinear", "bicubic" but found "nearest"',
  );
  assertThrows(
    () => resize(image, { width: 8, height: 8, window: { left: 5, top: 0, width: 4, height: 1 } }),
    RangeError,
    "Expected the window 4×1 at 5, 0 of resize() to lie in 8×8",
  );
  assertThrows(
    () => resize(image, { width: 10_000, height: 10_000 }),
    RangeError,
    "Expected resize() to give at most 89478485 pixels but found 10000×10000",
  );
});
