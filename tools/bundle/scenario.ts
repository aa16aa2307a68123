/**
 * What every runtime has to compute alike: predictions, a step of training and
 * weights from a file, on cpu and on wasm.
 *
 * @module
 */
import {
  availableBackends,
  createModel,
  fashionMnist,
  fit,
  type ImageSet,
  loadWeights,
  SGD,
  useBackend,
} from "@convbench/convbench";
import * as tf from "@tensorflow/tfjs-core";

/** The model that is run. */
export const MODEL = "d2l/bnlenet";

/** The seed of the model whose weights the file holds. */
export const FILE_SEED = 2;

const COUNT = 8;

/** What one backend computed. */
export interface BackendNumbers {
  /** `[8, 10]`, flat: the fresh model in evaluation mode. */
  readonly logits: number[];
  /**
   * As `logits`, in training mode. Those of a fresh network in evaluation mode hardly depend on the images, as
   * four sigmoids flatten what its untouched statistics let through; these do.
   */
  readonly batchLogits: number[];
  /** Of the one step of training. */
  readonly loss: number;
  /** As `logits`, after that step. */
  readonly trained: number[];
  /** As `logits`, with the file's weights. */
  readonly loaded: number[];
  /** As `logits`, of the model that the file was written from. */
  readonly expectedLoaded: number[];
  /** Tensors that outlived their models. */
  readonly leaked: number;
}

/** What one runtime computed. */
export interface Numbers {
  readonly cpu: BackendNumbers;
  readonly wasm: BackendNumbers;
  /** Facts about the wasm backend. */
  readonly features: Readonly<Record<string, string | number | boolean>>;
  /** The backends that `availableBackends()` found. */
  readonly available: string[];
  /** How many images `fashionMnist()` loaded, or its error. */
  readonly fashionMnist: string;
  /** Milliseconds for all of it. */
  readonly ms: number;
}

/** Images without a random generator or a function that rounds differently elsewhere. */
function images(): ImageSet {
  return {
    images: Uint8Array.from({ length: COUNT * 28 * 28 }, (_, i) => (i * 37 + Math.floor(i / 784) * 101) % 251),
    labels: Uint8Array.from({ length: COUNT }, (_, i) => (i * 3) % 10),
    count: COUNT,
    height: 28,
    width: 28,
    channels: 1,
  };
}

async function backendNumbers(weights: string | Blob): Promise<BackendNumbers> {
  const before = tf.memory().numTensors;
  const set = images();
  const predict = (model: ReturnType<typeof createModel>, training = false): number[] =>
    tf.tidy(() => {
      const pixels = tf.tensor4d(Float32Array.from(set.images, (pixel) => pixel / 255), [COUNT, 28, 28, 1]);
      const output = training ? model.apply(pixels, { training }) : model.predict(pixels);
      return [...(output as tf.Tensor).dataSync()];
    });

  const model = createModel(MODEL, { seed: 1 });
  const logits = predict(model);
  const batchLogits = predict(model, true);
  const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
  let loss = NaN;
  await fit(model, set, { optimizer, batchSize: COUNT, onStep: (report) => loss = report.loss });
  const trained = predict(model);
  await loadWeights(model, weights);
  const loaded = predict(model);
  optimizer.dispose();
  model.dispose();

  const written = createModel(MODEL, { seed: FILE_SEED });
  const expectedLoaded = predict(written);
  written.dispose();
  return { logits, batchLogits, loss, trained, loaded, expectedLoaded, leaked: tf.memory().numTensors - before };
}

async function tryFashionMnist(): Promise<string> {
  try {
    return String((await fashionMnist({ source: "sample" })).train.count);
  } catch (error) {
    return String(error);
  }
}

/** Runs all of it; `weights` is a safetensors file of the model with {@linkcode FILE_SEED}. */
export async function scenario(weights: string | Blob, wasmPath?: string): Promise<Numbers> {
  const started = performance.now();
  await useBackend("cpu");
  const cpu = await backendNumbers(weights);
  const options = wasmPath === undefined ? {} : { wasmPath };
  await useBackend("wasm", options);
  const wasm = await backendNumbers(weights);
  // A page may choose again, with the same options.
  await useBackend("cpu");
  const { features } = await useBackend("wasm", options);
  return {
    cpu,
    wasm,
    features,
    available: (await availableBackends()).filter(({ available }) => available).map(({ name }) => name),
    fashionMnist: await tryFashionMnist(),
    ms: Math.round(performance.now() - started),
  };
}
