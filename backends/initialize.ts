/**
 * Initialises a registered tfjs backend without making it the current one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
// tfjs-core registers no gradients by itself; this import does.
import "@tensorflow/tfjs-layers";

/** What `tf.setBackend()` calls; it has no public name, and that function switches before it knows whether it can. */
interface Initializer {
  initializeBackend(name: string): { success: boolean | Promise<boolean> };
}

/**
 * Gives the instance of the backend `name`, initialised; the current backend stays.
 *
 * @throws {Error} Where it does not initialise; tfjs logs the cause.
 */
export async function initializeBackend(name: string): Promise<tf.KernelBackend> {
  const engine = tf.engine();
  if (engine.registry[name] === undefined) {
    const { success } = (engine as unknown as Initializer).initializeBackend(name);
    if (!await success) throw new Error(`Expected backend ${name} to initialise but it failed`);
  }
  const backend = engine.registry[name];
  if (backend === undefined) throw new Error(`Expected backend ${name} to be registered but it is not`);
  return backend;
}
