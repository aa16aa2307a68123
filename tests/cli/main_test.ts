import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../cli/table.ts";
import config from "../../deno.json" with { type: "json" };
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

const convbench = (...args: string[]) => runDeno(["cli.ts", ...args]);

Deno.test("--version tells the version of deno.json, on stdout", async () => {
  assertEquals(await convbench("--version"), { code: 0, stdout: `convbench ${config.version}\n`, stderr: "" });
});

Deno.test("--help lists every command; help COMMAND is COMMAND --help", async () => {
  const [help, short, of, flag] = await Promise.all([
    convbench("--help"),
    convbench("-h"),
    convbench("help", "history", "add"),
    convbench("history", "add", "-h"),
  ]);
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    assertStringIncludes(help.stdout, `  ${name} `);
    assertStringIncludes(help.stdout, summary);
  }
  assertEquals([help.code, help.stderr, short.stdout], [0, "", help.stdout]);
  assertStringIncludes(of.stdout, "Usage: convbench history add REPORT.json… [OPTIONS]");
  assertEquals(flag.stdout, of.stdout);
});

Deno.test("every command is called what the table calls it, and has examples that call it", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { spec } = await load();
    assertEquals(spec.name, name);
    for (const example of spec.examples) assertStringIncludes(example, `convbench ${name}`);
    assert(spec.about.length > 20, name);
    // Behind an argument that may be repeated none could be told apart.
    for (const argument of spec.args.slice(0, -1)) assert(argument.many !== true, name);
  }
});

Deno.test("an unknown command, and none, end with 2 and a hint on stderr", async () => {
  const [wrong, none] = await Promise.all([convbench("tarin"), convbench()]);
  assertEquals(wrong, {
    code: 2,
    stdout: "",
    stderr: 'Expected a command but found "tarin": is it train\nSee convbench --help\n',
  });
  assertEquals([none.code, none.stdout], [2, ""]);
});

Deno.test("a mistake names the command whose help tells more", async () => {
  const { code, stderr } = await convbench("models", "--hlep");
  assertEquals([code, stderr], [
    2,
    "Expected a known flag but found --hlep: is it --help\nSee convbench models --help\n",
  ]);
});

Deno.test("models lists what a glob matches, a name a line", async () => {
  const { code, stdout, stderr } = await convbench("models", "d2l/bnlenet*");
  assertEquals([code, stdout, stderr], [0, "d2l/bnlenet\nd2l/bnlenet_scratch\n", ""]);
  const none = await convbench("models", "d2l/bnlenett");
  assertEquals([none.code, none.stdout], [2, ""]);
  assertStringIncludes(none.stderr, "is it d2l/bnlenet");
});

Deno.test("--quiet leaves out words, not errors", async () => {
  await withFolder(async (folder) => {
    const [loud, quiet, wrong] = await Promise.all([
      convbench("diagram", "d2l/lenet", "--out", `${folder}/a.svg`),
      convbench("diagram", "d2l/lenet", "--out", `${folder}/b.svg`, "--quiet"),
      convbench("diagram", "d2l/lent", "-q"),
    ]);
    assertEquals([loud.stderr, quiet.stderr], [`Wrote ${folder}/a.svg\n`, ""]);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, 'is it "d2l/lenet"');
  });
});
