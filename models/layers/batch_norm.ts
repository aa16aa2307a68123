/**
 * Batch normalisation as a layer: batch statistics in training, moving ones in
 * evaluation (Ioffe and Szegedy 2015; d2l 8.5).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "@tensorflow/tfjs-layers";
import { z } from "zod";
import { show } from "../errors.ts";
import { batchNormTraining } from "../ops/batch_norm_training.ts";
import { movingAverage } from "../ops/moving_average.ts";
import { onlyOutput } from "../ops/op.ts";
import { DeclaredLayer, type LayerConfig, onlyShape, onlyTensor, parseLayerConfig, type WeightSpec } from "./layer.ts";
import { sameLayout } from "./weight_layout.ts";

/** Options of {@linkcode BatchNorm}; the defaults are those of `torch.nn.BatchNorm2d`. */
export interface BatchNormConfig extends LayerConfig {
  /** Added to the variance before its root is taken. @default {1e-5} */
  eps?: number;
  /** The share of the batch's statistics in the moving ones: PyTorch's convention, 1 minus TensorFlow's. @default {0.1} */
  momentum?: number;
  /**
   * Whose layer it is. `torch`: `weight`, `bias`, `running_mean` and `running_var`,
   * which moves towards the unbiased variance. `book`: d2l's scratch layer with
   * `gamma`, `beta`, and `moving_mean` and `moving_var` as plain attributes (not
   * buffers), which moves towards the biased variance.
   *
   * @default {"torch"}
   */
  definition?: "torch" | "book";
  /** What gamma starts as: 0 makes a residual block start as the identity (Goyal et al. 2017). @default {1} */
  initialGamma?: number;
}

/** Options of {@linkcode BatchNorm}, completed. */
export interface BatchNormLayerOptions {
  /** Added to the variance before its root is taken. */
  readonly eps: number;
  /** The share of the batch's statistics in the moving ones. */
  readonly momentum: number;
  /** Whose layer it is. */
  readonly definition: "torch" | "book";
  /** What gamma starts as. */
  readonly initialGamma: number;
}

const schema: z.ZodType<BatchNormLayerOptions> = z.strictObject({
  eps: z.number().positive().default(1e-5),
  momentum: z.number().min(0).max(1).default(0.1),
  definition: z.enum(["torch", "book"]).default("torch"),
  initialGamma: z.number().default(1),
});

const NAMES = {
  torch: { gamma: "weight", beta: "bias", mean: "running_mean", variance: "running_var", role: "buffer" },
  book: { gamma: "gamma", beta: "beta", mean: "moving_mean", variance: "moving_var", role: "attribute" },
} as const;

/**
 * `[N, C]` or `[N, H, W, C]` → the same shape. Four values a channel, of which two
 * are learned.
 *
 * @example Parameters and moving statistics
 * ```ts
 * import { BatchNorm } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const specs = new BatchNorm({}).weightSpecs([null, 28, 28, 6]);
 * assertEquals(specs.map(({ name, role }) => `${name}: ${role}`), [
 *   "weight: parameter",
 *   "bias: parameter",
 *   "running_mean: buffer",
 *   "running_var: buffer",
 * ]);
 * ```
 */
export class BatchNorm extends DeclaredLayer {
  /** The name it is serialised under. */
  static readonly className = "ConvbenchBatchNorm";
  /** The options, completed. */
  readonly options: BatchNormLayerOptions;

  /** Takes options; those left out have their defaults. */
  constructor(config: BatchNormConfig = {}) {
    super(config);
    this.options = parseLayerConfig(schema, config, "BatchNorm");
  }

  /** PyTorch's class name for it. */
  override typeName(inputShape: Shape): string {
    if (this.options.definition === "book") return "BatchNorm";
    return inputShape.length === 2 ? "BatchNorm1d" : "BatchNorm2d";
  }

  /** The weights, in PyTorch's order. */
  override weightSpecs(inputShape: Shape): WeightSpec[] {
    const channels = inputShape[inputShape.length - 1];
    if ((inputShape.length !== 2 && inputShape.length !== 4) || channels == null) {
      throw new RangeError(
        `Expected the input of ${this.name} to have 2 or 4 axes, channels last, but found shape ${show(inputShape)}`,
      );
    }
    const { definition, initialGamma } = this.options;
    const names = NAMES[definition];
    const torchShape = definition === "torch"
      ? [channels]
      : inputShape.length === 2
      ? [1, channels]
      : [1, channels, 1, 1];
    const spec = (name: string, role: WeightSpec["role"], value: number): WeightSpec => ({
      name,
      shape: [channels],
      layout: sameLayout(torchShape),
      role,
      initial: { kind: "constant", value },
    });
    return [
      spec(names.gamma, "parameter", initialGamma),
      spec(names.beta, "parameter", 0),
      spec(names.mean, names.role, 0),
      spec(names.variance, names.role, 1),
    ];
  }

  /** The shape of the output, the batch as it came. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return onlyShape(inputShape);
  }

  /** Runs the layer; tfjs calls it. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor {
    const x = onlyTensor(inputs);
    const { eps, definition } = this.options;
    const names = NAMES[definition];
    const gamma = this.read<tf.Tensor1D>(names.gamma);
    const beta = this.read<tf.Tensor1D>(names.beta);
    if (kwargs.training !== true) {
      const mean = this.read<tf.Tensor1D>(names.mean);
      const variance = this.read<tf.Tensor1D>(names.variance);
      return tf.batchNorm(x as tf.Tensor4D, mean, variance, beta, gamma, eps);
    }
    const count = x.size / gamma.size;
    const bessel = definition === "torch" ? count / (count - 1) : 1;
    if (!Number.isFinite(bessel)) {
      throw new RangeError(
        `Expected more than one value per channel in training of ${this.name} but found shape [${x.shape}]`,
      );
    }
    const [y, mean, variance] = batchNormTraining({ x, gamma, beta }, { eps });
    if (!y || !mean || !variance) throw new Error("BatchNormTraining gave fewer tensors than it should");
    this.#move(names.mean, mean);
    this.#move(names.variance, bessel === 1 ? variance : tf.mul(variance, bessel));
    return y;
  }

  #move(name: string, value: tf.Tensor): void {
    const old = this.read(name);
    this.variable(name).write(onlyOutput(movingAverage({ old, value }, { momentum: this.options.momentum })));
  }

  /** What a saved layer is made from again. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options };
  }
}
tf.serialization.registerClass(BatchNorm);
