/**
 * One process of the proof: takes steps on its share of the batch and prints what they came to.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../../backends/select.ts";
import { runningBinding } from "../../backends/tensorflow/start.ts";
import { syntheticBatch } from "../../data/synthetic.ts";
import { createModel } from "../../models/registry.ts";
import { SGD } from "../../training/sgd.ts";
import { trainStep } from "../../training/train_step.ts";
import { DistributedSGD } from "./all_reduce.ts";
import { joinCluster } from "./cluster.ts";

/** What a process is told. */
export interface Task {
  /** `host:port` of each worker; one process alone where there are none. */
  readonly addresses: readonly string[];
  /** Which worker it is. */
  readonly task: number;
  /** Images in the batch of all workers together. */
  readonly batchSize: number;
  readonly steps: number;
  readonly compile: boolean;
  /** After how long a step that waits for the others fails; never where it is 0. */
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds?: number;
  /** What happens to it before which step: the signal is SIGKILL, or SIGSTOP for a machine that hangs. */
  readonly fault?: { readonly before: number; readonly signal: "SIGKILL" | "SIGSTOP" };
}

/** What it prints, as JSON. */
export interface Outcome {
  readonly losses: readonly number[];
  readonly weights: readonly (readonly number[])[];
  /** Milliseconds of each step. */
  readonly milliseconds: readonly number[];
  /** Tensors that are alive at the end. */
  readonly leaked: number;
  /** The step that failed, which was the last one. */
  readonly failure?: {
    readonly message: string;
    /** Whether the weights are what they were before it. */
    readonly weightsKept: boolean;
  };
}

/** The images and labels of a worker in a step: neighbours in the batch of all. The caller owns them. */
function shareOf({ addresses, task, batchSize }: Task, step: number): [images: tf.Tensor, labels: tf.Tensor] {
  const { images, labels } = syntheticBatch({ batchSize, inputShape: [28, 28, 1], classes: 10, seed: step });
  const share = batchSize / Math.max(addresses.length, 1);
  const parts = [images, labels].map((all) => tf.slice(all, task * share, share));
  tf.dispose([images, labels]);
  return parts as [tf.Tensor, tf.Tensor];
}

async function work(told: Task): Promise<Outcome> {
  const { addresses, task, steps, compile, timeoutSeconds, heartbeatSeconds, fault } = told;
  const { features } = await useBackend("tensorflow", { device: "cpu" });
  const workers = Math.max(addresses.length, 1);
  if (addresses.length > 0) {
    const { context } = runningBinding("joinCluster()");
    joinCluster(context, String(features["library"]), { addresses, task, heartbeatSeconds });
  }
  const { numTensors } = tf.memory();
  const model = createModel("d2l/lenet", { seed: 1 });
  const optimizer = workers === 1
    ? new SGD({ learningRate: 0.1 })
    : new DistributedSGD({ learningRate: 0.1 }, { workers, timeoutSeconds });
  const step = trainStep(model, optimizer, undefined, { compile });
  const readWeights = () => model.getWeights().map((weight) => Array.from(weight.dataSync()));
  const [losses, milliseconds]: [number[], number[]] = [[], []];
  let failure: Outcome["failure"];
  for (let at = 0; at < steps && failure === undefined; at++) {
    if (at === fault?.before) Deno.kill(Deno.pid, fault.signal);
    const [images, labels] = shareOf(told, at);
    const before = readWeights();
    const started = performance.now();
    try {
      const { loss } = step(images, labels);
      losses.push((await loss.data())[0] ?? NaN);
      loss.dispose();
    } catch (error) {
      failure = { message: `${error}`, weightsKept: isDeepStrictEqual(before, readWeights()) };
    }
    milliseconds.push(performance.now() - started);
    tf.dispose([images, labels]);
  }
  const weights = readWeights();
  step.dispose();
  optimizer.dispose();
  model.dispose();
  const leaked = tf.memory().numTensors - numTensors;
  return { losses, weights, milliseconds, leaked, ...(failure === undefined ? {} : { failure }) };
}

if (import.meta.main) console.log(JSON.stringify(await work(JSON.parse(Deno.args[0] ?? "{}"))));
