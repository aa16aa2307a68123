import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readPth } from "../../../models/weights/torch_file.ts";
import { assertDict, expected, readFixture } from "./support.ts";

const SAME_VALUES: [file: string, dict: keyof typeof expected][] = [
  ["types_zip", "types"],
  ["types_old", "types"],
  ["views_zip", "views"],
  ["views_old", "views"],
  ["views_zip_protocol3", "views"],
  ["views_zip_protocol4", "views"],
  ["views_zip_protocol5", "views"],
  ["views_old_protocol4", "views"],
  ["network_zip", "network"],
  ["network_old", "network"],
  ["network_zip_nocrc", "network_nocrc"],
];
for (const [file, dict] of SAME_VALUES) {
  Deno.test(`readPth() reads ${file}.pth as PyTorch does`, async () => {
    assertDict(await readPth(await readFixture(`${file}.pth`)), expected[dict] as never);
  });
}

Deno.test("a file made by hand, with strides of another order, is read as well", async () => {
  const { weight } = await readPth(await readFixture("accepted_handmade.pth"));
  assertEquals(weight, { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 3, 2, 4) });
});

for (const format of ["zip", "old"]) {
  Deno.test(`the state dict is taken out of a checkpoint of timm's training (${format})`, async () => {
    const dict = await readPth(await readFixture(`checkpoint_${format}.pth`));
    const bare = Object.entries(dict).map(([key, tensor]) => [key.slice("module.".length), tensor]);
    assertDict(Object.fromEntries(bare), expected.checkpoint);
  });
}

Deno.test("averaged weights come before those of the last step, as in timm", async () => {
  const dict = await readPth(await readFixture("checkpoint_ema_zip.pth"));
  const bare = Object.entries(dict).map(([key, tensor]) => [key.slice("_orig_mod.module.".length), tensor]);
  assertDict(Object.fromEntries(bare), expected.checkpoint_ema);
});

const NAMED: [file: string, name: string][] = [
  ["system", "found posix.system: save the state_dict()"],
  ["eval", "builtin"],
  ["module", "found torch.nn.modules.linear.Linear"],
  ["list", "Expected the file to hold a state dict but found a list of 1"],
  ["text", 'Expected note of the state dict to be a tensor but found the text "not a tensor"'],
  ["complex", "found torch.ComplexFloatStorage"],
  ["sparse", "found torch._utils._rebuild_sparse_tensor"],
];
for (const [file, message] of NAMED) {
  for (const format of ["zip", "old"]) {
    Deno.test(`readPth() names what is not a tensor: ${file} (${format})`, async () => {
      await assertRejects(async () => readPth(await readFixture(`evil_${file}_${format}.pth`)), TypeError, message);
    });
  }
}

const REFUSED: [file: string, message: string][] = [
  ["negative_stride", "Expected strides of weight to be whole and not negative but found [-2,1]"],
  ["negative_offset", "Expected offset of weight to be whole and not negative but found [-1]"],
  ["negative_shape", "Expected shape of weight to be whole and not negative but found [-2]"],
  ["beyond_offset", "Expected weight to lie within the 4 values of its storage but found it to reach 5"],
  ["beyond_stride", "Expected weight to lie within the 4 values of its storage but found it to reach 5"],
  ["huge_shape", "Expected weight to lie within the 4 values"],
  ["huge_expanded", "Expected the tensors to hold at most 1048576 values but found 1099511627776"],
  ["other_rank", "Expected strides of weight to be 2 but found 1"],
  ["fraction", "Expected shape of weight to be whole"],
  ["other_length", "Expected the storage of weight to take 20 bytes but found 16"],
  ["big_endian", 'Expected byteorder of the file to be little but found "big"'],
  ["compressed", "Expected a/data.pkl to be stored as it is, as torch.save() stores it, but found it compressed"],
  ["bomb", "Expected a/data.pkl to be stored as it is"],
  ["no_pickle", "Expected the archive to hold data.pkl"],
  ["no_storage", "Expected the archive to hold data/0 but found none"],
];
for (const [file, message] of REFUSED) {
  Deno.test(`readPth() refuses a file with ${file.replaceAll("_", " ")}`, async () => {
    await assertRejects(async () => readPth(await readFixture(`refused_${file}.pth`)), RangeError, message);
  });
}

Deno.test("readPth() refuses more axes than PyTorch has", async () => {
  await assertRejects(async () => readPth(await readFixture("refused_rank.pth")), TypeError, "at most 64 numbers");
});

Deno.test("readPth() refuses what is no file of torch.save()", async () => {
  const message = "Expected a file of torch.save()";
  await assertRejects(() => readPth(new TextEncoder().encode("<!doctype html>")), RangeError, message);
  await assertRejects(() => readPth(new Uint8Array()), RangeError, message);
});

for (const file of ["network_zip", "network_old"]) {
  Deno.test(`${file}.pth is refused wherever it is cut off`, async () => {
    const bytes = await readFixture(`${file}.pth`);
    for (let length = 0; length < bytes.length; length += 7) {
      const error = await assertRejects(() => readPth(bytes.slice(0, length)));
      assertEquals(error instanceof RangeError || error instanceof TypeError, true, `${length}: ${error}`);
    }
  });
}

Deno.test("a value that differs is found by its checksum", async () => {
  const bytes = await readFixture("types_zip.pth");
  const { f32 } = await readPth(bytes);
  const pattern = new Uint8Array(f32?.data.slice().buffer ?? new ArrayBuffer());
  const at = bytes.findIndex((_, i) => pattern.every((byte, j) => bytes[i + j] === byte));
  bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
  await assertRejects(() => readPth(bytes), RangeError, "to have the checksum");
});

for (const file of ["views_zip", "views_old", "checkpoint_old"]) {
  Deno.test(`whatever happens to the bytes of ${file}.pth, the answer is tensors or an error of this project`, async () => {
    const original = await readFixture(`${file}.pth`);
    const change = fc.record({ at: fc.nat({ max: original.length - 1 }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = original.slice();
        for (const { at, byte } of changes) bytes[at] = byte;
        try {
          for (const { shape, data } of Object.values(await readPth(bytes))) {
            assertEquals(data.length, shape.reduce((a, b) => a * b, 1));
          }
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof TypeError) || !error.message.startsWith("Expected")) {
            throw error;
          }
        }
      }),
      { numRuns: 400 },
    );
  });
}
