/**
 * Networks by name: list, create, describe.
 *
 * @module
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { closest } from "fastest-levenshtein";
import { minimatch } from "minimatch";
import { z } from "zod";
import { buildModel } from "./build.ts";
import { catalog, type ModelName } from "./catalog.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { describe, type ModelDescription } from "./describe.ts";
import { InputTooSmallError, parseConfig, show } from "./errors.ts";
import { INITIAL_SCHEMES, type InitialScheme } from "./initial_values.ts";

/** Options of {@linkcode describeModel}. */
export interface DescribeModelOptions {
  /** [height, width, channels] of one image; the network's own where it is left out. */
  inputShape?: readonly [number, number, number];
  /** Length of the output; the network's own where it is left out. */
  classes?: number;
  /** Dropout rate; the network's own where it is left out. */
  dropout?: number;
  /** Rate of stochastic depth in the last block; the network's own where it is left out. */
  stochasticDepth?: number;
}

/** Options of {@linkcode createModel}. */
export interface CreateModelOptions extends DescribeModelOptions {
  /**
   * Where weights and dropout masks start from: one seed, one model, on every backend. Masks follow from it too; on
   * tensorflow they are drawn by its own generator, and so are others than elsewhere.
   *
   * @default {0}
   */
  seed?: number;
  /** How weights start; as its source does where it is left out. */
  initializer?: InitialScheme;
}

const size = z.int().positive();
const rate = z.number().min(0).lt(1);
const describeOptions = z.strictObject({
  inputShape: z.tuple([size, size, size]).optional(),
  classes: size.optional(),
  dropout: rate.optional(),
  stochasticDepth: rate.optional(),
});
const createOptions = describeOptions.extend({
  seed: z.int().default(0),
  initializer: z.enum(INITIAL_SCHEMES).optional(),
});

/**
 * The names of the catalog that match `glob`, in its order. A glob without a slash
 * is matched against the part behind it, as timm's `list_models` does.
 *
 * @example
 * ```ts
 * import { listModels } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(listModels("*bnlenet*"), ["d2l/bnlenet", "d2l/bnlenet_scratch"]);
 * assertEquals(listModels("d2l/le*"), ["d2l/lenet"]);
 * ```
 */
export function listModels(glob = "**"): ModelName[] {
  return (Object.keys(catalog) as ModelName[]).filter((name) => minimatch(name, glob, { matchBase: true }));
}

function entryOf(name: string): CatalogEntry {
  if (!Object.hasOwn(catalog, name)) {
    const nearest = closest(name, Object.keys(catalog));
    throw new RangeError(`Expected name to be a model of listModels() but found ${show(name)}: is it ${show(nearest)}`);
  }
  return catalog[name as ModelName];
}

/** The least size along `axis` for which the network has an output, the other axis being large. */
function minimumSize(
  fits: (height: number, width: number) => boolean,
  axis: 0 | 1,
): number {
  const LARGE = 4096;
  let [low, high] = [0, LARGE];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (axis === 0 ? fits(middle, LARGE) : fits(LARGE, middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Describes a network of the catalog, or says which size it needs at least.
 */
function describeEntry(name: string, entry: CatalogEntry, options: DescribeModelOptions): ModelDescription {
  const { inputShape = entry.inputShape, classes = entry.classes, dropout, stochasticDepth } = options;
  const block = entry.block({ classes, dropout, stochasticDepth });
  try {
    return describe(block, { inputShape });
  } catch (error) {
    if (!(error instanceof InputTooSmallError)) throw error;
    const fits = (height: number, width: number) => {
      try {
        describe(block, { inputShape: [height, width, inputShape[2]] });
        return true;
      } catch (error) {
        if (error instanceof InputTooSmallError) return false;
        throw error;
      }
    };
    for (const axis of [0, 1] as const) {
      const minimum = minimumSize(fits, axis);
      if (inputShape[axis] < minimum) {
        throw new RangeError(
          `Expected inputShape[${axis}] to be at least ${minimum} for ${name} but found ${inputShape[axis]}`,
        );
      }
    }
    throw error;
  }
}

/**
 * What the network `name` is: layers, shapes, parameters, cost. Nothing is
 * allocated and no backend is needed.
 *
 * @throws {RangeError} Where the name is unknown, or a size is not positive or too small for the network.
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { describeModel } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, macs, outputShape } = describeModel("d2l/lenet");
 * assertEquals({ params, macs, outputShape }, { params: 61_706, macs: 416_520, outputShape: [null, 10] });
 * ```
 */
export function describeModel(name: ModelName, options: DescribeModelOptions = {}): ModelDescription {
  const entry = entryOf(name);
  return describeEntry(name, entry, defined(parseConfig(describeOptions, options, "describeModel()")));
}

/**
 * Builds the network `name` on the current backend, as an ordinary `tf.LayersModel`
 * from `[N, ...inputShape]` to logits `[N, classes]`. The caller owns it.
 *
 * @throws {RangeError} Where the name is unknown, or a size is not positive or too small for the network.
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 * @throws {Error} Where no backend is chosen.
 *
 * @example
 * ```ts
 * import { createModel, useBackend } from "@convbench/convbench";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const model = createModel("d2l/bnlenet", { seed: 42 });
 * const logits = tf.tidy(() => model.apply(tf.zeros([2, 28, 28, 1])) as tf.Tensor);
 * assertEquals(logits.shape, [2, 10]);
 * logits.dispose();
 * model.dispose();
 * ```
 */
export function createModel(name: ModelName, options: CreateModelOptions = {}): LayersModel {
  const entry = entryOf(name);
  const { seed, initializer = entry.initializer, ...rest } = parseConfig(createOptions, options, "createModel()");
  const network = defined(rest);
  describeEntry(name, entry, network);
  const { inputShape = entry.inputShape, classes = entry.classes, dropout, stochasticDepth } = network;
  return buildModel(entry.block({ classes, dropout, stochasticDepth }), {
    inputShape,
    name,
    seed,
    initializer,
  });
}

/** `options` without what is undefined, as exact optional properties want it. */
function defined(
  options: { [Key in keyof DescribeModelOptions]: DescribeModelOptions[Key] | undefined },
): DescribeModelOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
