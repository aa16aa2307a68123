import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readSafetensors, writeSafetensors } from "../../../models/weights/safetensors.ts";
import type { StateDict } from "../../../models/state_dict.ts";

/** A file by hand: the format's own layout, not this module's writer. */
function file(header: unknown, values: Uint8Array | number[] = [], length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(values, 8 + text.length);
  return bytes;
}

Deno.test("F32, F16, BF16 and F64 are read as F32", () => {
  const values = new Uint8Array(4 + 6 + 4 + 8);
  const view = new DataView(values.buffer);
  view.setFloat32(0, -2.5, true);
  // Halves: 1.5, the smallest subnormal, minus infinity.
  [0x3e00, 0x0001, 0xfc00].forEach((bits, i) => view.setUint16(4 + 2 * i, bits, true));
  // bfloat16: the upper half of the float32 of 1 and of -3.
  [0x3f80, 0xc040].forEach((bits, i) => view.setUint16(10 + 2 * i, bits, true));
  view.setFloat64(14, 0.1, true);
  const dict = readSafetensors(file({
    __metadata__: { format: "pt" },
    a: { dtype: "F32", shape: [], data_offsets: [0, 4] },
    b: { dtype: "F16", shape: [3], data_offsets: [4, 10] },
    c: { dtype: "BF16", shape: [2, 1], data_offsets: [10, 14] },
    d: { dtype: "F64", shape: [1], data_offsets: [14, 22] },
  }, values));
  assertEquals(dict, {
    a: { dtype: "F32", shape: [], data: Float32Array.of(-2.5) },
    b: { dtype: "F32", shape: [3], data: Float32Array.of(1.5, 2 ** -24, -Infinity) },
    c: { dtype: "F32", shape: [2, 1], data: Float32Array.of(1, -3) },
    d: { dtype: "F32", shape: [1], data: Float32Array.of(0.1) },
  });
});

Deno.test("num_batches_tracked is passed over, other integers are refused", () => {
  const integer = { dtype: "I64", shape: [], data_offsets: [0, 8] };
  assertEquals(readSafetensors(file({ "bn.num_batches_tracked": integer }, new Uint8Array(8))), {});
  assertThrows(() => readSafetensors(file({ steps: integer }, new Uint8Array(8))), TypeError, 'found "I64"');
});

const entry = (offsets: unknown, shape: unknown = [1]) => ({ w: { dtype: "F32", shape, data_offsets: offsets } });
const LIES: [string, Uint8Array, string][] = [
  ["is empty", new Uint8Array(), "Expected bytes to hold a safetensors header but found 0 bytes"],
  ["ends inside its header", file({}, [], 100n), "Expected the safetensors header to end within"],
  ["has a header longer than any file", file({}, [], 2n ** 63n), "Expected the safetensors header to end within"],
  ["has a header that is no JSON", file("{nonsense"), "to be JSON"],
  ["has a list for a header", file("[]"), "to be an object"],
  ["has offsets beyond its end", file(entry([0, 8]), new Uint8Array(4)), "Expected data_offsets of w"],
  ["has offsets that go backwards", file(entry([4, 0]), new Uint8Array(4)), "Expected data_offsets of w"],
  ["has offsets that are no numbers", file(entry(["0", "4"]), new Uint8Array(4)), "Expected data_offsets[0]"],
  ["leaves a gap", file(entry([4, 8]), new Uint8Array(8)), "Expected data_offsets of w to go from 0"],
  [
    "has another length than its shape",
    file(entry([0, 4], [2]), new Uint8Array(4)),
    "Expected w to take 8 bytes but found 4",
  ],
  ["has a negative size", file(entry([0, 4], [-1]), new Uint8Array(4)), "Expected shape[0]"],
  [
    "has bytes behind its tensors",
    file(entry([0, 4]), new Uint8Array(12)),
    "Expected the tensors to cover 12 bytes but found 4",
  ],
];
for (const [what, bytes, message] of LIES) {
  Deno.test(`readSafetensors() refuses a file that ${what}`, () => {
    assertThrows(() => readSafetensors(bytes), Error, message);
  });
}

Deno.test("readSafetensors() refuses tensors that overlap", () => {
  const overlapping = file({
    a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    b: { dtype: "F32", shape: [2], data_offsets: [4, 12] },
  }, new Uint8Array(12));
  assertThrows(() => readSafetensors(overlapping), RangeError, "Expected data_offsets of b to go from 8");
});

Deno.test("what is written is read again, value by value and in order", () => {
  const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.float32Array({ minLength: size, maxLength: size }).map((data) => ({
      dtype: "F32" as const,
      shape,
      data,
    }));
  });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== "__metadata__" && key !== "__proto__"), tensor),
      (dict) => {
        const bytes = writeSafetensors(dict as StateDict);
        const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        assertEquals(headerLength % 8, 0);
        const read = readSafetensors(bytes);
        for (const [key, { shape, data }] of Object.entries(dict)) {
          if (key.endsWith("num_batches_tracked")) continue;
          assertEquals(read[key]?.shape, shape);
          assert(data.every((value, i) => Object.is(value, read[key]?.data[i])));
        }
      },
    ),
  );
});

Deno.test("writeSafetensors() refuses values that do not fill their shape", () => {
  assertThrows(
    () => writeSafetensors({ w: { dtype: "F32", shape: [3], data: new Float32Array(2) } }),
    RangeError,
    "Expected w to hold 3 values but found 2",
  );
});
