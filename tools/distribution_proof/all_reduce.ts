/**
 * The mean of tensors over the workers of a cluster, and an optimizer that takes it of its gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { float, ints, text, type } from "../../backends/tensorflow/kernels/kernel.ts";
import { ATTRIBUTE_TYPES } from "../../backends/tensorflow/binding/constants.ts";
import type { KernelAttribute, NodeBackend } from "../../backends/tensorflow/upstream.ts";
import { SGD, type SGDConfig } from "../../training/sgd.ts";

/** How workers are reduced over. */
export interface AllReduceOptions {
  /** How many take part. */
  readonly workers: number;
  /** After how long an op that waits for the others fails, in seconds; never where it is 0. */
  readonly timeoutSeconds: number;
}

const integer = (name: string, value: number): KernelAttribute => ({
  name,
  type: ATTRIBUTE_TYPES.TF_ATTR_INT,
  value,
});

/**
 * One tensor's mean over all workers: `CollectiveReduce`, which waits until each of them has called it. Its keys are
 * attributes; those of `CollectiveReduceV2` are inputs, which end in a list that the recorder of functions cannot write.
 */
function reduceOne(x: tf.Tensor, { workers, timeoutSeconds }: AllReduceOptions): tf.Tensor {
  return (tf.backend() as NodeBackend).executeSingleOutput("CollectiveReduce", [
    type("T", x.dtype),
    integer("group_size", workers),
    integer("group_key", 1),
    integer("instance_key", 1),
    text("merge_op", "Add"),
    text("final_op", "Div"),
    ints("subdiv_offsets", [0]),
    ints("wait_for", []),
    text("communication_hint", "ring"),
    float("timeout_seconds", timeoutSeconds),
  ], [x]);
}

/** The mean of each tensor over all workers, in one exchange of one vector: as PyTorch's DDP fills a bucket. */
export function allReduceMean(tensors: tf.NamedTensorMap, options: AllReduceOptions): tf.NamedTensorMap {
  return tf.tidy(() => {
    const entries = Object.entries(tensors);
    const flat = reduceOne(tf.concat(entries.map(([, tensor]) => tf.reshape(tensor, [-1]))), options);
    const parts = tf.split(flat, entries.map(([, { size }]) => size));
    return Object.fromEntries(entries.map(([name, { shape }], i) => [name, tf.reshape(parts[i] as tf.Tensor, shape)]));
  });
}

/** SGD on the mean of all workers' gradients, so that their weights stay alike: Horovod's `DistributedOptimizer`. */
export class DistributedSGD extends SGD {
  readonly #options: AllReduceOptions;

  /** Takes SGD's options and the cluster's. */
  constructor(config: SGDConfig, options: AllReduceOptions) {
    super(config);
    this.#options = options;
  }

  /**
   * One step of the variables that `gradients` name, by the mean of what each worker calls it with.
   *
   * @throws {TensorFlowError} Where another worker is lost; no weight has moved then.
   */
  override applyGradients(gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[]): void {
    const named = Array.isArray(gradients)
      ? Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor]))
      : gradients;
    tf.tidy(() => super.applyGradients(allReduceMean(named, this.#options)));
  }
}
