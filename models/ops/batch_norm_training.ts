/**
 * Batch normalisation with the batch's own statistics, as one operation.
 *
 * tfjs composes it of eight broadcast operations, whose gradients reduce over
 * the whole activation again and again; backends can do both ways in two passes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defineOp, type Op } from "./op.ts";

type Inputs = { x: tf.Tensor; gamma: tf.Tensor; beta: tf.Tensor };
type GradInputs = { dy: tf.Tensor; x: tf.Tensor; gamma: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor };

/** Attributes of {@linkcode batchNormTraining}. */
export interface BatchNormTrainingAttributes {
  /** Added to the variance before its root is taken. */
  readonly eps: number;
}

const leadingAxes = (x: tf.Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, axis) => axis);

/**
 * `BatchNormTrainingGrad`: `{ dy, x, gamma, mean, variance }` → `[dx, dgamma, dbeta]`
 * (Ioffe and Szegedy 2015, section 3).
 */
const batchNormTrainingGrad: Op<GradInputs, BatchNormTrainingAttributes> = defineOp({
  kernelName: "BatchNormTrainingGrad",
  fallback: ({ dy, x, gamma, mean, variance }: GradInputs, { eps }: BatchNormTrainingAttributes) => {
    const axes = leadingAxes(x);
    const inverse = tf.rsqrt(tf.add(variance, eps));
    const normalized = tf.mul(tf.sub(x, mean), inverse);
    const dbeta = tf.sum(dy, axes);
    const dgamma = tf.sum(tf.mul(dy, normalized), axes);
    const count = x.size / gamma.size;
    const centred = tf.sub(dy, tf.div(tf.add(dbeta, tf.mul(normalized, dgamma)), count));
    return [tf.mul(centred, tf.mul(gamma, inverse)), dgamma, dbeta];
  },
});

/**
 * `BatchNormTraining`: `{ x, gamma, beta }` → `[y, mean, variance]`, channels last,
 * reduced over all other axes; the variance is biased. x, gamma and beta have
 * gradients, through the statistics too; mean and variance pass none back.
 */
export const batchNormTraining: Op<Inputs, BatchNormTrainingAttributes> = defineOp({
  kernelName: "BatchNormTraining",
  fallback: ({ x, gamma, beta }: Inputs, { eps }: BatchNormTrainingAttributes) => {
    const { mean, variance } = tf.moments(x, leadingAxes(x));
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, eps)));
    return [tf.add(tf.mul(tf.sub(x, mean), scale), beta), mean, variance];
  },
  gradient: {
    inputsToSave: ["x", "gamma"],
    outputsToSave: [false, true, true],
    gradFunc: (dys, saved, attrs) => {
      const [dy] = dys as tf.Tensor[];
      const [x, gamma, mean, variance] = saved;
      if (!dy || !x || !gamma || !mean || !variance) {
        throw new Error("BatchNormTraining saved fewer tensors than it needs");
      }
      const [dx, dgamma, dbeta] = batchNormTrainingGrad(
        { dy, x, gamma, mean, variance },
        attrs as unknown as BatchNormTrainingAttributes,
      );
      if (!dx || !dgamma || !dbeta) throw new Error("BatchNormTrainingGrad gave fewer tensors than it should");
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  },
});
