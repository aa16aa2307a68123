import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decompress, encodeIdx, parseIdx } from "../../data/idx.ts";
import { gzip } from "./support.ts";

const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 3);
const image = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);

Deno.test("parseIdx() reads labels", () => {
  const { shape, values } = parseIdx(labels, { rank: 1, name: "labels" });
  assertEquals(shape, [3]);
  assertEquals([...values], [9, 0, 3]);
});

Deno.test("parseIdx() reads images", () => {
  const { shape, values } = parseIdx(image, { rank: 3, name: "images" });
  assertEquals(shape, [1, 2, 3]);
  assertEquals([...values], [10, 20, 30, 40, 50, 60]);
});

Deno.test("parseIdx() reads sizes big-endian, from a view into a larger buffer too", () => {
  const bytes = new Uint8Array(5 + 8 + 258);
  bytes.set([0, 0, 8, 1, 0, 0, 1, 2], 5);
  assertEquals(parseIdx(bytes.subarray(5), { rank: 1, name: "labels" }).shape, [258]);
});

const damaged: [what: string, bytes: Uint8Array<ArrayBuffer>, rank: number, message: string][] = [
  ["an empty file", new Uint8Array(), 1, "Expected t10k to have a header of 8 bytes but found 0 in all"],
  ["a cut header", labels.slice(0, 6), 1, "Expected t10k to have a header of 8 bytes but found 6 in all"],
  [
    "cut values",
    labels.slice(0, 10),
    1,
    "Expected t10k to have 11 bytes, as its header [3] says, but found 10: the file is truncated",
  ],
  [
    "trailing bytes",
    Uint8Array.of(...image, 0, 0),
    3,
    "Expected t10k to have 22 bytes, as its header [1, 2, 3] says, but found 24: bytes trail the last value",
  ],
  [
    "images for labels",
    image,
    1,
    "Expected t10k to start with the magic number 0x00000801 but found 0x00000803",
  ],
  [
    "labels for images",
    labels,
    3,
    "Expected t10k to start with the magic number 0x00000803 but found 0x00000801",
  ],
  [
    "floats",
    Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0),
    1,
    "Expected t10k to start with the magic number 0x00000801 but found 0x00000d01",
  ],
  [
    "a page of HTML",
    new TextEncoder().encode("<html></html>"),
    1,
    "Expected t10k to start with the magic number 0x00000801 but found 0x3c68746d",
  ],
  [
    "an empty axis",
    Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0),
    1,
    "Expected the sizes of t10k to be positive but found [0]",
  ],
  [
    "sizes beyond all memory",
    Uint8Array.of(0, 0, 8, 3, ...new Array(12).fill(255)),
    3,
    "the file is truncated",
  ],
];

for (const [what, bytes, rank, message] of damaged) {
  Deno.test(`parseIdx() throws on ${what}`, () => {
    assertThrows(() => parseIdx(bytes, { rank, name: "t10k" }), RangeError, message);
  });
}

Deno.test("encodeIdx() writes the header by hand's count", () => {
  assertEquals([...encodeIdx({ shape: [1, 2, 3], values: Uint8Array.of(10, 20, 30, 40, 50, 60) })], [...image]);
});

Deno.test("encodeIdx() throws where shape and values disagree", () => {
  assertThrows(
    () => encodeIdx({ shape: [2, 2], values: Uint8Array.of(1, 2, 3) }),
    RangeError,
    "Expected values to have 4 entries, as shape says, but found 3",
  );
});

Deno.test("parseIdx() inverts encodeIdx()", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
  const arrays = sizes.chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((values) => ({
      shape,
      values: Uint8Array.from(values),
    }));
  });
  fc.assert(fc.property(arrays, (array) => {
    const parsed = parseIdx(encodeIdx(array), { rank: array.shape.length, name: "array" });
    assertEquals(parsed.shape, array.shape);
    assertEquals([...parsed.values], [...array.values]);
  }));
});

Deno.test("decompress() reads gzip and leaves what is plain", async () => {
  const zipped = await gzip(image);
  assert(zipped.length !== image.length);
  assertEquals([...await decompress(zipped, "images.gz")], [...image]);
  assertEquals(await decompress(image, "images"), image);
});

Deno.test("decompress() rejects gzip that is cut, damaged or followed by something", async () => {
  const zipped = await gzip(image);
  const damaged = zipped.slice();
  const checksum = zipped.length - 8;
  damaged[checksum] = 255 - (zipped[checksum] ?? 0);
  for (const bytes of [zipped.slice(0, -9), damaged, Uint8Array.of(...zipped, 1, 2, 3)]) {
    await assertRejects(
      () => decompress(bytes, "images.gz"),
      RangeError,
      `Expected images.gz to be a whole gzip file but found ${bytes.length} bytes that cannot be decompressed`,
    );
  }
});
