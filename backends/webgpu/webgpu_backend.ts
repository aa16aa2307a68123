/**
 * tfjs' WebGPU backend, made to say what goes wrong: upstream's gives whatever a
 * buffer held before where a shader does not compile, does not fit or has lost its
 * device.
 *
 * @module
 */
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { UniformValues, WebGPUProgram } from "./program.ts";

/** The limits that a tensor has to fit. */
export type TensorLimits = Pick<GPUSupportedLimits, "maxBufferSize" | "maxStorageBufferBindingSize">;

/**
 * Makes sure that a tensor fits into one buffer, and a shader's view of it.
 *
 * @throws {RangeError} Where it does not; it names the limit and the tensor.
 */
export function checkTensorFits(shape: readonly number[], bytes: number, limits: TensorLimits): void {
  for (const limit of ["maxStorageBufferBindingSize", "maxBufferSize"] as const) {
    if (bytes <= limits[limit]) continue;
    throw new RangeError(
      `Expected a tensor of at most ${limits[limit]} bytes, this WebGPU adapter's ${limit}, ` +
        `but found one of shape [${shape.join(", ")}], ${bytes} bytes: use a smaller batch or network`,
    );
  }
}

/** How long a read that failed waits for the news that the device is lost. */
const LOSS_MS = 1000;

/** What is private in upstream's class. */
interface Internals {
  activeTimers: unknown;
  programTimersStack: unknown;
}

/** How a shader that is refused tells: kernels are the labels of their shaders. */
function refusal(error: GPUError): Error {
  const message = error.message.trim();
  const isMemory = "GPUOutOfMemoryError" in globalThis && error instanceof GPUOutOfMemoryError;
  return isMemory
    ? new RangeError(`Expected the WebGPU device to have enough memory but it ran out: ${message}`)
    : new Error(`Expected the WebGPU device to accept every command but it refused one: ${message}`);
}

/** {@linkcode WebGPUBackend} with errors. */
export class CheckedWebGPUBackend extends WebGPUBackend {
  #lost: Error | undefined;
  #refused: Error | undefined;
  /** A tensor could not be brought to the device: it is lost and has not told yet, or out of memory. */
  #unsent: Error | undefined;
  /** Reads from the device that are under way. */
  #reads = 0;
  /** Settles when the device is lost, before anybody else hears of it. */
  readonly lost: Promise<void>;

  constructor(device: GPUDevice, info?: GPUAdapterInfo) {
    super(device, info);
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      // The first one is the cause; others follow from it.
      this.#refused ??= refusal((event as GPUUncapturedErrorEvent).error);
    });
    this.lost = device.lost.then(({ reason, message }) => {
      this.#lost = new Error(
        `Expected the WebGPU device to be there but it was lost (${[reason, message].filter(Boolean).join(": ")}): ` +
          'its tensors are gone; call useBackend("webgpu") and make them again',
      );
    });
  }

  /** Throws where the device is lost. */
  #checkDevice(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Waits for the device to say that it is lost: its buffers may be the first to tell. */
  async #awaitLoss(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.lost, new Promise((resolve) => timer = setTimeout(resolve, LOSS_MS))]);
    clearTimeout(timer);
  }

  /** Waits, where the device is lost and has not told yet, until it does. */
  async probe(): Promise<void> {
    const buffer = this.device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      await buffer.mapAsync(GPUMapMode.READ);
    } catch {
      await this.#awaitLoss();
    } finally {
      buffer.destroy();
    }
  }

  /** Puts a tensor's values, or room for them, on the device. */
  override uploadToGPU(dataId: object): void {
    const { resource, shape, dtype } = this.tensorMap.get(dataId);
    if (resource === undefined || resource === null) {
      const bytes = tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
      checkTensorFits(shape, Math.max(bytes, 4 * tf.util.sizeFromShape(shape)), this.device.limits);
    }
    try {
      super.uploadToGPU(dataId);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#unsent = new Error(
        `Expected the WebGPU device to take a tensor of shape [${shape.join(", ")}] but it did not: ${why}`,
        { cause },
      );
      throw this.#unsent;
    }
  }

  /**
   * Runs a shader. On a lost device it does nothing, as WebGPU's own commands do, and
   * whoever reads is told: an error in the middle of a gradient would leave tensors behind.
   */
  override runWebGPUProgram(
    program: WebGPUProgram,
    inputs: tf.TensorInfo[],
    outputDtype: tf.DataType,
    uniforms?: UniformValues[],
    output?: tf.TensorInfo,
  ): tf.TensorInfo {
    const made = output ?? this.makeTensorInfo(program.outputShape, outputDtype);
    if (this.#lost !== undefined || this.#unsent !== undefined) return made;
    try {
      return super.runWebGPUProgram(program, inputs, outputDtype, uniforms, made);
    } catch (error) {
      if (error === this.#unsent) return made;
      if (output === undefined) this.disposeData(made.dataId);
      throw error;
    }
  }

  /** A tensor's values, where all commands so far were accepted. */
  override async read(dataId: object): Promise<tf.BackendValues> {
    const data = this.tensorMap.get(dataId);
    const isHere = data.values !== undefined && data.values !== null;
    if (isHere) return await super.read(dataId);
    this.#checkDevice();
    this.#reads++;
    try {
      if (this.#unsent !== undefined) throw this.#unsent;
      const values = await super.read(dataId);
      if (this.#refused === undefined) return values;
      // Upstream has kept what the buffer held.
      (data as { values: unknown }).values = null;
      throw this.#refused;
    } catch (error) {
      if (error !== this.#refused) await this.#awaitLoss();
      this.#checkDevice();
      throw error;
    } finally {
      this.#reads--;
      // Every read that was under way has told of it.
      if (this.#reads === 0) this.#refused = this.#unsent = undefined;
    }
  }

  /** A tensor's values, where they are still, or again, in JavaScript's memory. */
  override readSync(dataId: object): tf.BackendValues {
    const { values, dtype } = this.tensorMap.get(dataId);
    if (values !== undefined && values !== null || dtype === "string") return values;
    this.#checkDevice();
    if ("Deno" in globalThis || !("OffscreenCanvas" in globalThis)) {
      throw new TypeError("Expected values of webgpu to be read with await tensor.data() but found dataSync()");
    }
    return super.readSync(dataId);
  }

  /** Runs `run` with a timestamp before and after each shader. */
  override async time(run: () => void): ReturnType<WebGPUBackend["time"]> {
    const internals = this as unknown as Internals;
    const { activeTimers, programTimersStack } = internals;
    return await super.time(() => {
      try {
        run();
      } catch (error) {
        // Upstream would go on timing.
        Object.assign(internals, { activeTimers, programTimersStack });
        throw error;
      }
    });
  }
}
