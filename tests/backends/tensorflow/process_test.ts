import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { hasTensorFlow } from "../../backends_under_test.ts";
import { offlineFlags, ROOT } from "../../../tools/jsr.ts";

/** Runs `child`'s part called `what` in a process of its own, with these permissions. */
async function child(what: string, flags: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const script = fileURLToPath(new URL("process_child.ts", import.meta.url));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...flags, ...await offlineFlags(), script, what],
    cwd: ROOT,
  }).output();
  return { stdout: new TextDecoder().decode(stdout).trim(), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("without --allow-ffi TensorFlow is passed over, and refused by name in one sentence", async () => {
  const { stdout, stderr } = await child("choose", ["--allow-read", "--allow-env", "--allow-sys"]);
  assertEquals(stdout.split("\n"), [
    "wasm",
    "Expected permission to load libtensorflow but found none: run with --allow-ffi",
  ], stderr);
});

Deno.test({
  name: "TensorFlow runs with the permissions that the docs name, and no others",
  ignore: !hasTensorFlow,
  async fn() {
    const { stdout, stderr } = await child("run", ["--allow-ffi", "--allow-read", "--allow-env", "--allow-sys"]);
    assertEquals(stdout, "tensorflow 7,10,15,22", stderr);
  },
});

Deno.test({
  name: "a GPU that is not there is an error, and what runs already stays as it is",
  ignore: !hasTensorFlow,
  async fn() {
    const { stdout, stderr } = await child("gpu", ["-A"]);
    const [error = "", still] = stdout.split("\n");
    assertStringIncludes(error, "Expected a backend on the gpu that runs here but found none (tensorflow on the gpu: ");
    assertEquals(still, "tensorflow 7,10,15,22", stderr);
  },
});

Deno.test({
  name: "tensors that nobody disposed are freed in TensorFlow once JavaScript has collected them",
  ignore: !hasTensorFlow,
  async fn() {
    const { stdout, stderr } = await child("collect", ["-A", "--v8-flags=--expose-gc"]);
    const { lost, after } = JSON.parse(stdout || stderr);
    // What the engine itself still refers to may stay: a handful, not the thousand.
    assertEquals([lost >= 1000, after <= 10], [true, true], stdout);
  },
});

Deno.test({
  name: "options that cannot change once TensorFlow runs are refused when they do",
  ignore: !hasTensorFlow,
  async fn() {
    const { stdout, stderr } = await child("settings", ["-A"]);
    assertStringIncludes(
      stdout,
      "Expected gpuMemoryLimit to be what TensorFlow runs with in this process, 1024, but found 2048",
      stderr,
    );
  },
});
