/**
 * tfjs-node as it is, beside this project's kernels: a second backend on the same
 * library, for comparison.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { tensorFlowKernels } from "../backends/tensorflow/kernels/mod.ts";

/** The name of the backend with tfjs-node's own kernels. */
export const STOCK = "tensorflow_stock";

/**
 * Kernels that stay this project's: tfjs-node's refuse padding that is a number, so
 * most networks would not run at all. They call the same ops of TensorFlow's.
 */
const TAUGHT_PADDING: readonly string[] = [
  "AvgPool",
  "AvgPoolGrad",
  "Conv2D",
  "Conv2DBackpropFilter",
  "Conv2DBackpropInput",
  "DepthwiseConv2dNative",
  "DepthwiseConv2dNativeBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "FusedConv2D",
  "MaxPool",
  "MaxPoolGrad",
];

/**
 * Registers the backend `tensorflow_stock`, once TensorFlow runs. This project's ops
 * (BatchNorm in training, bias, ReLU, groups) have no kernel there and are composed
 * of tfjs' ops, as tfjs-layers would.
 */
export function registerStockBackend(): void {
  if (tf.findBackendFactory(STOCK) != null) return;
  const running = tf.findBackend("tensorflow");
  const Backend = running.constructor as new (binding: unknown, packageName: string) => tf.KernelBackend;
  const { binding } = running as unknown as { binding: unknown };
  tf.registerBackend(STOCK, () => new Backend(binding, "@tensorflow/tfjs-node"));
  for (const kernel of tf.getKernelsForBackend("tensorflow")) {
    const taught = TAUGHT_PADDING.includes(kernel.kernelName);
    const upstream = taught ? kernel.kernelFunc : tensorFlowKernels.find(kernel.kernelName);
    if (upstream !== undefined) tf.registerKernel({ ...kernel, backendName: STOCK, kernelFunc: upstream });
  }
}
