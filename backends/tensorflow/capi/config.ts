/**
 * TensorFlow's `ConfigProto`, as far as it is set here: for a context, and for a function.
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
const CONFIG = { intraOpThreads: 2, gpuOptions: 6, graphOptions: 10 } as const;
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

/** What grappler does to a function's graph. */
export interface Rewrites {
  /** What the inputs of products and convolutions are rounded to; nothing where it is left out. */
  readonly mixedPrecision?: "bfloat16" | "float16" | undefined;
  /** Whether ops may be fused, laid out anew and replaced by others that round differently. @default {true} */
  readonly fuse?: boolean | undefined;
  /**
   * Whether what only constants go into is computed once, and ops are fused: TensorFlow calls grappler for a function
   * only where its `ConfigProto` says anything. @default {false}
   */
  readonly foldConstants?: boolean | undefined;
}

const GRAPH_OPTIONS = { rewriteOptions: 10 } as const;
/** `RewriterConfig`, tensorflow/core/protobuf/rewriter_config.proto. */
const REWRITES = {
  layout: 1,
  constantFolding: 3,
  arithmetic: 7,
  remapping: 14,
  mixedPrecisionGpuFloat16: 23,
  mixedPrecisionOneDnnBfloat16: 31,
} as const;
/** `RewriterConfig.Toggle`. */
const [ON, OFF] = [1, 2];

/** The serialised `ConfigProto` of a function; undefined where all is as TensorFlow does it. */
export function encodeRewrites(
  { mixedPrecision, fuse = true, foldConstants = false }: Rewrites,
): Uint8Array<ArrayBuffer> | undefined {
  if (mixedPrecision === undefined && fuse && !foldConstants) return undefined;
  const writer = new BinaryWriter();
  const message = (field: number) => writer.tag(field, WireType.LengthDelimited).fork();
  const set = (field: number, toggle: number | undefined) => writer.tag(field, WireType.Varint).int32(toggle ?? 0);
  message(CONFIG.graphOptions);
  message(GRAPH_OPTIONS.rewriteOptions);
  if (foldConstants) set(REWRITES.constantFolding, ON);
  if (!fuse) { for (const field of [REWRITES.layout, REWRITES.arithmetic, REWRITES.remapping]) set(field, OFF); }
  if (mixedPrecision === "float16") set(REWRITES.mixedPrecisionGpuFloat16, ON);
  if (mixedPrecision === "bfloat16") set(REWRITES.mixedPrecisionOneDnnBfloat16, ON);
  return writer.join().join().finish() as Uint8Array<ArrayBuffer>;
}
