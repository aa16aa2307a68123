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

const deviceOf = (): GPUDevice | undefined => (tf.backend() as { device?: GPUDevice }).device;

/** Whether {@linkcode deviceTime} can measure: on webgpu, with an adapter that has timestamps. */
export function hasDeviceTime(): boolean {
  return tf.getBackend() === "webgpu" && deviceOf()?.features.has("timestamp-query") === true;
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
  if (tf.getBackend() !== "webgpu" || deviceOf() === undefined) {
    throw new TypeError(`Expected the backend to be webgpu for deviceTime() but found ${tf.getBackend()}`);
  }
  if (!hasDeviceTime()) {
    throw new TypeError("Expected an adapter with timestamp-query for deviceTime() but found one without");
  }
  const { kernelMs, wallMs } = await tf.time(run);
  if (typeof kernelMs !== "number") throw new TypeError(`Expected milliseconds of kernels but found ${kernelMs}`);
  return { kernelMs, wallMs };
}
