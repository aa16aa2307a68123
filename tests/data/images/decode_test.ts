import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { decodeImage } from "../../../data/images/decode.ts";
import fixture from "../../fixtures/images/decoded.json" with { type: "json" };

const read = async (file: string): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(await Deno.readFile(new URL(`../../fixtures/images/${file}`, import.meta.url)));

for (const { file, width, height, pixels } of fixture.rows) {
  Deno.test(`decodeImage() gives Pillow's pixels of ${file}`, async () => {
    const image = await decodeImage(await read(file));
    assertEquals([image.width, image.height], [width, height]);
    assertEquals([...image.data], [...Uint8Array.fromBase64(pixels)]);
  });
}

Deno.test("decodeImage() takes a Blob and a part of a larger buffer", async () => {
  const bytes = await read("subsampled_420.jpg");
  const image = await decodeImage(bytes);
  assertEquals(await decodeImage(new Blob([bytes])), image);
  const larger = new Uint8Array(bytes.length + 20).fill(7);
  larger.set(bytes, 10);
  assertEquals(await decodeImage(larger.subarray(10, -10)), image);
});

Deno.test("decodeImage() throws on a truncated file, wherever it is cut", async () => {
  for (const file of ["subsampled_420.jpg", "progressive.jpg", "rgb_8.png", "palette_4_interlaced.png"]) {
    const bytes = await read(file);
    const least = file.endsWith("png") ? 8 : 3;
    // Without the end marker alone libjpeg and Pillow have the whole picture.
    const most = file.endsWith("png") ? bytes.length - 1 : bytes.length - 3;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: least, max: most }), async (length) => {
        await assertRejects(
          () => decodeImage(bytes.slice(0, length), { name: file }),
          RangeError,
          `Expected ${file} to be a whole ${file.endsWith("png") ? "PNG" : "JPEG"} but found it truncated at ${length}`,
        );
      }),
      { numRuns: 30 },
    );
  }
});

Deno.test("decodeImage() goes on decoding after a file that it could not", async () => {
  const [good, truncated] = [await read("full_colour.jpg"), (await read("full_colour.jpg")).slice(0, 700)];
  const image = await decodeImage(good);
  const results = await Promise.allSettled([truncated, good, truncated, good].map((bytes) => decodeImage(bytes)));
  assertEquals(results.map(({ status }) => status), ["rejected", "fulfilled", "rejected", "fulfilled"]);
  for (const result of results) if (result.status === "fulfilled") assertEquals(result.value, image);
});

Deno.test("decodeImage() gives an image or a RangeError, whatever bytes of a file are broken", async () => {
  for (const file of ["subsampled_420.jpg", "progressive.jpg", "palette_8.png", "rgb_16_interlaced.png"]) {
    const bytes = await read(file);
    const damage = fc.record({ at: fc.integer({ min: 0, max: bytes.length - 1 }), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const broken = bytes.slice();
        for (const { at, to } of damages) broken[at] = to;
        try {
          // A length of the header may have become large.
          const { width, height, data } = await decodeImage(broken, { maxPixels: 100_000 });
          assertEquals(data.length, width * height * 3);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  }
  assertEquals((await decodeImage(await read("grey.jpg"))).width, 23);
});

/** `bytes` whose header says that the picture is 60,000 × 60,000 pixels, with the checksum that belongs to it. */
async function huge(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await read(file);
  const view = new DataView(bytes.buffer);
  if (file.endsWith("png")) {
    view.setUint32(16, 60_000);
    view.setUint32(20, 60_000);
    view.setUint32(29, crc32(bytes.subarray(12, 29)));
  } else {
    const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    view.setUint16(frame + 5, 60_000);
    view.setUint16(frame + 7, 60_000);
  }
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

Deno.test("decodeImage() refuses a picture of too many pixels before it unpacks it", async () => {
  for (const file of ["rgb_8.png", "full_colour.jpg"]) {
    await assertRejects(
      async () => await decodeImage(await huge(file), { name: file }),
      RangeError,
      `Expected ${file} to have 1 to 89478485 pixels (maxPixels) but found 60000×60000 = 3600000000`,
    );
    await assertRejects(
      async () => await decodeImage(await read(file), { maxPixels: 23 * 17 - 1 }),
      RangeError,
      "Expected the image to have 1 to 390 pixels (maxPixels) but found 23×17 = 391",
    );
    assertEquals((await decodeImage(await read(file), { maxPixels: 23 * 17 })).width, 23);
  }
});

/** `content` as a PNG chunk. */
function chunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, -4)));
  return bytes;
}

Deno.test("decodeImage() unpacks no more of a PNG than its pixels", async () => {
  const compressed = (length: number) =>
    new Response(new Blob([new Uint8Array(length)]).stream().pipeThrough(new CompressionStream("deflate"))).bytes();
  const bomb = await compressed(200_000_000);
  const head = (await read("rgb_8.png")).subarray(0, 33);
  const end = chunk("IEND", new Uint8Array());
  const pixels = chunk("IDAT", await compressed(17 * (23 * 3 + 1)));
  const name = new TextEncoder().encode("a\0\0");
  for (
    const file of [
      new Blob([head, chunk("iCCP", Uint8Array.from([...name, ...bomb])), pixels, end]),
      new Blob([head, chunk("zTXt", Uint8Array.from([...name, ...bomb])), pixels, end]),
      new Blob([head, chunk("IDAT", bomb), end]),
    ]
  ) {
    const before = Deno.memoryUsage().rss;
    const { data } = await decodeImage(file);
    assertEquals(data.length, 23 * 17 * 3);
    assertEquals(data.every((value) => value === 0), true);
    assertEquals(Deno.memoryUsage().rss - before < 100_000_000, true);
  }
});

Deno.test("decodeImage() refuses CMYK", async () => {
  await assertRejects(
    async () => await decodeImage(await read("cmyk.jpg"), { name: "cmyk.jpg" }),
    RangeError,
    "Expected cmyk.jpg to be a JPEG in grey or colour but found four channels (CMYK): convert it to RGB first",
  );
});

for (
  const [what, start] of [
    ["an empty file", ""],
    ["a GIF", "GIF89a"],
    ["a WebP", "RIFF\n\0\0\0WEBPVP8 "],
    ["a BMP", "BM6"],
    ["a TIFF", "II*\0"],
    ["an AVIF or HEIC", "\0\0\0\x1cftypavif"],
    ["something else", "<svg>"],
  ] as const
) {
  Deno.test(`decodeImage() says that it found ${what}`, async () => {
    await assertRejects(
      () => decodeImage(new TextEncoder().encode(start), { name: "picture" }),
      RangeError,
      `Expected picture to be a JPEG or PNG but found ${what}`,
    );
  });
}

Deno.test("decodeImage() throws on a JPEG without a frame and a PNG without a header", async () => {
  await assertRejects(
    () => decodeImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9, 0, 0)),
    RangeError,
    "Expected the image to be a JPEG with a frame before its data but found none",
  );
  const png = await read("rgb_8.png");
  await assertRejects(
    async () => await decodeImage(await new Blob([png.subarray(0, 8), png.subarray(33)]).bytes()),
    RangeError,
    "Expected the image to be a PNG that starts with its header but found none",
  );
});
