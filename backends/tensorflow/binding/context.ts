/**
 * TensorFlow's eager context: the devices of this process and where ops run.
 *
 * @module
 */
import { type ContextConfig, encodeConfig } from "../capi/config.ts";
import { Status } from "../capi/status.ts";
import { keptCString, textAt } from "../capi/strings.ts";
import type { CApi } from "../capi/symbols.ts";

/** A device that TensorFlow can use. */
export interface Device {
  /** TensorFlow's full name, `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** Its kind. */
  readonly type: "cpu" | "gpu";
  /** Memory that TensorFlow may take there, in bytes. */
  readonly memoryBytes: number;
}

/** The context of a loaded library; it lives as long as the process. */
export class Context {
  /** The functions of the library. */
  readonly api: CApi;
  /** The context itself. */
  readonly pointer: Deno.PointerValue;
  /** The status of synchronous calls: there is one call at a time. */
  readonly status: Status;
  /** All CPUs and GPUs. */
  readonly devices: readonly Device[];
  #placement: Uint8Array<ArrayBuffer> | undefined;
  #device: Device;

  /**
   * Makes the context.
   *
   * @throws {TensorFlowError} Where TensorFlow cannot.
   */
  constructor(api: CApi, config: ContextConfig = {}) {
    this.api = api;
    this.status = new Status(api);
    const options = api.TFE_NewContextOptions();
    try {
      const bytes = encodeConfig(config);
      api.TFE_ContextOptionsSetConfig(options, bytes, BigInt(bytes.length), this.status.pointer);
      this.status.check(() => "Expected TensorFlow to take its configuration but it failed");
      this.pointer = api.TFE_NewContext(options, this.status.pointer);
      this.status.check(() => "Expected TensorFlow to make a context but it failed");
    } finally {
      api.TFE_DeleteContextOptions(options);
    }
    this.devices = this.#list();
    this.#device = this.#deviceOf("gpu") ?? this.#only("cpu");
  }

  /** The device that ops run on. */
  get device(): Device {
    return this.#device;
  }

  /**
   * Makes ops run on a device of that kind.
   *
   * @throws {Error} Where there is none.
   */
  use(type: Device["type"]): void {
    this.#device = this.#only(type);
    // On a GPU TensorFlow itself chooses: it knows which ops have no kernel there (those on int32 and strings).
    const elsewhere = type === "cpu" && this.#deviceOf("gpu") !== undefined;
    this.#placement = elsewhere ? keptCString(this.#device.name) : undefined;
  }

  /** The name of the device that ops are told to run on, where they are told. */
  get placement(): Uint8Array<ArrayBuffer> | undefined {
    return this.#placement;
  }

  #deviceOf(type: Device["type"]): Device | undefined {
    return this.devices.find((device) => device.type === type);
  }

  #only(type: Device["type"]): Device {
    const device = this.#deviceOf(type);
    if (device === undefined) {
      const found = this.devices.map(({ name }) => name.split(":").slice(-2).join(":")).join(", ");
      throw new Error(`Expected TensorFlow to have a ${type.toUpperCase()} but found ${found}`);
    }
    return device;
  }

  #list(): Device[] {
    const { api, status } = this;
    const list = api.TFE_ContextListDevices(this.pointer, status.pointer);
    status.check(() => "Expected TensorFlow to list its devices but it failed");
    const devices: Device[] = [];
    for (let i = 0; i < api.TF_DeviceListCount(list); i++) {
      const type = textAt(api.TF_DeviceListType(list, i, status.pointer));
      const name = textAt(api.TF_DeviceListName(list, i, status.pointer));
      const memoryBytes = Number(api.TF_DeviceListMemoryBytes(list, i, status.pointer));
      status.check(() => "Expected TensorFlow to describe its devices but it failed");
      if (type === "CPU" || type === "GPU") devices.push({ name, type: type === "CPU" ? "cpu" : "gpu", memoryBytes });
    }
    api.TF_DeleteDeviceList(list);
    return devices;
  }
}
