/**
 * Image files into pixels.
 *
 * @module
 */
import { z } from "zod";
import { parseConfig } from "../../models/errors.ts";
import { MAX_PIXELS, type RgbImage } from "./image.ts";
import { decodeJpeg, type ImageHeader, readJpegHeader } from "./jpeg.ts";
import { decodePng, PNG_SIGNATURE, readPngHeader } from "./png.ts";

/** Options of {@linkcode decodeImage}. */
export interface DecodeImageOptions {
  /** What errors call the file, its path for example. @default {"the image"} */
  name?: string;
  /**
   * The largest number of pixels that is decoded; read from the header, before anything is unpacked.
   *
   * @default {89_478_485} which is Pillow's
   */
  maxPixels?: number;
}

const options = z.strictObject({
  name: z.string().default("the image"),
  maxPixels: z.int().positive().default(MAX_PIXELS),
});

/** A kind of file that is decoded. */
interface Format {
  readonly signature: readonly number[];
  readonly header: (bytes: Uint8Array<ArrayBuffer>, name: string) => ImageHeader;
  readonly decode: (
    bytes: Uint8Array<ArrayBuffer>,
    name: string,
  ) => Promise<ImageHeader & { data: Uint8ClampedArray }>;
}

const FORMATS: readonly Format[] = [
  { signature: [0xff, 0xd8, 0xff], header: readJpegHeader, decode: decodeJpeg },
  { signature: PNG_SIGNATURE, header: readPngHeader, decode: decodePng },
];

/** How files that are not decoded start, so that an error can say what they are. */
const OTHERS: readonly (readonly [name: string, start: RegExp])[] = [
  ["a GIF", /^GIF8/],
  ["a WebP", /^RIFF.{4}WEBP/s],
  ["a BMP", /^BM/],
  ["a TIFF", /^(II\*\0|MM\0\*)/],
  ["an AVIF or HEIC", /^.{4}ftyp/s],
];

function otherFormat(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  return OTHERS.find(([, pattern]) => pattern.test(start))?.[0] ?? "something else";
}

/** Without every fourth byte, which is what Pillow's `convert("RGB")` makes of transparency. */
function withoutAlpha({ width, height, data }: RgbImage): RgbImage {
  const pixels = width * height;
  const rgb = new Uint8Array(pixels * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from] ?? 0;
    rgb[to + 1] = data[from + 1] ?? 0;
    rgb[to + 2] = data[from + 2] ?? 0;
  }
  return { width, height, data: rgb };
}

/**
 * The pixels of a JPEG or PNG file, as torchvision's and timm's loaders see them
 * (Pillow's `Image.open(path).convert("RGB")`): grey becomes three equal
 * channels, palettes their colours, alpha is dropped, and neither an orientation
 * tag nor a colour profile is looked at. Of 16 bits the upper eight are kept,
 * also in grey, where Pillow turns whatever is above 255 white.
 *
 * @throws {RangeError} Where the file is no JPEG or PNG, truncated, damaged, in
 * CMYK, or has more than `maxPixels`.
 *
 * @example
 * ```ts
 * import { decodeImage } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * assertEquals(await decodeImage(png), { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) });
 * ```
 */
export async function decodeImage(
  source: Blob | Uint8Array<ArrayBuffer>,
  imageOptions: DecodeImageOptions = {},
): Promise<RgbImage> {
  const { name, maxPixels } = parseConfig(options, imageOptions, "decodeImage()");
  const bytes = source instanceof Uint8Array ? source : new Uint8Array(await source.arrayBuffer());
  const format = FORMATS.find(({ signature }) => signature.every((byte, i) => bytes[i] === byte));
  if (format === undefined) {
    throw new RangeError(`Expected ${name} to be a JPEG or PNG but found ${otherFormat(bytes)}`);
  }
  const { width, height } = format.header(bytes, name);
  if (width === 0 || height === 0 || width * height > maxPixels) {
    throw new RangeError(
      `Expected ${name} to have 1 to ${maxPixels} pixels (maxPixels) but found ${width}×${height} = ${width * height}`,
    );
  }
  return withoutAlpha(await format.decode(bytes, name));
}
