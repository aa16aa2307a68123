/**
 * Time on the device, beside time on the clock.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** What {@linkcode deviceTime} measures. */
export interface DeviceTime {
  /** Milliseconds that shaders ran, by the device's own timestamps. */
  readonly kernelMs: number;
  /** Milliseconds from the call to the last shader's end. With timestamps each shader is submitted by itself: longer than without. */
  readonly wallMs: number;
}

/**
 * Runs `run`, once, with a timestamp before and after each shader.
 *
 * @param run Runs ops on the current backend, and frees what it makes; it may not be asynchronous.
 * @throws {TypeError} Where the current backend is not webgpu, or its adapter has no timestamps.
 *
 * @example
 * ```ts ignore
 * import { deviceTime } from "./device_time.ts";
 *
 * const { kernelMs, wallMs } = await deviceTime(() => model.predict(images).dispose());
 * ```
 */
export async function deviceTime(run: () => void): Promise<DeviceTime> {
  const backend = tf.backend() as { device?: GPUDevice };
  if (tf.getBackend() !== "webgpu" || backend.device === undefined) {
    throw new TypeError(`Expected the backend to be webgpu for deviceTime() but found ${tf.getBackend()}`);
  }
  if (!backend.device.features.has("timestamp-query")) {
    throw new TypeError("Expected an adapter with timestamp-query for deviceTime() but found one without");
  }
  const { kernelMs, wallMs } = await tf.time(run);
  if (typeof kernelMs !== "number") throw new TypeError(`Expected milliseconds of kernels but found ${kernelMs}`);
  return { kernelMs, wallMs };
}
