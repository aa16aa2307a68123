/**
 * Logs for TensorBoard.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { runningBinding } from "./start.ts";
import type { NodeBackend } from "./upstream.ts";

/** What tfjs-node's backend has for logs. */
interface SummaryBackend extends NodeBackend {
  summaryWriter(folder: string): tf.Tensor;
  createSummaryFileWriter(writer: tf.Tensor, folder: string): void;
  writeScalarSummary(writer: tf.Tensor, step: number, name: string, value: number): void;
  writeHistogramSummary(writer: tf.Tensor, step: number, name: string, data: tf.Tensor, buckets?: number): void;
  flushSummaryWriter(writer: tf.Tensor): void;
}

/** Writes one log. */
export interface SummaryWriter {
  /** A number at a step. */
  scalar(name: string, value: number, step: number): void;
  /** The distribution of a tensor's values at a step. */
  histogram(name: string, data: tf.Tensor, step: number, buckets?: number): void;
  /** Writes what is held back. */
  flush(): void;
  /** Writes what is held back and closes the log. */
  dispose(): void;
}

/**
 * A log for TensorBoard in `folder`, which is made where it is missing. The caller disposes it.
 *
 * @throws {Error} Where TensorFlow does not run.
 *
 * @example
 * ```ts ignore
 * import { summaryWriter } from "@convbench/convbench/tensorflow";
 * import { fashionMnist, createModel, fit, useBackend } from "@convbench/convbench";
 *
 * await useBackend("tensorflow");
 * const log = summaryWriter("./logs");
 * log.scalar("loss", 0.5, 0);
 * log.dispose();
 * ```
 */
export function summaryWriter(folder: string): SummaryWriter {
  runningBinding("summaryWriter()");
  const backend = tf.findBackend("tensorflow") as SummaryBackend;
  const writer = tf.tidy(() => {
    const writer = backend.summaryWriter(folder);
    backend.createSummaryFileWriter(writer, folder);
    return tf.keep(writer);
  });
  return {
    scalar: (name, value, step) => backend.writeScalarSummary(writer, step, name, value),
    histogram: (name, data, step, buckets) => backend.writeHistogramSummary(writer, step, name, data, buckets),
    flush: () => backend.flushSummaryWriter(writer),
    dispose() {
      backend.flushSummaryWriter(writer);
      backend.executeMultipleOutputs("CloseSummaryWriter", [], [writer], 0);
      writer.dispose();
    },
  };
}
