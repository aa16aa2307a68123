/**
 * The notes' run as a command: a network of the catalog on Fashion-MNIST. Deno only.
 *
 * @module
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../backends/select.ts";
import type { BackendName } from "../backends/source.ts";
import { type DownloadProgress, fashionMnist } from "../data/mod.ts";
import { ProgressBar } from "../data/progress_bar.ts";
import { writeWhole } from "../data/whole_file.ts";
import { BatchNorm } from "../models/layers/batch_norm.ts";
import type { ModelName } from "../models/catalog.ts";
import { createModel } from "../models/registry.ts";
import { stateDict } from "../models/state_dict.ts";
import type { EpochRecord } from "./checkpoint.ts";
import { curvesSvg } from "./curves.ts";
import { fit, type StepReport } from "./fit.ts";
import { auxiliaryLossWeights } from "./loss.ts";
import { SGD } from "./sgd.ts";

/** Options of {@linkcode trainRun}. */
export interface TrainRunOptions {
  /** The network. */
  readonly model: ModelName;
  /** Passes over the set. */
  readonly epochs: number;
  /** Images in a batch. */
  readonly batchSize: number;
  /** Step size of SGD. */
  readonly learningRate: number;
  /** Of SGD. */
  readonly momentum: number;
  /** Of SGD. */
  readonly weightDecay: number;
  /** Of the weights and of the order. */
  readonly seed: number;
  /** Which data set is loaded. */
  readonly source: "auto" | "full" | "sample";
  /** The backend; the best that runs here where it is left out. */
  readonly backend?: BackendName;
  /** The folder for checkpoint, history and curves. */
  readonly out: string;
  /** Whether to go on from the folder's checkpoint. */
  readonly resume: boolean;
}

async function readCheckpoint(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw new RangeError(`Expected a checkpoint to resume from at ${path} but found none that can be read`, { cause });
  }
}

const percent = (share: number | undefined): string => share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;

function epochLine({ epoch, trainLoss, trainAccuracy, validationAccuracy, imagesPerSecond }: EpochRecord): string {
  return `epoch ${epoch}: loss ${trainLoss.toFixed(3)}, accuracy ${percent(trainAccuracy)} in training, ` +
    `${percent(validationAccuracy)} in validation, ${Math.round(imagesPerSecond)} images/s`;
}

/** Gamma and beta of the first BatchNorm, as the notes print them; undefined where the net has none. */
async function firstBatchNorm(model: LayersModel): Promise<string | undefined> {
  const layer = model.layers.find((layer): layer is BatchNorm => layer instanceof BatchNorm);
  if (layer === undefined) return undefined;
  const dict = await stateDict(model);
  const values = (name: string) =>
    Array.from(dict[`${layer.name}.${name}`]?.data ?? [], (v) => v.toFixed(4)).join(", ");
  const [gamma = "", beta = ""] = layer.declaredWeights.map(({ spec }) => spec.name);
  return `${layer.name} gamma: [${values(gamma)}]\n${layer.name} beta:  [${values(beta)}]`;
}

/**
 * Trains, prints, and leaves `checkpoint.safetensors`, `history.json` and
 * `curves.svg` in the folder. Ctrl-C ends it after the step under way, with a
 * checkpoint to resume from.
 */
export async function trainRun(options: TrainRunOptions): Promise<EpochRecord[]> {
  const { model: name, epochs, batchSize, learningRate, momentum, weightDecay, seed, source, out, resume } = options;
  const checkpoint = `${out}/checkpoint.safetensors`;
  const saved = resume ? await readCheckpoint(checkpoint) : undefined;
  const { name: backend } = await useBackend(options.backend);
  const downloading = new ProgressBar("{file} {bar} {percentage} % | ETA {eta_formatted}");
  const data = await fashionMnist({
    source,
    onProgress: ({ file, received, total }: DownloadProgress) => {
      if (total !== undefined) downloading.update(received, total, { file });
    },
  });
  downloading.stop();
  if (data.note !== undefined) console.error(data.note);
  console.log(`${name} on Fashion-MNIST (${data.train.count} images, ${data.source}), backend ${backend}`);
  await Deno.mkdir(out, { recursive: true });

  const stop = new AbortController();
  const interrupt = () => stop.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  const model = createModel(name, { seed });
  const optimizer = new SGD({ learningRate, momentum, weightDecay });
  const bar = new ProgressBar(
    "epoch {epoch} {bar} {value}/{total} | loss {loss} | {speed} images/s | ETA {eta_formatted}",
  );
  try {
    const { history, aborted } = await fit(model, data.train, {
      optimizer,
      epochs,
      batchSize,
      seed,
      validation: data.test,
      lossWeights: auxiliaryLossWeights(model.outputs.length),
      signal: stop.signal,
      ...(saved === undefined ? {} : { resume: saved }),
      saveCheckpoint: (bytes) => writeWhole(checkpoint, bytes),
      onStep: ({ epoch, step, stepsPerEpoch, meanLoss, imagesPerSecond }: StepReport) =>
        bar.update(step, stepsPerEpoch, {
          epoch: `${epoch}/${epochs}`,
          loss: meanLoss.toFixed(3),
          speed: imagesPerSecond.toFixed(0),
        }),
      onEpoch: (record) => {
        bar.stop();
        console.log(epochLine(record));
      },
    });
    bar.stop();
    if (aborted) console.log(`Stopped; go on with --resume from ${checkpoint}`);
    const norm = await firstBatchNorm(model);
    if (norm !== undefined) console.log(norm);
    await writeWhole(`${out}/history.json`, JSON.stringify({ options, backend, data: data.source, history }, null, 2));
    if (history.length > 0) await writeWhole(`${out}/curves.svg`, curvesSvg(history, `${name} on Fashion-MNIST`));
    console.log(`Wrote ${out}/checkpoint.safetensors, history.json and curves.svg`);
    return history;
  } finally {
    bar.stop();
    Deno.removeSignalListener("SIGINT", interrupt);
    optimizer.dispose();
    model.dispose();
  }
}
