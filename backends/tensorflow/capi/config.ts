/**
 * TensorFlow's `ConfigProto`, as far as it is set here.
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** What a context of TensorFlow is made with. */
export interface ContextConfig {
  /** Which of the machine's GPUs to use; all of them where it is left out. */
  readonly gpuIndex?: number | undefined;
  /** The most memory of the GPU to take, in bytes; as much as is asked for, growing, where it is left out. */
  readonly gpuMemoryLimit?: number | undefined;
  /** Threads within an op; TensorFlow's choice where it is left out. */
  readonly threads?: number | undefined;
}

/** Numbers of the fields in tensorflow/core/protobuf/config.proto. */
const CONFIG = { intraOpThreads: 2, gpuOptions: 6 } as const;
const GPU_OPTIONS = { allowGrowth: 4, visibleDeviceList: 5, experimental: 9 } as const;
const EXPERIMENTAL = { virtualDevices: 1 } as const;
const VIRTUAL_DEVICES = { memoryLimitMb: 1 } as const;

/** The serialised `ConfigProto`. */
export function encodeConfig({ gpuIndex, gpuMemoryLimit, threads }: ContextConfig): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  const message = (field: number) => writer.tag(field, WireType.LengthDelimited).fork();
  if (threads !== undefined) writer.tag(CONFIG.intraOpThreads, WireType.Varint).int32(threads);
  message(CONFIG.gpuOptions);
  // Without it TensorFlow takes nearly all of the GPU's memory at the first op.
  if (gpuMemoryLimit === undefined) writer.tag(GPU_OPTIONS.allowGrowth, WireType.Varint).bool(true);
  if (gpuIndex !== undefined) writer.tag(GPU_OPTIONS.visibleDeviceList, WireType.LengthDelimited).string(`${gpuIndex}`);
  if (gpuMemoryLimit !== undefined) {
    message(GPU_OPTIONS.experimental);
    message(EXPERIMENTAL.virtualDevices);
    message(VIRTUAL_DEVICES.memoryLimitMb);
    writer.float(gpuMemoryLimit / 2 ** 20).join().join().join();
  }
  return writer.join().finish() as Uint8Array<ArrayBuffer>;
}
