/**
 * Operations that tfjs lacks, as tfjs kernels: a name, a gradient that is
 * registered once, and a fallback of plain tfjs ops that serves every backend
 * which brings no kernel of its own.
 *
 * A backend brings one with `tf.registerKernel({ kernelName, backendName, … })`;
 * layers never know which of the two ran.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** What an operation is: its kernel's name, its gradient and its definition in plain tfjs ops. */
export interface OpDefinition<Inputs extends Record<string, tf.Tensor>, Attributes extends object> {
  /** The kernel's name, as backends register it. */
  readonly kernelName: string;
  /**
   * The definition in plain tfjs ops. It runs inside a kernel, so nothing in it
   * is recorded on the gradient tape; every output has to be a tensor of its own.
   */
  readonly fallback: (inputs: Inputs, attributes: Attributes) => tf.Tensor[];
  /** The gradient; left out where none is defined. */
  readonly gradient?: Omit<tf.GradConfig, "kernelName">;
}

/** Runs an operation on the current backend; gives its outputs. */
export interface Op<Inputs, Attributes> {
  (inputs: Inputs, attributes: Attributes): tf.Tensor[];
  /** The definition in plain tfjs ops, for a kernel that serves some cases only. */
  readonly fallback: (inputs: Inputs, attributes: Attributes) => tf.Tensor[];
}

/**
 * Registers the gradient of an operation and gives the function that runs it.
 * On a backend without a kernel of that name the fallback is registered as its
 * kernel on first use.
 */
export function defineOp<Inputs extends Record<string, tf.Tensor>, Attributes extends object>(
  { kernelName, fallback, gradient }: OpDefinition<Inputs, Attributes>,
): Op<Inputs, Attributes> {
  if (gradient !== undefined) tf.registerGradient({ kernelName, ...gradient });

  const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs: unknown }): tf.TensorInfo[] =>
    tf.tidy(() => fallback(inputs as Inputs, attrs as Attributes));

  const run = (inputs: Inputs, attributes: Attributes): tf.Tensor[] => {
    const backendName = tf.getBackend();
    if (tf.getKernel(kernelName, backendName) == null) {
      tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc as unknown as tf.KernelFunc });
    }
    const outputs = tf.engine().runKernel(
      kernelName,
      inputs as unknown as tf.NamedTensorMap,
      attributes as unknown as tf.NamedAttrMap,
    ) as tf.Tensor | tf.Tensor[];
    return Array.isArray(outputs) ? outputs : [outputs];
  };
  return Object.assign(run, { fallback });
}

/** The only output of an operation that has one. */
export function onlyOutput([output]: tf.Tensor[]): tf.Tensor {
  if (output === undefined) throw new Error("Expected the operation to give a tensor but found none");
  return output;
}
