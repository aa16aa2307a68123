/**
 * What the machine itself can do, on the current backend: the fastest matrix product,
 * the fastest convolution, and how fast memory is copied. The best of many, so that
 * what a network reaches can be held against it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentCompiler, type Precision } from "../../backends/compiler.ts";
import { type ConvolutionCase, CONVOLUTIONS, flops, outputSizeOf } from "../kernel_cases.ts";
import type { Message } from "./messages.ts";

/** One thing that is tried. */
export interface PeakTrial {
  /** What it tells of. */
  readonly of: "matmul" | "convolution" | "copy";
  /** Floating point operations, or bytes read and written, of one run. */
  readonly amount: number;
  /** Puts its inputs on the device. */
  readonly prepare: () => tf.Tensor[];
  /** One run. */
  readonly run: (inputs: readonly tf.Tensor[]) => tf.Tensor;
}

/**
 * A GPU's peak needs more work at once than a core's. Runs on a CPU are short: the
 * best of many is the machine's own, whatever else runs on it.
 */
const SIZES = {
  cpu: { products: [512, 1024], images: 0.25, copies: [20, 22, 24] },
  gpu: { products: [4096, 8192], images: 8, copies: [24, 26, 28] },
} as const;

function product(size: number): PeakTrial {
  return {
    of: "matmul",
    amount: 2 * size ** 3,
    prepare: () => [tf.randomUniform([size, size]), tf.randomUniform([size, size])],
    run: ([a, b]) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
  };
}

function convolution(given: ConvolutionCase, times: number): PeakTrial {
  const { size, channels, filters, kernelSize, stride, padding } = given;
  const batch = given.batch * times;
  const output = outputSizeOf(given);
  return {
    of: "convolution",
    amount: flops({ ...given, batch }),
    prepare: () => [
      tf.randomUniform([batch, size, size, channels]),
      tf.randomUniform([kernelSize, kernelSize, channels, filters]),
    ],
    run: ([x, filter]) => {
      const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
      tf.util.assertShapesMatch(y.shape, [batch, output, output, filters], "peak convolution: ");
      return y;
    },
  };
}

/** Two ways to read as much as is written: which is faster differs between backends. */
function copies(floats: number): PeakTrial[] {
  const BYTES = Float32Array.BYTES_PER_ELEMENT;
  return [{
    of: "copy",
    amount: 2 * floats * BYTES,
    prepare: () => [tf.randomUniform([floats])],
    run: ([x]) => tf.relu(x as tf.Tensor),
  }, {
    of: "copy",
    amount: 4 * floats * BYTES,
    prepare: () => [tf.randomUniform([floats])],
    run: ([x]) => tf.concat1d([x as tf.Tensor1D, x as tf.Tensor1D]),
  }];
}

/**
 * All that is tried. Convolutions with few channels or a large stride are left out:
 * they never are the fastest. Copies are of several sizes, as caches may serve small ones.
 */
export function peakTrials(device: "cpu" | "gpu"): PeakTrial[] {
  const { products, images, copies: sizes } = SIZES[device];
  return [
    ...products.map(product),
    ...CONVOLUTIONS.filter(({ channels, stride }) => channels >= 64 && stride === 1)
      .map((given) => convolution(given, images)),
    ...sizes.flatMap((power) => copies(2 ** power)),
  ];
}

/** Runs of a trial: at least so many, and as many as fit into the time. */
const LEAST_RUNS = 5;
const TRIAL_MS = 300;

/** How it is run, as networks are. */
interface Execution {
  readonly compiled?: boolean | undefined;
  readonly precision?: Precision | undefined;
}

/** Amount a second of the fastest run, after one that does not count. */
async function best(
  { amount, prepare, run: plain }: PeakTrial,
  { compiled = false, precision = "float32" }: Execution,
  now: () => number,
): Promise<number> {
  const inputs = prepare();
  const whole = compiled
    ? currentCompiler()?.compile((...inputs: tf.Tensor[]) => plain(inputs), { precision })
    : undefined;
  const run = whole === undefined ? plain : (inputs: readonly tf.Tensor[]) => whole(...inputs);
  // The device is waited for by reading one value of what was computed last.
  const timed = async () => {
    const start = now();
    const output = run(inputs);
    const first = tf.tidy(() => tf.slice(tf.reshape(output, [-1]), 0, 1));
    await first.data();
    const ms = now() - start;
    tf.dispose([output, first]);
    return ms;
  };
  await timed();
  let fastest = Infinity;
  const begin = now();
  for (let runs = 0; runs < LEAST_RUNS || now() - begin < TRIAL_MS; runs++) fastest = Math.min(fastest, await timed());
  whole?.dispose();
  tf.dispose(inputs);
  return amount * 1000 / fastest;
}

/** Tries all and tells each: the best of a kind is for the reader to find. */
export async function measurePeak(
  device: "cpu" | "gpu",
  tell: (message: Message) => void,
  { trials = peakTrials(device), now = () => performance.now(), ...how }:
    & { trials?: PeakTrial[]; now?: () => number }
    & Execution = {},
): Promise<void> {
  for (const trial of trials) tell({ type: "peak", of: trial.of, perSecond: await best(trial, how, now) });
}
