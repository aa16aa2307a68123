/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 70,000 grey images of clothes,
 * 28×28, in ten classes. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { parseConfig } from "../models/errors.ts";
import { type DatasetFile, loadDatasetFiles } from "./dataset_files.ts";
import { DownloadError, type DownloadProgress } from "./download.ts";
import { cacheFolder, packageFolders, readEnv } from "./folders.ts";
import { decompress } from "./idx.ts";
import { type ImageSet, type NamedFile, parseImageSet } from "./image_set.ts";

/** Options of {@linkcode fashionMnist}. */
export interface FashionMnistOptions {
  /**
   * `full`: the 60,000 + 10,000 images, or an error. `sample`: the 1,000 + 200 of
   * them that ship with this package. `auto`: the full set, or the sample where it
   * is not on the machine and cannot be downloaded; `note` says so then.
   * @default {"auto"}
   */
  source?: "auto" | "full" | "sample";
  /** Holds the four files and is the only place looked at. @default {the environment's CONVBENCH_DATA} */
  folder?: string;
  /** Where to download from, as `…/` or not. @default {the environment's CONVBENCH_DATA_URL, else the upstream repository} */
  url?: string;
  /** Called for each piece of a download. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Stops a download. */
  signal?: AbortSignal;
}

/** A data set that {@linkcode fashionMnist} gives. */
export interface FashionMnist {
  /** 60,000 images; 1,000 of the sample. */
  readonly train: ImageSet;
  /** 10,000 images; 200 of the sample. */
  readonly test: ImageSet;
  /** The names of the ten classes, by label. */
  readonly classes: readonly string[];
  /** Where it comes from: a folder's path, or `sample`. */
  readonly source: string;
  /** Why it is the sample, where the full set was preferred. */
  readonly note?: string;
}

const CLASSES: readonly string[] = Object.freeze([
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
]);

const UPSTREAM = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";

const idxFile = (part: "train" | "t10k", kind: "images-idx3" | "labels-idx1", sha256: string): DatasetFile => ({
  name: `${part}-${kind}-ubyte`,
  aliases: [`${part}-${kind.replace("-", ".")}-ubyte`],
  sha256,
});

const FILES: readonly DatasetFile[] = [
  idxFile("train", "images-idx3", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
  idxFile("train", "labels-idx1", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
  idxFile("t10k", "images-idx3", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
  idxFile("t10k", "labels-idx1", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
];

const schema = z.strictObject({
  source: z.enum(["auto", "full", "sample"]).default("auto"),
  folder: z.string().min(1).optional(),
  url: z.url().optional(),
  onProgress: z.custom<(progress: DownloadProgress) => void>((value) => typeof value === "function").optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

/**
 * Loads Fashion-MNIST: from `folder`; else from a system package (Debian's
 * `dataset-fashion-mnist`); else from the cache, into which what it lacks is
 * downloaded. Files may be gzip or plain, `train-images-idx3-ubyte` or
 * `train-images.idx3-ubyte`; what counts is that the sha256 of their uncompressed
 * content is the right one.
 *
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 * @throws {RangeError} Where a file is missing from `folder` or is not the one it should be.
 * @throws {Error} Where the download fails (`DownloadError`, not of `auto`) or fills the disk.
 *
 * @example The sample needs no network
 * ```ts
 * import { fashionMnist } from "@convbench/convbench/data";
 * import { assertEquals } from "@std/assert";
 *
 * const { train, test, classes } = await fashionMnist({ source: "sample" });
 * assertEquals([train.count, test.count], [1000, 200]);
 * assertEquals(classes[train.labels[0] ?? 0], "Ankle boot");
 * ```
 */
export async function fashionMnist(options: FashionMnistOptions = {}): Promise<FashionMnist> {
  const { source, folder, url, ...downloading } = parseConfig(schema, options, "fashionMnist()");
  if (source === "sample") return await loadSample();
  const base = url ?? readEnv("CONVBENCH_DATA_URL") ?? UPSTREAM;
  const cache = cacheFolder();
  try {
    const loaded = await loadDatasetFiles(FILES, {
      folder: folder ?? readEnv("CONVBENCH_DATA"),
      packages: packageFolders("fashion-mnist"),
      cache: cache && `${cache}/fashion-mnist`,
      url: base.endsWith("/") ? base : `${base}/`,
    }, downloading);
    return dataset(loaded.files, loaded.folder);
  } catch (error) {
    if (source === "full" || !(error instanceof DownloadError)) throw error;
    return { ...await loadSample(), note: error.message };
  }
}

async function loadSample(): Promise<FashionMnist> {
  return dataset(
    await Promise.all(FILES.map(async ({ name }) => {
      // Not read as a file: published, this module has a remote address.
      const url = new URL(`./sample/${name}.gz`, import.meta.url);
      const response = await fetch(url);
      if (!response.ok) throw new Error(`Expected ${url} to be there but the server answered ${response.status}`);
      return { name: url.href, bytes: await decompress(new Uint8Array(await response.arrayBuffer()), url.href) };
    })),
    "sample",
  );
}

function dataset(files: readonly NamedFile[], source: string): FashionMnist {
  const [trainImages, trainLabels, testImages, testLabels] = files;
  if (!trainImages || !trainLabels || !testImages || !testLabels) {
    throw new Error(`Expected four files of Fashion-MNIST but found ${files.length}`);
  }
  return {
    train: parseImageSet(trainImages, trainLabels, CLASSES.length),
    test: parseImageSet(testImages, testLabels, CLASSES.length),
    classes: CLASSES,
    source,
  };
}
