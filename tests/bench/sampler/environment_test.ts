import { assert, assertEquals } from "@std/assert";
import { type EnvironmentReader, readEnvironment } from "../../../bench/sampler/environment.ts";
import type { BackendRecord } from "../../../bench/sampler/messages.ts";

const wasm: BackendRecord = {
  name: "wasm",
  device: "cpu",
  version: "4.22.0",
  features: { simd: true, threads: 1 },
  tfjs: "4.22.0",
};
const tensorflow: BackendRecord = {
  name: "tensorflow",
  device: "cpu",
  version: "2.21.0",
  features: { library: "/somewhere/libtensorflow_cc.so.2" },
  tfjs: "4.22.0",
};
const gpu: BackendRecord = {
  ...tensorflow,
  device: "gpu",
  features: {
    ...tensorflow.features,
    gpu: "NVIDIA H100",
    driver: "555.42.06",
    memory: 8e10,
    memoryForTensors: 7e10,
    cuda: "12.5",
    cudnn: "9.3.0",
    tf32: true,
  },
};

/** A machine of a test: its load rises by one each time it is asked. */
function machine(
  { env = {}, git = () => undefined }: {
    env?: Record<string, string>;
    git?: (args: readonly string[]) => string | undefined;
  } = {},
): EnvironmentReader {
  let load = 0;
  return {
    cpu: () => ({ topic: "CPU", state: "ok", text: "", facts: { model: "AMD EPYC", cores: 4 } }),
    memory: () => ({ topic: "Memory", state: "ok", text: "", facts: { total: 16e9, available: 8e9 } }),
    load: () => load++,
    env: (name) => env[name],
    git: (args) => Promise.resolve(git(args)),
  };
}

Deno.test("an environment names machine, versions and load, before and after", async () => {
  const finish = await readEnvironment(["--no-wasm-deopt"], machine());
  const { started, ...environment } = finish(wasm);
  assertEquals(environment, {
    cpu: "AMD EPYC",
    cores: 4,
    memory: 16e9,
    gpu: null,
    driver: null,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    tfjs: "4.22.0",
    libtensorflow: null,
    threads: 1,
    flags: { simd: true, v8: "--no-wasm-deopt" },
    load: { start: 0, end: 1 },
    commit: null,
  });
  assert(Date.now() - Date.parse(started ?? "") < 60_000);
});

Deno.test("TensorFlow on the CPU says its version, oneDNN and its threads, and no path of the machine", async () => {
  const plain = (await readEnvironment([], machine()))(tensorflow);
  assertEquals([plain.libtensorflow, plain.threads, plain.flags], ["2.21.0", 4, { oneDNN: true }]);
  const env = { TF_ENABLE_ONEDNN_OPTS: "0", TF_NUM_INTRAOP_THREADS: "2" };
  const told = (await readEnvironment([], machine({ env })))(tensorflow);
  assertEquals([told.threads, told.flags], [2, { oneDNN: false, ...env }]);
});

Deno.test("a GPU says its name, its driver and how it computes, and no memory that happens to be free", async () => {
  const environment = (await readEnvironment([], machine()))(gpu);
  assertEquals([environment.gpu, environment.driver, environment.threads], ["NVIDIA H100", "555.42.06", null]);
  assertEquals(environment.flags, { cuda: "12.5", cudnn: "9.3.0", tf32: true });
});

Deno.test("variables that change how libraries compute are told", async () => {
  const env = { DENO_V8_FLAGS: "--single-threaded", NVIDIA_TF32_OVERRIDE: "0", HOME: "/root" };
  const { flags } = (await readEnvironment([], machine({ env })))(wasm);
  assertEquals(flags, { simd: true, DENO_V8_FLAGS: "--single-threaded", NVIDIA_TF32_OVERRIDE: "0" });
});

Deno.test("the commit is git's, with -dirty where files differ, deno.lock left out", async () => {
  const asked: string[] = [];
  const commitOf = async (changes: string) => {
    const git = (args: readonly string[]) => {
      asked.push(args.join(" "));
      return args[0] === "rev-parse" ? "abc123" : changes;
    };
    return (await readEnvironment([], machine({ git })))(wasm).commit;
  };
  assertEquals(await commitOf(""), "abc123");
  assertEquals(await commitOf(" M mod.ts"), "abc123-dirty");
  assert(asked.some((args) => args.includes("exclude") && args.includes("deno.lock")));
});

Deno.test("without git the commit is what CI says", async () => {
  const env = { GITHUB_SHA: "def456" };
  assertEquals((await readEnvironment([], machine({ env })))(wasm).commit, "def456");
});

Deno.test("a changed deno.lock alone does not make a folder dirty, another file does", async () => {
  const folder = await Deno.makeTempDir({ prefix: "convbench-git-" });
  const git = async (args: readonly string[]) => {
    const author = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    const { success, stdout } = await new Deno.Command("git", { args: [...author, ...args], cwd: folder }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  };
  const commit = async () => (await readEnvironment([], { ...machine(), git }))(wasm).commit;
  try {
    await git(["init", "--quiet"]);
    for (const name of ["deno.lock", "mod.ts"]) await Deno.writeTextFile(`${folder}/${name}`, "1");
    await git(["add", "."]);
    await git(["commit", "--quiet", "-m", "first"]);
    const head = await git(["rev-parse", "HEAD"]);
    assert(head !== undefined && head.length >= 40);
    assertEquals(await commit(), head);
    await Deno.writeTextFile(`${folder}/deno.lock`, "2");
    assertEquals(await commit(), head);
    await Deno.writeTextFile(`${folder}/mod.ts`, "2");
    assertEquals(await commit(), `${head}-dirty`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
