/**
 * Data sets and batches.
 *
 * @example A batch of Fashion-MNIST
 * ```ts
 * import { useBackend } from "@convbench/convbench";
 * import { batches, fashionMnist } from "@convbench/convbench/data";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const { train } = await fashionMnist({ source: "sample" });
 * for (const { images, labels } of batches(train, { batchSize: 500, resize: [14, 14] })) {
 *   assertEquals(images.shape, [500, 14, 14, 1]);
 *   tf.dispose([images, labels]);
 * }
 * ```
 *
 * @module
 */
export { type Batch, batches, type BatchOptions } from "./batches.ts";
export { DownloadError, type DownloadProgress } from "./download.ts";
export { type FashionMnist, fashionMnist, type FashionMnistOptions } from "./fashion_mnist.ts";
export { decompress, encodeIdx, type IdxArray, type IdxExpectation, parseIdx } from "./idx.ts";
export { imagenetClasses } from "./imagenet/classes.ts";
export { type Classification, classify, type ClassifyOptions } from "./imagenet/classify.ts";
export { imagenetPreprocessing, imagenetTags } from "./imagenet/preprocessing.ts";
export { decodeImage, type DecodeImageOptions } from "./images/decode.ts";
export type { RgbImage } from "./images/image.ts";
export { preprocess, type Preprocessing } from "./images/preprocess.ts";
export { type Interpolation, type PixelWindow, resize, type ResizeOptions } from "./images/resize.ts";
export { type ImageSet, type NamedFile, parseImageSet } from "./image_set.ts";
export { syntheticBatch, type SyntheticBatchOptions } from "./synthetic.ts";
