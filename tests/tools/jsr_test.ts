import { assertEquals, assertThrows } from "@std/assert";
import { commandLine, ROOT } from "../../tools/jsr.ts";

async function deno(...args: string[]): Promise<{ code: number; stdout: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "null" }).output();
  return { code, stdout: new TextDecoder().decode(stdout).trim() };
}

Deno.test("commandLine() means the same with and without a literal --", () => {
  const expected = { subcommand: "test", args: ["-P", "--doc", "tests/a_test.ts", "--fail-fast"] };
  assertEquals(commandLine(["test", "-P", "--doc", "--", "tests/a_test.ts", "--fail-fast"]), expected);
  assertEquals(commandLine(["test", "-P", "--doc", "--", "--", "tests/a_test.ts", "--fail-fast"]), expected);
});

Deno.test("commandLine() keeps a -- that separates a script's own arguments", () => {
  assertEquals(commandLine(["bench", "-P", "--", "bench/a_bench.ts", "--", "--batch=8"]).args, [
    "-P",
    "bench/a_bench.ts",
    "--",
    "--batch=8",
  ]);
});

Deno.test("commandLine() takes all as flags where there is no --", () => {
  assertEquals(commandLine(["check", "."]), { subcommand: "check", args: ["."] });
  assertEquals(commandLine(["test", "-P", "--"]), { subcommand: "test", args: ["-P"] });
});

Deno.test("commandLine() throws where there is no subcommand", () => {
  assertThrows(() => commandLine([]), RangeError, "Expected a subcommand of deno but found nothing");
  assertThrows(() => commandLine(["--doc"]), RangeError, "Expected a subcommand of deno but found --doc");
});

Deno.test("tools/jsr.ts hands on arguments and the exit code", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const script = `${folder}/script.ts`;
    await Deno.writeTextFile(script, "console.log(JSON.stringify(Deno.args)); Deno.exit(7);");
    const { code, stdout } = await deno("run", "-A", "tools/jsr.ts", "run", "--", "--", script, "--", "d2l/*", "a b");
    assertEquals({ code, stdout }, { code: 7, stdout: JSON.stringify(["--", "d2l/*", "a b"]) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tools/jsr.ts without a subcommand is a usage error", async () => {
  assertEquals((await deno("run", "-A", "tools/jsr.ts")).code, 2);
});
