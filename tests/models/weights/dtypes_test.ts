import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decode, type Dtype } from "../../../models/weights/dtypes.ts";
import { readPth } from "../../../models/weights/torch_file.ts";
import { expected, readFixture } from "./support.ts";

function floats(dtype: Dtype, values: ArrayBufferView<ArrayBuffer>, count: number): Float32Array<ArrayBuffer> {
  const target = new Float32Array(count);
  decode(dtype, new Uint8Array(values.buffer, values.byteOffset, values.byteLength), target);
  return target;
}

/** The hash of make_pth.py: all NaNs are one. */
async function digest(values: Float32Array<ArrayBuffer>): Promise<string> {
  const bits = new Uint32Array(values.buffer);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) bits[i] = 0x7fc00000;
  });
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bits)).toHex();
}

for (const [dtype, hash] of [["F16", expected.every_f16], ["BF16", expected.every_bf16]] as const) {
  Deno.test(`all 65,536 values of ${dtype} are PyTorch's`, async () => {
    const every = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    assertEquals(await digest(floats(dtype, every, every.length)), hash);
  });
}

Deno.test("doubles and long integers are rounded as PyTorch rounds them, also halfway between two floats", async () => {
  const { f64, i64, f64_f32, i64_f32 } = await readPth(await readFixture("table_zip.pth"));
  assert((f64?.data.length ?? 0) > 1000 && (i64?.data.length ?? 0) > 400);
  assertEquals(f64?.data, f64_f32?.data);
  assertEquals(i64?.data, i64_f32?.data);
});

Deno.test("BF16 is the upper half of a float32, F32 keeps every bit", () => {
  fc.assert(fc.property(fc.uint32Array({ maxLength: 20 }), (bits) => {
    const found = floats("F32", Uint32Array.from(bits), bits.length);
    assertEquals(new Uint32Array(found.buffer), Uint32Array.from(bits));
    const upper = floats("BF16", Uint16Array.from(bits, (value) => value >>> 16), bits.length);
    assertEquals(new Uint32Array(upper.buffer), Uint32Array.from(bits, (value) => value & 0xffff0000));
  }));
});

Deno.test("every float32 comes back from a double, and every double as Math.fround() has it", () => {
  fc.assert(fc.property(fc.float64Array({ maxLength: 20 }), (doubles) => {
    assertEquals(floats("F64", Float64Array.from(doubles), doubles.length), Float32Array.from(doubles, Math.fround));
  }));
});

Deno.test("bytes need not begin where a typed array may", () => {
  const bytes = new Uint8Array([9, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  const target = new Float32Array(2);
  decode("F32", bytes.subarray(1), target);
  assertEquals([...target], [1, 2]);
});
