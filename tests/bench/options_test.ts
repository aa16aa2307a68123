import { assertEquals, assertThrows } from "@std/assert";
import { parseBenchOptions } from "../../bench/options.ts";

Deno.test("options are read with and without a literal --, and with = or a space", () => {
  const expected = { models: "d2l/*", batch: 16, backend: "wasm" };
  assertEquals(parseBenchOptions(["--models", "d2l/*", "--batch", "16", "--backend", "wasm"]), expected as never);
  assertEquals(parseBenchOptions(["--", "--models=d2l/*", "--batch=16", "--backend=wasm"]), expected as never);
  assertEquals(parseBenchOptions([]), { models: "**" });
});

Deno.test("an unknown flag is answered with the nearest one", () => {
  assertThrows(() => parseBenchOptions(["--model", "x"]), RangeError, "found --model: is it --models");
});

for (const batch of ["0", "1.5", "-3", "many", ""]) {
  Deno.test(`a batch of ${JSON.stringify(batch)} is refused`, () => {
    assertThrows(
      () => parseBenchOptions([`--batch=${batch}`]),
      RangeError,
      "Expected --batch to be a positive integer",
    );
  });
}

Deno.test("an unknown backend is refused", () => {
  assertThrows(
    () => parseBenchOptions(["--backend", "cuda"]),
    RangeError,
    'Expected --backend to be one of wasm, cpu but found "cuda"',
  );
});
