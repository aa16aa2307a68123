import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openLibrary } from "../../../backends/tensorflow/capi/library.ts";
import { runDeno } from "../../run_deno.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/libraries/${name}`, import.meta.url));
const SOMETHING_ELSE = "libconvbench_first.so.1";

/** The stand-ins are for this platform; elsewhere there is no libtensorflow to load either. */
const ignore = Deno.build.os !== "linux" || Deno.build.arch !== "x86_64";
const test = (name: string, fn: () => void | Promise<void>) => Deno.test({ name, ignore, fn });

test("a file that is no library, and one that is not there, are refused by their names", () => {
  for (const path of [fixture("make.sh"), fixture("nothing.so")]) {
    const { message } = assertThrows(() => openLibrary({ path, preload: [] }), Error);
    assertStringIncludes(message, `Expected ${path} to be a library for this machine but found that it does not load`);
  }
});

test("another library is refused", () => {
  const path = fixture(SOMETHING_ELSE);
  const { message } = assertThrows(() => openLibrary({ path, preload: [] }), TypeError);
  assertStringIncludes(message, `Expected ${path} to be libtensorflow_cc of TensorFlow 2.15 or newer`);
});

test("a TensorFlow that is too old or too new is refused with the way out", () => {
  for (const version of ["2.9.1", "2.22.0"]) {
    const path = fixture(`libtensorflow_${version}.so`);
    assertThrows(
      () => openLibrary({ path, preload: [] }),
      TypeError,
      `Expected libtensorflow 2.15 to 2.21 but found ${version} at ${path}: deno task setup installs one that fits`,
    );
  }
});

test("a library that another one needs is named where it is missing", () => {
  const path = fixture("libtensorflow_needs_first.so");
  const { message } = assertThrows(() => openLibrary({ path, preload: [] }), Error);
  assertEquals(
    message,
    `Expected ${path} to find the libraries it needs but found no libconvbench_first.so.1: run deno task doctor`,
  );
  // A preloaded one that is missing is named itself.
  const missing = fixture("libcudart.so.12");
  const error = assertThrows(() => openLibrary({ path, preload: [missing] }), Error);
  assertStringIncludes(error.message, `Expected ${missing} to be a library`);
});

test("what is preloaded is found by name, wherever it lies", async () => {
  // A process of its own: a library that is loaded stays loaded.
  const child = fileURLToPath(new URL("open_child.ts", import.meta.url));
  const { stdout } = await runDeno([child, fixture("libtensorflow_needs_first.so"), fixture(SOMETHING_ELSE)]);
  assertEquals(stdout.trim(), "2.21.0");
});
