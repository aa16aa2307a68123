/**
 * What torchvision's and timm's evaluation transforms do: resize, crop, normalise.
 *
 * @module
 */
import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { parseConfig } from "../../models/errors.ts";
import { checkImage, type RgbImage } from "./image.ts";
import { type Interpolation, INTERPOLATIONS, resize } from "./resize.ts";

/** How a picture becomes what a network takes: torchvision's `weights.transforms()`, timm's `default_cfg`. */
export interface Preprocessing {
  /** The shorter side after resizing; the longer one follows. @default {256} */
  resize?: number;
  /** Side of the square that is cut from the middle, and filled up with black where it is larger. @default {224} */
  crop?: number;
  /** How a pixel is made of its neighbours. @default {"bilinear"} */
  interpolation?: Interpolation;
  /** Of red, green and blue in 0 to 1: what is taken away. @default {[0.485, 0.456, 0.406]} */
  mean?: readonly [number, number, number];
  /** Of red, green and blue: what is divided by. @default {[0.229, 0.224, 0.225]} */
  std?: readonly [number, number, number];
  /**
   * Whether a picture normalised so is then turned into one of mean and deviation 0.5, which torchvision's pretrained
   * GoogLeNet does first of all (its `transform_input`), since its weights were TensorFlow's.
   *
   * @default {false}
   */
  transformInput?: boolean;
}

/** Mean of ImageNet's red, green and blue. */
const MEAN = [0.485, 0.456, 0.406] as const;

/** Standard deviation of ImageNet's red, green and blue. */
const STD = [0.229, 0.224, 0.225] as const;

const side = z.int().positive().max(8192);
const triple = (entry: z.ZodNumber) => z.tuple([entry, entry, entry]).readonly();
const preprocessing = z.strictObject({
  resize: side.default(256),
  crop: side.default(224),
  interpolation: z.enum(INTERPOLATIONS).default("bilinear"),
  mean: triple(z.number()).default(MEAN),
  std: triple(z.number().positive()).default(STD),
  transformInput: z.boolean().default(false),
});

/** Along one axis: where in the resized picture the square begins, where in the square the picture does. */
interface Placement {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** As torchvision's `center_crop` places a square of side `crop` on `size` pixels. */
function placement(size: number, crop: number): Placement {
  if (crop > size) return { from: 0, to: Math.floor((crop - size) / 2), length: size };
  // Python rounds halves to the even number.
  const floor = Math.floor((size - crop) / 2);
  return { from: floor + ((size - crop) % 2) * (floor % 2), to: 0, length: crop };
}

/** What each of the 256 values of a channel becomes, rounded to float32 after each step as PyTorch does. */
function levels(mean: number, std: number, channel: number, transformInput: boolean): Float32Array {
  const { fround } = Math;
  const [scale, shift] = [(STD[channel] ?? 1) / 0.5, ((MEAN[channel] ?? 0) - 0.5) / 0.5];
  return Float32Array.from({ length: 256 }, (_, value) => {
    const normal = fround(fround(fround(value / 255) - fround(mean)) / fround(std));
    return transformInput ? fround(fround(normal * fround(scale)) + fround(shift)) : normal;
  });
}

/**
 * `image` as a network takes it, `[1, crop, crop, 3]`: resized so that the shorter
 * side is `resize`, the middle cut out, divided by 255 and normalised. Rounds where
 * Pillow and PyTorch round: the numbers are those of torchvision's
 * `ImageClassification` transform. The caller owns the tensor.
 *
 * @throws {RangeError} Where a side is no positive integer or above 8192, or the image is damaged.
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { preprocess, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const image = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3) };
 * const input = preprocess(image, { resize: 232 });
 * assertEquals(input.shape, [1, 224, 224, 3]);
 * input.dispose();
 * ```
 */
export function preprocess(image: RgbImage, options: Preprocessing = {}): Tensor4D {
  const config = parseConfig(preprocessing, options, "preprocess()");
  const { crop, interpolation, mean, std, transformInput } = config;
  checkImage(image);
  const shorter = Math.min(image.width, image.height);
  // torchvision cuts the longer side's fraction off.
  const resized = (side: number) => side === shorter ? config.resize : Math.trunc(config.resize * side / shorter);
  const [width, height] = [resized(image.width), resized(image.height)];
  const [across, down] = [placement(width, crop), placement(height, crop)];
  // Only the part that is cut out is computed: resized as a whole, a very long picture would not fit into memory.
  const window = { left: across.from, top: down.from, width: across.length, height: down.length };
  const part = resize(image, { width, height, interpolation, window });
  const tables = ([0, 1, 2] as const).map((channel) => levels(mean[channel], std[channel], channel, transformInput));
  const values = new Float32Array(crop * crop * 3);
  for (let y = 0, to = 0; y < crop; y++) {
    for (let x = 0; x < crop; x++) {
      const [column, row] = [x - across.to, y - down.to];
      const inside = column >= 0 && column < part.width && row >= 0 && row < part.height;
      for (let channel = 0; channel < 3; channel++, to++) {
        const value = inside ? part.data[(row * part.width + column) * 3 + channel] : 0;
        values[to] = tables[channel]?.[value ?? 0] ?? 0;
      }
    }
  }
  return tensor4d(values, [1, crop, crop, 3]);
}
