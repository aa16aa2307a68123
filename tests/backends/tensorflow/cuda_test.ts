import { assertEquals, assertThrows } from "@std/assert";
import { readDriver, readDriverVersion, readLibraryVersion } from "../../../backends/tensorflow/cuda.ts";

type Numbers = Int32Array | BigUint64Array | Uint8Array;
// deno-lint-ignore no-explicit-any -- as C's functions, they take what they are given
type Functions = Record<string, (...args: any[]) => number>;

const set = (to: Numbers, value: number | bigint): number => {
  to[0] = value;
  return 0;
};
const write = (to: Uint8Array, text: string): number => {
  to.set(new TextEncoder().encode(`${text}\0garbage`));
  return 0;
};

/** A dlopen whose library has `functions`; `closed` counts. Methods need their library, as Deno's own do. */
function libraryOf(functions: Functions, closed: string[] = []): typeof Deno.dlopen {
  class Library {
    #path: string;
    readonly symbols: Functions = {};
    constructor(path: string, wanted: Deno.ForeignLibraryInterface) {
      this.#path = path;
      for (const [key, definition] of Object.entries(wanted)) {
        const name = "name" in definition && typeof definition.name === "string" ? definition.name : key;
        const found = functions[name];
        if (found === undefined) throw new Error(`Could not open library: undefined symbol: ${name}`);
        this.symbols[key] = found;
      }
    }
    close(): void {
      closed.push(this.#path);
    }
  }
  return ((path: string, wanted: Deno.ForeignLibraryInterface) => new Library(path, wanted)) as typeof Deno.dlopen;
}

const driver: Functions = {
  cuInit: () => 0,
  cuDriverGetVersion: (to) => set(to, 12_050),
  cuDeviceGetCount: (to) => set(to, 2),
  cuDeviceGet: (to, index) => set(to, index + 7),
  cuDeviceGetName: (to, _length, device) => write(to, device === 7 ? "NVIDIA L4" : "NVIDIA H100"),
  cuDeviceTotalMem_v2: (to, device) => set(to, device === 7 ? 24_000_000_000n : 85_024_112_640n),
  cuDeviceGetAttribute: (to, attribute, device) =>
    set(to, device === 7 ? (attribute === 75 ? 8 : 9) : attribute === 75 ? 9 : 0),
};

Deno.test("readDriver() asks the driver for its version and each GPU, and closes it", () => {
  const closed: string[] = [];
  assertEquals(readDriver(libraryOf(driver, closed)), {
    cuda: "12.5",
    gpus: [
      { name: "NVIDIA L4", memory: 24_000_000_000, computeCapability: "8.9" },
      { name: "NVIDIA H100", memory: 85_024_112_640, computeCapability: "9.0" },
    ],
  });
  assertEquals(closed.length, 1);
});

Deno.test("readDriver() finds no GPU where the driver has none, and reports its errors", () => {
  assertEquals(readDriver(libraryOf({ ...driver, cuInit: () => 100 })), { cuda: "12.5", gpus: [] });
  const closed: string[] = [];
  assertThrows(() => readDriver(libraryOf({ ...driver, cuInit: () => 999 }, closed)), Error, "cuInit answered 999");
  assertThrows(() => readDriver(libraryOf({ ...driver, cuDeviceGetCount: () => 3 })), Error, "cuDeviceGetCount");
  assertEquals(closed.length, 1);
});

Deno.test("readDriver() reports a library that is no driver in a line", () => {
  const error = assertThrows(() => readDriver(libraryOf({})), Error);
  assertEquals(error.message, "undefined symbol: cuInit");
});

Deno.test("readDriver() asks for --allow-ffi", () => {
  const refuse = (() => {
    throw new Deno.errors.NotCapable("Requires ffi access");
  }) as typeof Deno.dlopen;
  assertThrows(() => readDriver(refuse), Error, "must not be opened: run with --allow-ffi");
});

Deno.test("readDriverVersion() asks NVML", () => {
  const nvml: Functions = {
    nvmlInit_v2: () => 0,
    nvmlSystemGetDriverVersion: (to) => write(to, "555.42.06"),
    nvmlShutdown: () => 0,
  };
  assertEquals(readDriverVersion(libraryOf(nvml)), "555.42.06");
  assertThrows(() => readDriverVersion(libraryOf({ ...nvml, nvmlInit_v2: () => 9 })), Error, "nvmlInit answered 9");
});

const property = (property: number, to: Int32Array) => set(to, [12, 5, 3][property] ?? -1);
const libraries: [file: string, functions: Functions, version: string | undefined][] = [
  ["libcudart.so.12", { cudaRuntimeGetVersion: (to) => set(to, 12_050) }, "12.5"],
  ["libnvrtc.so.12", { nvrtcVersion: (a, b) => set(a, 12) + set(b, 5) }, "12.5"],
  ["libnvJitLink.so.12", { nvJitLinkVersion: (a, b) => set(a, 12) + set(b, 5) }, "12.5"],
  ["libcublas.so.12", { cublasGetProperty: property }, "12.5.3"],
  ["libcufft.so.11", { cufftGetProperty: property }, "12.5.3"],
  ["libcusparse.so.12", { cusparseGetProperty: property }, "12.5.3"],
  ["libcusolver.so.11", { cusolverGetProperty: property }, "12.5.3"],
  ["libcudnn.so.9", { cudnnGetProperty: property }, "12.5.3"],
  ["libcublasLt.so.12", {}, undefined],
  ["libnvrtc-builtins.so.12.5", {}, undefined],
];

for (const [file, functions, version] of libraries) {
  Deno.test(`readLibraryVersion() asks ${file} in its way`, () => {
    assertEquals(readLibraryVersion(`/cuda/lib/${file}`, libraryOf(functions)), version);
  });
}

Deno.test("readLibraryVersion() reports a library that cannot be opened", () => {
  assertThrows(() => readLibraryVersion("/cuda/lib/libcudnn.so.9", libraryOf({})), Error, "undefined symbol: cudnn");
});
