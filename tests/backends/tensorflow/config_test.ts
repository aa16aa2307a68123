import { assertEquals } from "@std/assert";
import { encodeConfig } from "../../../backends/tensorflow/capi/config.ts";

/** What Python's `ConfigProto(…).SerializeToString().hex()` gives (TensorFlow 2.21). */
const PYTHON: readonly (readonly [config: Parameters<typeof encodeConfig>[0], bytes: string])[] = [
  [{}, "32022001"], // gpu_options.allow_growth = True
  [{ gpuIndex: 1 }, "320520012a0131"], // … and visible_device_list = "1"
  [{ gpuMemoryLimit: 512 * 2 ** 20 }, "320a4a080a060a0400000044"], // experimental.virtual_devices[0].memory_limit_mb
  [{ threads: 3 }, "100332022001"], // intra_op_parallelism_threads = 3
];

Deno.test("encodeConfig() writes the bytes that Python's ConfigProto does", () => {
  for (const [config, bytes] of PYTHON) {
    assertEquals(Array.from(encodeConfig(config), (byte) => byte.toString(16).padStart(2, "0")).join(""), bytes);
  }
});
