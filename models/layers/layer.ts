/**
 * The base of every layer of this project. A layer declares its weights and its
 * cost as functions of the input shape: a model is then described without being
 * allocated, and built by the same declaration.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type initializers, layers, type Shape } from "@tensorflow/tfjs-layers";
import type { z } from "zod";
import { parseConfig, show } from "../errors.ts";
import { type InitialScheme, type InitialValue, initialValues } from "../initial_values.ts";
import { own } from "../ops/write_values.ts";
import { hashSeed } from "../random.ts";
import type { WeightLayout } from "./weight_layout.ts";

/** One weight of a layer. */
export interface WeightSpec {
  /** PyTorch's attribute name: `weight`, `running_mean`, or `gamma` in the book's own layer. */
  readonly name: string;
  /** The shape of the tensor that the layer holds. */
  readonly shape: readonly number[];
  /** Where each value stands in PyTorch's tensor. */
  readonly layout: WeightLayout;
  /**
   * `parameter`: learned. `buffer`: moving statistics that PyTorch registers.
   * `attribute`: what the book's layer keeps beside both.
   */
  readonly role: "parameter" | "buffer" | "attribute";
  /** How the weight starts. */
  readonly initial: InitialValue;
}

/** A variable of tfjs-layers, by the specification it was made from. */
export interface DeclaredWeight {
  /** What it was made from. */
  readonly spec: WeightSpec;
  /** Its variable. */
  readonly variable: layers.Layer["weights"][number];
}

/** Where a layer's random numbers start from. */
export interface Seeding {
  /** The model's seed; each weight hashes its own name into it. */
  readonly seed: number;
  /** How weights start. */
  readonly scheme: InitialScheme;
}

/** What every layer's constructor takes beside its own options. */
export interface LayerConfig {
  /** The layer's name: its path in PyTorch's definition of the model. */
  name?: string;
}

/** What every layer has in the configuration that it is saved with, beside its own options. */
const TFJS_KEYS: readonly string[] = ["name", "trainable", "dtype", "batchInputShape", "customObjects", "position"];

/**
 * A layer's own options, checked and completed by `schema`; `type` names the layer
 * that has no name yet.
 *
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 * @throws {RangeError} Where an option is out of range.
 */
export function parseLayerConfig<Schema extends z.ZodType>(
  schema: Schema,
  config: object,
  type: string,
): z.output<Schema> {
  const { name = type } = config as LayerConfig;
  const own = Object.entries(config).filter(([key]) => !TFJS_KEYS.includes(key));
  return parseConfig(schema, Object.fromEntries(own), name);
}

/** The tensors of `inputs`, as tfjs hands them to `call()`. */
export function tensorsOf(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(inputs) ? inputs : [inputs];
}

/** The only tensor of `inputs`, as most layers take it. */
export function onlyTensor<Rank extends tf.Tensor = tf.Tensor>(inputs: tf.Tensor | tf.Tensor[]): Rank {
  const [tensor, ...others] = tensorsOf(inputs);
  if (tensor === undefined || others.length > 0) {
    throw new RangeError(`Expected inputs to be one tensor but found ${others.length + (tensor ? 1 : 0)}`);
  }
  return tensor as Rank;
}

/** The only shape of `shapes`, as `computeOutputShape()` and `build()` get them. */
export function onlyShape(shapes: Shape | Shape[]): Shape {
  const [first] = shapes;
  if (!Array.isArray(first)) return shapes as Shape;
  if (shapes.length !== 1) throw new RangeError(`Expected inputShape to be one shape but found ${shapes.length}`);
  return first;
}

/**
 * Height, width and channels of an NHWC shape.
 *
 * @throws {RangeError} Where the shape has not four axes, or one of the three is unknown.
 */
export function imageSize(shape: Shape, subject: string): [height: number, width: number, channels: number] {
  const [, height, width, channels, ...rest] = shape;
  if (shape.length !== 4 || rest.length > 0 || height == null || width == null || channels == null) {
    throw new RangeError(
      `Expected the input of ${subject} to have shape [batch, height, width, channels] but found ${show(shape)}`,
    );
  }
  return [height, width, channels];
}

/** A `tf.layers.Layer` that can say what it will hold and cost before it exists. */
export abstract class DeclaredLayer extends layers.Layer {
  /** The weights, once built, in PyTorch's order. */
  declaredWeights: readonly DeclaredWeight[] = [];
  /** Where the layer stands in PyTorch's definition of its model; state dicts are in this order. */
  position: number | undefined;
  #seeding: Seeding = { seed: 0, scheme: "torchDefault" };

  /** Takes what every layer has. */
  constructor(config: LayerConfig & { position?: number } = {}) {
    super(config);
    this.position = config.position;
  }

  /** PyTorch's class name for what this layer does to an input of that shape. */
  abstract typeName(inputShape: Shape): string;

  /** The shape of the output, the batch as it came. */
  abstract override computeOutputShape(inputShape: Shape | Shape[]): Shape;

  /** The weights this layer will hold for `inputShape` (NHWC, batch first), in PyTorch's order. */
  weightSpecs(_inputShape: Shape): WeightSpec[] {
    return [];
  }

  /** Multiply-accumulates for one image of `inputShape`; only convolutions and linear layers have any. */
  macs(_inputShape: Shape): number {
    return 0;
  }

  /** Says where random numbers start from; has no effect on weights that are there already. */
  seedWith(seeding: Seeding): void {
    this.#seeding = seeding;
  }

  /** Makes the weights; tfjs calls it. */
  override build(inputShape: Shape | Shape[]): void {
    const { seed, scheme } = this.#seeding;
    const [first] = inputShape;
    this.declaredWeights = this.weightSpecs((Array.isArray(first) ? first : inputShape) as Shape).map((spec) => {
      const initializer = {
        apply: () =>
          tf.tensor(
            own(initialValues(spec.initial, tf.util.sizeFromShape([...spec.shape]), {
              scheme,
              seed: hashSeed(seed, `${this.name}.${spec.name}`),
            })),
            [...spec.shape],
          ),
      } as unknown as ReturnType<typeof initializers.zeros>;
      const trainable = spec.role === "parameter";
      return {
        spec,
        variable: this.addWeight(spec.name, [...spec.shape], "float32", initializer, undefined, trainable),
      };
    });
    this.built = true;
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.position === undefined ? {} : { position: this.position }) };
  }

  /** The variable of the weight called `name`. */
  protected variable(name: string): DeclaredWeight["variable"] {
    const weight = this.declaredWeights.find(({ spec }) => spec.name === name);
    if (weight === undefined) throw new RangeError(`Expected ${this.name} to hold a weight called ${name}`);
    return weight.variable;
  }

  /** The value of the weight called `name`, for `call()`; the layer owns it. */
  protected read<T extends tf.Tensor = tf.Tensor>(name: string): T {
    return this.variable(name).read() as T;
  }
}
