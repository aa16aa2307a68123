/**
 * Shaders as tfjs' WebGPU backend runs them.
 *
 * @module
 */
import type { WebGPUBackend, WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";

export type { WebGPUProgram };

/** Values of a uniform, in the order of their declaration. */
export type UniformValues = { type: string; data: number[] };

/** What a kernel is called with. */
export interface KernelArguments<Inputs, Attributes> {
  readonly inputs: Inputs;
  readonly backend: WebGPUBackend;
  readonly attrs: Attributes;
}

/** A kernel of the WebGPU backend. */
export type WebGPUKernel<Inputs, Attributes, Output extends tf.TensorInfo | tf.TensorInfo[] = tf.TensorInfo> = (
  args: KernelArguments<Inputs, Attributes>,
) => Output;

/** A shader in WGSL. */
export interface Shader {
  /** Names it in errors and profiles, and tells it from others whose code differs. */
  readonly name: string;
  /** What sets the code apart from other code of that name. */
  readonly variant?: string;
  readonly outputShape: number[];
  /** Names of the inputs in the code; they are read-only arrays of f32. */
  readonly inputs: string[];
  readonly workgroupSize: [number, number, number];
  readonly workgroups: [number, number, number];
  /** Integers that the code reads as `uniforms.<name>`. */
  readonly integers: Readonly<Record<string, number>>;
  /** Floats that the code reads as `uniforms.<name>`. */
  readonly floats?: Readonly<Record<string, number>>;
  /** Values that an element of `result`, and of each input, has: 1 or 4. @default {1} */
  readonly components?: { readonly output: number; readonly inputs: number[] };
  /** The code, with `fn main()`. */
  readonly code: string;
}

/** Runs `shader`; gives its output, a float32 tensor. */
export function runShader(backend: WebGPUBackend, shader: Shader, inputs: tf.TensorInfo[]): tf.TensorInfo {
  const { name, variant = "", integers, floats = {}, components } = shader;
  const uniforms = [
    ...Object.keys(integers).map((key) => `${key} : i32`),
    ...Object.keys(floats).map((key) => `${key} : f32`),
  ];
  const values: UniformValues[] = [
    ...Object.values(integers).map((value) => ({ type: "int32", data: [value] })),
    ...Object.values(floats).map((value) => ({ type: "float32", data: [value] })),
  ];
  const program = {
    // Upstream labels shaders by the name of their class.
    constructor: { name },
    shaderKey: `${name} ${variant}`,
    variableNames: shader.inputs,
    outputShape: shader.outputShape,
    workgroupSize: shader.workgroupSize,
    dispatch: shader.workgroups,
    // Two axes: the code finds its place by globalId and workgroupId.
    dispatchLayout: { x: [0], y: [1] },
    uniforms: uniforms.map((uniform) => `${uniform}, `).join(""),
    ...(components ? { outputComponent: components.output, variableComponents: components.inputs } : {}),
    getUserCode: () => shader.code,
  } as unknown as WebGPUProgram;
  return backend.runWebGPUProgram(program, inputs, "float32", values);
}

/** Threads of a workgroup whose threads have nothing to do with each other. */
const THREADS = 64;

/** A shader that computes each value of its output by itself. */
export interface EachShader {
  /** The kernel's name. */
  readonly name: string;
  readonly outputShape: number[];
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly integers?: Readonly<Record<string, number>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** Code of a function's body: gives the value at `at`, an i32. */
  readonly value: string;
}

/** Runs a shader that computes each value of its output by itself. */
export function runEach(backend: WebGPUBackend, shader: EachShader): tf.TensorInfo {
  const { name, outputShape, inputs, integers = {}, floats = {}, value } = shader;
  const size = outputShape.reduce((a, b) => a * b, 1);
  const groups = Math.max(1, Math.ceil(size / THREADS));
  const width = Math.min(groups, backend.device.limits.maxComputeWorkgroupsPerDimension);
  return runShader(backend, {
    name,
    outputShape,
    inputs: Object.keys(inputs),
    workgroupSize: [THREADS, 1, 1],
    workgroups: [width, Math.ceil(groups / width), 1],
    integers: { size, ...integers },
    floats,
    code: `
      fn valueAt(at : i32) -> f32 { ${value} }
      fn main() {
        let at = i32((workgroupId.y * numWorkgroups.x + workgroupId.x) * ${THREADS}u + localIndex);
        if (at < uniforms.size) { result[at] = valueAt(at); }
      }`,
  }, Object.values(inputs));
}

/** Makes tensors for `kernel`, and frees those that it does not give; all of them where it throws. */
export function scoped<Output extends tf.TensorInfo | tf.TensorInfo[]>(
  backend: WebGPUBackend,
  kernel: (own: (tensor: tf.TensorInfo) => tf.TensorInfo) => Output,
): Output {
  const made: tf.TensorInfo[] = [];
  let kept: readonly tf.TensorInfo[] = [];
  try {
    const output = kernel((tensor) => {
      made.push(tensor);
      return tensor;
    });
    kept = [output].flat();
    return output;
  } finally {
    for (const tensor of made) if (!kept.includes(tensor)) backend.disposeData(tensor.dataId);
  }
}
