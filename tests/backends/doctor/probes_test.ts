import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type CudaReader, probeCudaLibraries, probeGpus } from "../../../backends/doctor/cuda.ts";
import { probeLibtensorflow } from "../../../backends/doctor/libtensorflow.ts";
import { probeCpu, probeDeno, probeMemory, probeWasm } from "../../../backends/doctor/machine.ts";
import { readCpuinfo, stopsAtAvx2 } from "../../../backends/tensorflow/processor.ts";
import { probeData, probeJsr, probeWebgpu } from "../../../backends/doctor/surroundings.ts";
import { DownloadError } from "../../../data/download.ts";

const XEON = `processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
flags\t\t: fpu sse4_2 fma avx avx2 avx512f avx512_bf16 avx512_vnni amx_bf16 amx_tile amx_int8

processor\t: 1
model name\t: another
flags\t\t: none
`;
const GRAVITON = `processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd sve bf16 i8mm
CPU implementer\t: 0x41
`;
const ATOM = "model name\t: Intel(R) Celeron(R) J4125\nflags\t\t: fpu sse4_2\n";

Deno.test("readCpuinfo() reads model and instruction sets of x64 and arm64", () => {
  assertEquals(readCpuinfo(XEON), {
    model: "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
    instructions: ["AVX", "AVX2", "FMA", "AVX-512", "VNNI", "BF16", "AMX"],
  });
  assertEquals(readCpuinfo(GRAVITON), { model: "unknown", instructions: ["BF16", "NEON", "I8MM", "SVE"] });
  assertEquals(readCpuinfo(""), { model: "unknown", instructions: [] });
});

Deno.test("stopsAtAvx2() holds for processors with AVX2 and without AVX-512", () => {
  assert(!stopsAtAvx2(XEON));
  assert(stopsAtAvx2(XEON.replace("avx512f ", "")));
  for (const cpuinfo of [GRAVITON, ATOM, ""]) assert(!stopsAtAvx2(cpuinfo));
});

Deno.test("probeCpu() finds a processor without AVX broken, where TensorFlow needs it", async () => {
  const x64 = { os: "linux", arch: "x86_64" } as const;
  assertEquals((await probeCpu(x64, () => Promise.resolve(XEON))).state, "ok");
  const atom = await probeCpu(x64, () => Promise.resolve(ATOM));
  assertEquals(atom.state, "broken");
  assertStringIncludes(atom.mend ?? "", "use the backends wasm or webgpu");
  assertEquals((await probeCpu({ os: "linux", arch: "aarch64" }, () => Promise.resolve(GRAVITON))).state, "ok");
});

Deno.test("probeCpu() reads no file where there is none", async () => {
  const read = () => Promise.reject(new Error("no /proc"));
  const { state, facts } = await probeCpu({ os: "darwin", arch: "aarch64" }, read);
  assertEquals([state, facts.cores], ["ok", navigator.hardwareConcurrency]);
});

Deno.test("probeDeno() knows the oldest Deno that works", () => {
  const probe = (deno: string) => probeDeno({ deno, v8: "15.0", typescript: "6.0" });
  assertEquals(probe("2.9.6").state, "ok");
  assertEquals(probe("3.0.0").state, "ok");
  assertEquals([probe("2.8.9").state, probe("2.8.9").mend], ["broken", "deno upgrade"]);
  assertEquals(probe("1.46.3").state, "broken");
});

Deno.test("probeMemory() warns of little", () => {
  assertEquals(probeMemory({ total: 16e9, available: 8e9 }).text, "8.0 GB of 16.0 GB free");
  assertEquals(probeMemory({ total: 16e9, available: 1e9 }).state, "broken");
});

Deno.test("probeWasm() asks the engine, which has SIMD here", () => {
  assertEquals(probeWasm().state, "ok");
  assertEquals(probeWasm(() => false).state, "broken");
});

const H100 = { name: "NVIDIA H100 80GB HBM3", memory: 85_024_112_640, computeCapability: "9.0" };
const reader = (cuda: string, ...gpus: (typeof H100)[]): CudaReader => ({
  driver: () => ({ cuda, gpus }),
  driverVersion: () => "555.42.06",
  libraryVersion: (path) => path.includes("cublasLt") ? undefined : "12.5.82",
});

Deno.test("probeGpus() tells of driver, NVML and each GPU", () => {
  const findings = probeGpus(reader("12.5", H100, { ...H100, name: "NVIDIA L4", computeCapability: "8.9" }));
  assertEquals(findings.map(({ topic, state }) => [topic, state]), [
    ["CUDA driver", "ok"],
    ["NVML", "ok"],
    ["GPU 0", "ok"],
    ["GPU 1", "ok"],
  ]);
  assertEquals(findings[2]?.text, "NVIDIA H100 80GB HBM3, 85.0 GB, compute capability 9.0");
  assertEquals(findings[2]?.facts, H100);
});

const gpuTroubles: [what: string, read: CudaReader, topic: string, state: string, mend: string][] = [
  ["an old driver", reader("11.8", H100), "CUDA driver", "broken", "install NVIDIA's driver"],
  ["a driver without a GPU", reader("12.5"), "GPU", "missing", "CUDA_VISIBLE_DEVICES"],
  [
    "a GPU that is too old",
    reader("12.5", { ...H100, computeCapability: "5.2" }),
    "GPU 0",
    "broken",
    "from compute capability 6.0 on",
  ],
  ["a GPU that is newer than the driver serves", reader("12.4", H100), "GPU 0", "broken", "driver 555 or newer"],
];

