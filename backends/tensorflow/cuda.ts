/**
 * NVIDIA's driver and libraries, as far as they tell of themselves. Deno only.
 *
 * @module
 */

/** A GPU as the driver tells of it. */
export interface Gpu {
  readonly name: string;
  /** In bytes. */
  readonly memory: number;
  /** `9.0`. */
  readonly computeCapability: string;
}

/** What libcuda tells. */
export interface CudaDriver {
  /** The newest CUDA that it serves: `12.5`. */
  readonly cuda: string;
  readonly gpus: readonly Gpu[];
}

const windows = Deno.build.os === "windows";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, Math.max(0, bytes.indexOf(0))));

/** Throws where `status`, of CUDA or NVML, is an error. */
function expectSuccess(status: number, call: string): void {
  if (status !== 0) throw new Error(`${call} answered ${status}`);
}

/**
 * The driver and its GPUs.
 *
 * @throws {Error} Where there is none, or it does not work.
 */
export function readDriver(dlopen: typeof Deno.dlopen = Deno.dlopen): CudaDriver {
  const library = open(dlopen, windows ? "nvcuda.dll" : "libcuda.so.1", {
    cuInit: { parameters: ["u32"], result: "i32" },
    cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
    cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
    cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
    cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
    cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
    cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  });
  const cuda = library.symbols;
  try {
    const number = new Int32Array(1);
    const ask = (call: string, status: number): number => {
      expectSuccess(status, call);
      return number[0] ?? 0;
    };
    const version = ask("cuDriverGetVersion", cuda.cuDriverGetVersion(number));
    const served = `${Math.floor(version / 1000)}.${Math.floor(version % 1000 / 10)}`;
    const status = cuda.cuInit(0);
    // CUDA_ERROR_NO_DEVICE: a driver without a GPU.
    if (status === 100) return { cuda: served, gpus: [] };
    expectSuccess(status, "cuInit");
    const gpus: Gpu[] = [];
    const count = ask("cuDeviceGetCount", cuda.cuDeviceGetCount(number));
    for (let i = 0; i < count; i++) {
      const device = ask("cuDeviceGet", cuda.cuDeviceGet(number, i));
      const name = new Uint8Array(256);
      expectSuccess(cuda.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
      const memory = new BigUint64Array(1);
      expectSuccess(cuda.cuDeviceTotalMem_v2(memory, device), "cuDeviceTotalMem");
      // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
      const [major, minor] = [75, 76].map((attribute) =>
        ask("cuDeviceGetAttribute", cuda.cuDeviceGetAttribute(number, attribute, device))
      );
      gpus.push({ name: text(name), memory: Number(memory[0] ?? 0n), computeCapability: `${major}.${minor}` });
    }
    return { cuda: served, gpus };
  } finally {
    library.close();
  }
}

/**
 * The driver's own version, `555.42.06`, from NVML.
 *
 * @throws {Error} Where there is no NVML, or it does not work.
 */
export function readDriverVersion(dlopen: typeof Deno.dlopen = Deno.dlopen): string {
  const library = open(dlopen, windows ? "nvml.dll" : "libnvidia-ml.so.1", {
    nvmlInit_v2: { parameters: [], result: "i32" },
    nvmlSystemGetDriverVersion: { parameters: ["buffer", "u32"], result: "i32" },
    nvmlShutdown: { parameters: [], result: "i32" },
  });
  const nvml = library.symbols;
  try {
    expectSuccess(nvml.nvmlInit_v2(), "nvmlInit");
    const version = new Uint8Array(96);
    expectSuccess(nvml.nvmlSystemGetDriverVersion(version, version.length), "nvmlSystemGetDriverVersion");
    nvml.nvmlShutdown();
    return text(version);
  } finally {
    library.close();
  }
}

/** How a library tells its version, by the start of its name: the CUDA way is `12050`, the property way asks thrice. */
const TELLING: readonly { library: RegExp; symbol: string; way: "cuda" | "property" | "pair" }[] = [
  { library: /^libcudart\./, symbol: "cudaRuntimeGetVersion", way: "cuda" },
  { library: /^libnvrtc\./, symbol: "nvrtcVersion", way: "pair" },
  { library: /^libnvJitLink\./, symbol: "nvJitLinkVersion", way: "pair" },
  { library: /^libcublas\./, symbol: "cublasGetProperty", way: "property" },
  { library: /^libcufft\./, symbol: "cufftGetProperty", way: "property" },
  { library: /^libcusparse\./, symbol: "cusparseGetProperty", way: "property" },
  { library: /^libcusolver\./, symbol: "cusolverGetProperty", way: "property" },
  { library: /^libcudnn\./, symbol: "cudnnGetProperty", way: "property" },
];

/**
 * The version that the library at `path` tells; undefined where it has no way to.
 *
 * @throws {Error} Where it cannot be opened.
 */
export function readLibraryVersion(path: string, dlopen: typeof Deno.dlopen = Deno.dlopen): string | undefined {
  const name = path.replace(/^.*[/\\]/, "");
  const telling = TELLING.find(({ library }) => library.test(name));
  if (telling === undefined) {
    // Opened all the same: later libraries find it by its name.
    open(dlopen, path, {});
    return undefined;
  }
  const [a, b] = [new Int32Array(1), new Int32Array(1)];
  const { symbol, way } = telling;
  switch (way) {
    case "cuda": {
      const { symbols } = open(dlopen, path, { f: { name: symbol, parameters: ["buffer"], result: "i32" } });
      expectSuccess(symbols.f(a), symbol);
      const version = a[0] ?? 0;
      return `${Math.floor(version / 1000)}.${Math.floor(version % 1000 / 10)}`;
    }
    case "pair": {
      const { symbols } = open(dlopen, path, { f: { name: symbol, parameters: ["buffer", "buffer"], result: "i32" } });
      expectSuccess(symbols.f(a, b), symbol);
      return `${a[0]}.${b[0]}`;
    }
    case "property": {
      const { symbols } = open(dlopen, path, { f: { name: symbol, parameters: ["i32", "buffer"], result: "i32" } });
      return [0, 1, 2].map((property) => {
        expectSuccess(symbols.f(property, a), symbol);
        return a[0];
      }).join(".");
    }
  }
}

function open<S extends Deno.ForeignLibraryInterface>(
  dlopen: typeof Deno.dlopen,
  path: string,
  symbols: S,
): Deno.DynamicLibrary<S> {
  try {
    return dlopen(path, symbols);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new Error("must not be opened: run with --allow-ffi", { cause });
    }
    throw new Error(
      cause instanceof Error ? cause.message.replace(/^(Could not open library: )+/, "") : String(cause),
      {
        cause,
      },
    );
  }
}
