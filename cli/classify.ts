/**
 * `convbench classify`: what is on a picture. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { useBackend } from "../backends/select.ts";
import { BACKEND_NAMES, type BackendName } from "../backends/source.ts";
import { decodeImage } from "../data/images/decode.ts";
import { classify } from "../data/imagenet/classify.ts";
import { imagenetPreprocessing, imagenetTags } from "../data/imagenet/preprocessing.ts";
import type { ModelName } from "../models/catalog.ts";
import { show } from "../models/errors.ts";
import { createModel, listModels } from "../models/registry.ts";
import { loadWeights } from "../models/weights/load_weights.ts";
import { command, parseCommand, usage, UsageError } from "./flags.ts";

/** `convbench classify`. */
export const CLASSIFY = command({
  name: "classify",
  about: "Says what is on a JPEG or PNG picture, by a network with ImageNet weights.",
  args: [{ name: "IMAGE", what: "a picture to classify", completes: "file" }],
  flags: {
    model: {
      value: "NAME",
      help: "torchvision/resnet50, timm/seresnet50, …",
      schema: z.string().optional(),
      completes: "model",
      required: true,
    },
    weights: {
      value: "FILE",
      help: "safetensors or .pth (docs/pretrained.md)",
      schema: z.string().optional(),
      completes: "file",
      required: true,
    },
    tag: {
      value: "TAG",
      help: "which of the library's weights these are, as each wants its pictures in another way",
      schema: z.string().optional(),
      otherwise: "the library's default",
    },
    top: { value: "N", help: "how many classes", schema: z.coerce.number().int().min(1).max(1000).default(5) },
    backend: {
      value: "NAME",
      help: "what computes",
      schema: z.enum(BACKEND_NAMES).optional(),
      otherwise: "the best that runs here",
    },
    json: { help: "for programs: { image, model, tag, backend, classes: [{ label, index, probability }] }" },
  },
  examples: ["convbench classify cat.jpg --model torchvision/resnet50 --weights resnet50.safetensors"],
});

/** What `convbench classify` was asked. */
export interface ClassifyRun {
  /** Path of the picture. */
  readonly image: string;
  /** The network. */
  readonly model: ModelName;
  /** Path of its weights. */
  readonly weights: string;
  /** Which of the library's weights they are. */
  readonly tag: string;
  /** How many classes are answered. */
  readonly top: number;
  /** The best that runs here where it is left out. */
  readonly backend?: BackendName;
  /** Whether the answer is for programs. */
  readonly json: boolean;
}

/**
 * The options of `convbench classify ARGS`.
 *
 * @throws {UsageError} Where a flag is unknown, a value is out of range, or picture, network or weights are not named.
 */
export function parseClassifyOptions(args: readonly string[]): ClassifyRun {
  const { flags, args: [image = ""] } = parseCommand(CLASSIFY, args);
  const { model: name, weights, tag, top, backend, json } = flags;
  if (name === undefined) throw new UsageError("Expected --model to name a network but found none");
  usage(() => imagenetPreprocessing(name, tag));
  const model = listModels().find((known) => known === name);
  if (model === undefined) {
    throw new UsageError(`Expected --model to be a network of this version but found ${show(name)}`);
  }
  if (weights === undefined) {
    throw new UsageError(
      `Expected --weights to name a file with the weights of ${model} but found none: export them with ` +
        `python3 tools/export_weights.py ${model} FILE --weights ${
          model.startsWith("timm/") ? "pretrained" : "DEFAULT"
        } ` +
        "(docs/pretrained.md)",
    );
  }
  const first = imagenetTags(model)[0] ?? "";
  return {
    image,
    model,
    weights,
    tag: tag ?? first,
    top,
    json,
    ...(backend === undefined ? {} : { backend }),
  };
}

async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new RangeError(`Expected a picture at ${path} but found no such file`, { cause: error });
  }
}

async function run({ image, model: name, weights, tag, top, backend, json }: ClassifyRun): Promise<void> {
  const picture = await decodeImage(await readPicture(image), { name: image });
  const chosen = await useBackend(backend);
  const preprocessing = imagenetPreprocessing(name, tag);
  const side = preprocessing.crop ?? 224;
  // Weights of one network may be for several sizes.
  const model = createModel(name, { inputShape: [side, side, 3] });
  try {
    await loadWeights(model, weights);
    const classes = await classify(model, picture, { top, preprocessing });
    if (json) {
      console.log(JSON.stringify({ image, model: name, tag, backend: chosen.name, classes }, null, 2));
      return;
    }
    console.log(`${image} by ${name} (${tag}) on ${chosen.name}`);
    for (const { label, index, probability } of classes) {
      console.log(`${(probability * 100).toFixed(2).padStart(6)} %  ${label} (${index})`);
    }
  } finally {
    model.dispose();
  }
}

/** Runs `convbench classify ARGS`; gives the exit code. */
export async function classifyCommand(args: readonly string[]): Promise<number> {
  await run(parseClassifyOptions(args));
  return 0;
}
