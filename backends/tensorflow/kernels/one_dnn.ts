/**
 * Whether the CPU's convolutions are oneDNN's, which knows groups in both directions. Without it
 * (TF_ENABLE_ONEDNN_OPTS=0, or a processor that it is not made for) TensorFlow's own kernels have none.
 *
 * @module
 */
import type { TensorFlowBinding } from "../binding/mod.ts";
import { TensorFlowError } from "../capi/status.ts";
import type { NodeBackend } from "../upstream.ts";
import { bool, ints, text, type } from "./kernel.ts";

let isOnCpu = true;

/** Finds out by a gradient of two channels in two groups. Not while a function is recorded. */
export function probeOneDnn(binding: TensorFlowBinding): void {
  const sizes = binding.createTensor([4], binding.TF_INT32, Int32Array.of(1, 1, 1, 2));
  const ones = binding.createTensor([1, 1, 1, 2], binding.TF_FLOAT, Float32Array.of(1, 1));
  const attributes = [
    type("T", "float32"),
    ints("strides", [1, 1, 1, 1]),
    bool("use_cudnn_on_gpu", true),
    text("padding", "VALID"),
  ];
  try {
    for (const { id } of binding.executeOp("Conv2DBackpropInput", attributes, [sizes, ones, ones], 1)) {
      binding.deleteTensor(id);
    }
    isOnCpu = true;
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    isOnCpu = false;
  } finally {
    for (const id of [sizes, ones]) binding.deleteTensor(id);
  }
}

/** Whether what is computed now has the gradients of convolutions in groups: oneDNN's, or cuDNN's. */
export const hasGroupedGradients = (backend: NodeBackend): boolean => isOnCpu || backend.binding.isUsingGpuDevice();

/** Whether what is recorded now is oneDNN's to optimise: a function on the CPU, whose weights are constants. */
export const isFrozenForOneDnn = ({ binding }: NodeBackend): boolean =>
  isOnCpu && binding.trace?.frozen === true && !binding.isUsingGpuDevice();
