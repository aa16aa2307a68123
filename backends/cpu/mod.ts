/**
 * The JavaScript backend of tfjs: slow, complete, everywhere.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type AvgPoolGradAttributes, spreadAverages } from "../avg_pool_grad.ts";
import { watchArrays } from "../host_arrays.ts";
import { initializeBackend } from "../initialize.ts";
import { ReplacedKernels } from "../replaced_kernels.ts";
import type { BackendSource } from "../source.ts";
import { writeValues } from "./write_values.ts";

/** The part of tfjs' cpu backend that a kernel needs. */
interface Storage {
  readonly data: { get(dataId: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): tf.TensorInfo;
}

function avgPoolGrad(args: {
  inputs: { dy: tf.TensorInfo; input: tf.TensorInfo };
  backend: Storage;
  attrs: AvgPoolGradAttributes;
}): tf.TensorInfo {
  const { inputs: { dy, input }, backend, attrs } = args;
  const dx = new Float32Array(tf.util.sizeFromShape(input.shape));
  spreadAverages(backend.data.get(dy.dataId).values, dx, input.shape, attrs);
  return backend.makeTensorInfo(input.shape, "float32", dx);
}

const KERNELS = new ReplacedKernels("cpu");

/** tfjs' `cpu`. */
export const cpuBackend: BackendSource = {
  name: "cpu",
  device: "cpu",
  async start() {
    const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
    const backend = await initializeBackend("cpu");
    // It would print an advertisement for tfjs-node, which Deno cannot load, on its first use.
    Object.assign(backend, { firstUse: false });
    watchArrays(backend);
    KERNELS.replace({ AvgPoolGrad: avgPoolGrad, WriteValues: writeValues });
    return { version: version_cpu, features: {} };
  },
};
