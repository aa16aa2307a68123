import { assertEquals, assertThrows } from "@std/assert";
import { parseBenchOptions } from "../../bench/options.ts";

Deno.test("options are read with and without a literal --, and with = or a space", () => {
  const expected = { models: "d2l/*", batch: 16, backend: "wasm" };
  assertEquals(parseBenchOptions(["--models", "d2l/*", "--batch", "16", "--backend", "wasm"]), expected as never);
  assertEquals(parseBenchOptions(["--", "--models=d2l/*", "--batch=16", "--backend=wasm"]), expected as never);
  assertEquals(parseBenchOptions(["--compiled"]), { compiled: true });
  assertEquals(parseBenchOptions([]), {});
});

Deno.test("an unknown flag is answered with the nearest one", () => {
  assertThrows(() => parseBenchOptions(["--model", "x"]), Error, "found --model: is it --models");
});

for (const batch of ["0", "1.5", "-3", "many"]) {
  Deno.test(`a batch of ${JSON.stringify(batch)} is refused`, () => {
    assertThrows(
      () => parseBenchOptions([`--batch=${batch}`]),
      Error,
      "Expected --batch to be a positive integer",
    );
  });
}

Deno.test("a flag without its value is refused", () => {
  assertThrows(() => parseBenchOptions(["--batch="]), Error, "Expected --batch to have a value but found none");
});

Deno.test("an unknown backend is refused", () => {
  assertThrows(
    () => parseBenchOptions(["--backend", "cuda"]),
    Error,
    'Expected --backend to be one of tensorflow, webgpu, wasm, cpu but found "cuda"',
  );
});