for (const [what, read, topic, state, mend] of gpuTroubles) {
  Deno.test(`probeGpus() says what mends ${what}`, () => {
    const finding = probeGpus(read).find((finding) => finding.topic === topic);
    assertEquals(finding?.state, state);
    assertStringIncludes(finding?.mend ?? "", mend);
  });
}

Deno.test("probeGpus() goes on without a driver, and without NVML", () => {
  const fails = (): never => {
    throw new Error("libcuda.so.1: cannot open shared object file\nmore");
  };
  const [driver, ...rest] = probeGpus({ ...reader("12.5"), driver: fails });
  assertEquals([driver?.state, rest], ["missing", []]);
  assertEquals(driver?.text, "none that works: libcuda.so.1: cannot open shared object file");
  assertEquals(probeGpus({ ...reader("12.5", H100), driverVersion: fails })[1]?.state, "broken");
});

Deno.test("probeCudaLibraries() tells each one's version, and which does not open", () => {
  const libraryVersion = (path: string) => {
    if (path.includes("cudnn")) throw new Error("not found");
    return reader("12.5").libraryVersion(path);
  };
  const findings = probeCudaLibraries(
    ["/a/libcudart.so.12", "/a/libcublasLt.so.12", "/a/libcudnn.so.9"],
    { libraryVersion },
  );
  assertEquals(findings.map(({ topic, state, text, mend }) => [topic, state, text, mend]), [
    ["libcudart", "ok", "12.5.82", undefined],
    ["libcublasLt", "ok", "opens", undefined],
    ["libcudnn", "broken", "not found", "deno task setup --gpu"],
  ]);
});

const library = {
  path: "/lib.so",
  version: "2.21.0",
  origin: "setup",
  preload: ["/a/libcudart.so.12"],
  gpu: true,
} as const;

Deno.test("probeLibtensorflow() opens what was found, and its CUDA libraries", async () => {
  const findings = await probeLibtensorflow(
    { locate: () => Promise.resolve(library), open: () => Promise.resolve("2.21.0") },
    reader("12.5"),
  );
  assertEquals(findings.map(({ topic, state }) => [topic, state]), [["libtensorflow", "ok"], ["libcudart", "ok"]]);
  assertEquals(findings[0]?.text, "2.21.0 for GPUs, hash verified: /lib.so");
  assertEquals(findings[0]?.facts.verified, true);
});

Deno.test("probeLibtensorflow() says what mends a missing and a damaged one, and one that does not open", async () => {
  const probe = async (locate: () => Promise<typeof library>, open: () => Promise<string>) => {
    const [finding] = await probeLibtensorflow({ locate, open }, reader("12.5"));
    return [finding?.state, finding?.mend];
  };
  const fail = (message: string) => () => Promise.reject(new Error(message));
  const unused = fail("unused");
  assertEquals(await probe(fail("none installed"), unused), ["missing", "deno task setup"]);
  assertEquals(
    await probe(fail("Expected x to have the sha256 y but found z: mend it with deno task setup --gpu"), unused),
    ["broken", "deno task setup --gpu"],
  );
  assertEquals(await probe(() => Promise.resolve(library), fail("GLIBC_2.27 not found")), [
    "broken",
    "deno task setup",
  ]);
});

const adapter = (description: string, more = {}) => ({
  requestAdapter: () =>
    Promise.resolve({ info: { vendor: "v", architecture: "a", device: "d", description, ...more } }),
});

Deno.test("probeWebgpu() does not take a software adapter for a GPU", async () => {
  assertEquals((await probeWebgpu(adapter("NVIDIA L4"))).state, "ok");
  assertEquals((await probeWebgpu(adapter(""))).text, "v a d");
  for (
    const software of [
      adapter("llvmpipe (LLVM 15)"),
      adapter("SwiftShader Device"),
      adapter("X", { isFallbackAdapter: true }),
    ]
  ) {
    const { state, mend } = await probeWebgpu(software);
    assertEquals(state, "missing");
    assert(mend !== undefined);
  }
  assertEquals((await probeWebgpu({ requestAdapter: () => Promise.resolve(null) })).text, "no adapter");
});

Deno.test("probeJsr() says that a checkout goes on without", async () => {
  assertEquals((await probeJsr(() => Promise.resolve(true))).state, "ok");
  assertStringIncludes((await probeJsr(() => Promise.resolve(false))).mend ?? "", "or go on");
});

Deno.test("probeData() tells data that are not there from data that are damaged", async () => {
  assertEquals((await probeData(() => Promise.resolve({ source: "/data" }))).text, "/data");
  assertEquals((await probeData(() => Promise.reject(new DownloadError("no network")))).state, "missing");
  assertEquals((await probeData(() => Promise.reject(new RangeError("Expected x to hold y")))).state, "broken");
});

Deno.test("probeData() downloads nothing", async () => {
  let reason: unknown;
  await probeData((signal) => {
    reason = signal.reason;
    return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve({ source: "downloaded" });
  });
  assert(reason instanceof DownloadError);
});
