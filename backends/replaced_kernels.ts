/**
 * A backend's kernels, of which this project replaces some.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A kernel as a backend's rooms write it: for inputs, attributes and a backend that they know. */
export type AnyKernel = (args: never) => tf.TensorInfo | tf.TensorInfo[];

/** tfjs' kernels of one backend, by their names: ours go in their place, and build on them. */
export class ReplacedKernels {
  readonly #backendName: string;
  /** tfjs' own, where one of ours has its name: undefined where tfjs has none. */
  readonly #originals = new Map<string, tf.KernelFunc | undefined>();

  /** For the backend that tfjs calls `backendName`. */
  constructor(backendName: string) {
    this.#backendName = backendName;
  }

  /** Puts each of `kernels` in the place of tfjs' one, if there is one; its set-up stays, since it serves the original. */
  replace(kernels: Readonly<Record<string, AnyKernel>>): void {
    const backendName = this.#backendName;
    for (const [kernelName, kernel] of Object.entries(kernels)) {
      // tfjs gives null for a backend that it does not know, against its types.
      const present = tf.getKernel(kernelName, backendName) ?? undefined;
      if (!this.#originals.has(kernelName)) this.#originals.set(kernelName, present?.kernelFunc);
      if (present !== undefined) tf.unregisterKernel(kernelName, backendName);
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: kernel as unknown as tf.KernelFunc,
        ...(present?.setupFunc ? { setupFunc: present.setupFunc } : {}),
      });
    }
  }

  /** tfjs' kernel called `kernelName`, whether it has been replaced or not; undefined where it has none. */
  find(kernelName: string): tf.KernelFunc | undefined {
    if (this.#originals.has(kernelName)) return this.#originals.get(kernelName);
    return tf.getKernel(kernelName, this.#backendName)?.kernelFunc;
  }

  /**
   * As {@linkcode find}.
   *
   * @throws {RangeError} Where tfjs has none.
   */
  upstream(kernelName: string): tf.KernelFunc {
    const kernel = this.find(kernelName);
    if (kernel === undefined) {
      throw new RangeError(`Expected tfjs to have a ${this.#backendName} kernel but found no ${kernelName}`);
    }
    return kernel;
  }
}
