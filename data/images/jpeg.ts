/**
 * JPEG files: what the header says, and the pixels.
 *
 * @module
 */
import createDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";

/** What a file says of its picture before any of it is decoded. */
export interface ImageHeader {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** mozjpeg, compiled to WebAssembly; that is libjpeg-turbo's decoder, which Pillow's wheels use too. */
interface Decoder {
  decode(bytes: Uint8Array, preserveOrientation: boolean): { width: number; height: number; data: Uint8ClampedArray };
}

const TEM = 0x01;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/** Markers without a length: TEM, the eight restart markers, start of image. */
const standsAlone = (marker: number): boolean => marker === TEM || (marker >= 0xd0 && marker <= SOI);

/** Start of frame, of whatever coding; C4, C8 and CC among them are something else. */
const startsFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * What the JPEG file says of its picture.
 *
 * @throws {RangeError} Where it ends before it says so, or has four channels (CMYK).
 */
export function readJpegHeader(bytes: Uint8Array, name: string): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (true) {
    // As libjpeg does: what lies between segments is passed over, and a marker may have any number of FFs before it.
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined || at + 2 > bytes.length) break;
    if (marker === 0 || standsAlone(marker)) continue;
    if (marker === EOI || marker === SOS) {
      throw new RangeError(`Expected ${name} to be a JPEG with a frame before its data but found none`);
    }
    if (startsFrame(marker)) {
      if (at + 8 > bytes.length) break;
      const [height, width] = [view.getUint16(at + 3), view.getUint16(at + 5)];
      // ImageNet has a few; their colours need the profile that Pillow's conversion ignores as well.
      if (bytes[at + 7] === 4) {
        throw new RangeError(
          `Expected ${name} to be a JPEG in grey or colour but found four channels (CMYK): convert it to RGB first`,
        );
      }
      return { width, height };
    }
    at += view.getUint16(at);
  }
  throw truncated(name, bytes);
}

function truncated(name: string, bytes: Uint8Array): RangeError {
  return new RangeError(`Expected ${name} to be a whole JPEG but found it truncated at ${bytes.length} bytes`);
}

/** A decoder, and the lines that it writes where others write to standard error. */
interface LoadedDecoder {
  readonly decoder: Decoder;
  readonly complaints: string[];
}

let loading: Promise<LoadedDecoder> | undefined;

/** The one decoder; a new one after a failure, which may have left the old one in any state. */
async function loadDecoder(): Promise<LoadedDecoder> {
  loading ??= (async () => {
    const complaints: string[] = [];
    const options = { noInitialRun: true, printErr: (line: string) => complaints.push(line) };
    const decoder: Decoder = await createDecoder(options);
    return { decoder, complaints };
  })();
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/**
 * The pixels of a JPEG file, red, green, blue and 255. Its orientation tag and
 * colour profile are not looked at.
 *
 * @throws {RangeError} Where it is truncated or damaged, or in a coding that libjpeg does not read.
 */
export async function decodeJpeg(bytes: Uint8Array, name: string): Promise<ImageHeader & { data: Uint8ClampedArray }> {
  const { decoder, complaints } = await loadDecoder();
  complaints.length = 0;
  let image: ReturnType<Decoder["decode"]> | undefined;
  let cause: unknown;
  try {
    image = decoder.decode(bytes, false);
  } catch (error) {
    cause = error;
    loading = undefined;
  }
  // libjpeg goes on with grey; Pillow refuses, and so do we.
  if (complaints.some((line) => line.includes("Premature end of JPEG file"))) throw truncated(name, bytes);
  if (image) return image;
  throw new RangeError(
    `Expected ${name} to be a JPEG that can be decoded but found: ${complaints.at(-1) ?? String(cause)}`,
    { cause },
  );
}
