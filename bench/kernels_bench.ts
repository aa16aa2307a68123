/**
 * This project's wasm kernels beside tfjs': the convolutions of chapter 8, both
 * gradients, against the machine's own matrix product.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { upstreamKernel } from "../backends/wasm/mod.ts";
import { type ConvolutionCase, CONVOLUTIONS, flops, outputSizeOf } from "./kernel_cases.ts";
import { label } from "./label.ts";
import { parseBenchOptions, useBenchBackend } from "./options.ts";

const GEMM = 1024;
const SLOW = 1;

const options = parseBenchOptions(Deno.args);
const { models, iterations } = options;
// A run that is narrowed to some models, or on another backend, has no use for these kernels.
if (models === undefined && (await useBenchBackend(options)).name === "wasm") {
  benchProduct();
  CONVOLUTIONS.forEach(benchConvolution);
}

type Kernel = () => tf.Tensor;

/** Runs `kernel` once, reads one value of what it gives, and frees it. */
async function run(kernel: Kernel, b: Deno.BenchContext): Promise<void> {
  b.start();
  const output = kernel();
  const first = tf.tidy(() => tf.slice(tf.reshape(output, [-1]), 0, 1));
  await first.data();
  b.end();
  tf.dispose([output, first]);
}

function benchProduct(): void {
  Deno.bench({
    name: label({ what: "matMul 1024³", amount: 2 * GEMM ** 3 / 1e6, unit: "MFLOP" }),
    group: "GEMM",
    async fn(b) {
      const x = tf.ones([GEMM, GEMM]);
      await run(() => tf.matMul(x, x), b);
      x.dispose();
    },
  });
}

function benchConvolution(convolution: ConvolutionCase): void {
  const { name, batch, size, channels, filters, kernelSize, stride, padding } = convolution;
  const output = outputSizeOf(convolution);
  const inputShape = [batch, size, size, channels];
  const filterShape = [kernelSize, kernelSize, channels, filters];
  const attrs = { strides: stride, pad: padding, dataFormat: "NHWC", dilations: 1, inputShape, filterShape };
  const tensors = () => ({
    x: tf.ones(inputShape),
    filter: tf.ones(filterShape),
    dy: tf.ones([batch, output, output, filters]),
  });
  const bench = (
    what: string,
    kernel: (inputs: ReturnType<typeof tensors>) => tf.Tensor,
    n: number | undefined = iterations,
  ) => {
    Deno.bench({
      name: label({ what, amount: Math.round(flops(convolution) / 1e6), unit: "MFLOP" }),
      group: name,
      baseline: what === "forward",
      ...(n === undefined ? {} : { n, warmup: 1 }),
      async fn(b) {
        const inputs = tensors();
        await run(() => kernel(inputs), b);
        tf.dispose(Object.values(inputs));
      },
    });
  };
  const kernel = (name: string, inputs: tf.NamedTensorMap) =>
    tf.engine().runKernel(name, inputs, attrs as unknown as tf.NamedAttrMap) as tf.Tensor;
  bench("forward", ({ x, filter }) => kernel("Conv2D", { x, filter }));
  bench("input gradient, ours", ({ dy, filter }) => kernel("Conv2DBackpropInput", { dy, filter }));
  bench("input gradient, upstream", ({ dy, filter }) => {
    const upstream = upstreamKernel("Conv2DBackpropInput");
    const backend = tf.backend() as BackendWasm;
    return tf.engine().makeTensorFromTensorInfo(upstream({ inputs: { dy, filter }, backend, attrs }));
  }, SLOW);
  bench("filter gradient, ours", ({ x, dy }) => kernel("Conv2DBackpropFilter", { x, dy }));
}
