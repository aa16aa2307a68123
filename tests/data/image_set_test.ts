import { assertEquals, assertThrows } from "@std/assert";
import { encodeIdx } from "../../data/idx.ts";
import { type NamedFile, parseImageSet } from "../../data/image_set.ts";

const images: NamedFile = {
  name: "a/images",
  bytes: encodeIdx({ shape: [2, 1, 2], values: Uint8Array.of(0, 64, 128, 255) }),
};
const labelsOf = (...values: number[]): NamedFile => ({
  name: "a/labels",
  bytes: encodeIdx({ shape: [values.length], values: Uint8Array.from(values) }),
});

Deno.test("parseImageSet() joins images and labels", () => {
  const set = parseImageSet(images, labelsOf(9, 0), 10);
  assertEquals([...set.images], [0, 64, 128, 255]);
  assertEquals([...set.labels], [9, 0]);
  assertEquals([set.count, set.height, set.width, set.channels], [2, 1, 2, 1]);
});

Deno.test("parseImageSet() throws where counts differ", () => {
  assertThrows(
    () => parseImageSet(images, labelsOf(9, 0, 1), 10),
    RangeError,
    "Expected a/labels to hold 2 labels, as many as a/images holds images, but found 3",
  );
});

Deno.test("parseImageSet() throws on a label that is no class", () => {
  assertThrows(
    () => parseImageSet(images, labelsOf(9, 10), 10),
    RangeError,
    "Expected the labels of a/labels to be below 10 but found 10 at 1",
  );
});

Deno.test("parseImageSet() names the file when the two are swapped", () => {
  assertThrows(() => parseImageSet(labelsOf(9, 0), images, 10), RangeError, "Expected a/labels to start with");
});
