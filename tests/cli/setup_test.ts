import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { list, withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

/** Runs `convbench ARGS` with an empty cache in `folder`. */
async function convbench(folder: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const preamble = `Deno.env.set("CONVBENCH_CACHE", "${folder}/cache"); Deno.env.delete("TF_LIB");`;
  const cli = new URL("../../cli.ts", import.meta.url);
  const script = `${folder}/run.ts`;
  await Deno.writeTextFile(
    script,
    `${preamble} const { main } = await import("${cli}"); Deno.exit(await main(${JSON.stringify(args)}));`,
  );
  return await runDeno([script]);
}

Deno.test("convbench setup --dry-run says sizes and licences, and installs nothing", async () => {
  await withFolder(async (folder) => {
    const { code, stdout, stderr } = await convbench(folder, "setup", "--dry-run");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "(Apache-2.0)");
    assertStringIncludes(stdout, " to download, ");
    assertStringIncludes(stdout, " free\n");
    assertEquals(await list(`${folder}/cache`), []);
  });
});

const mistakes: [args: string[], code: number, message: string][] = [
  [["setup", "--gpo"], 2, "Expected a known flag but found --gpo: is it --gpu"],
  [["setup", "--remove", "--gpu"], 2, "Expected --remove alone but found it with --gpu"],
  [["setup", "--lib="], 2, "Expected --lib to have a value but found none"],
  [["setup", "--lib", "/no/such"], 1, "Expected --lib to be the path of "],
  [
    ["setup", "--python", "/no/such"],
    1,
    "Expected a Python with pip, which downloads TensorFlow's wheel, but found no ",
  ],
  [["set-up"], 2, 'but found "set-up": is it setup\nSee convbench --help'],
];

for (const [args, expected, message] of mistakes) {
  Deno.test(`convbench ${args.join(" ")} is refused in a sentence`, async () => {
    await withFolder(async (folder) => {
      const { code, stderr } = await convbench(folder, ...args);
      assertEquals(code, expected, stderr);
      assertStringIncludes(stderr, message);
      assert(!stderr.includes("    at "), stderr);
    });
  });
}

Deno.test("convbench setup --remove removes what there is, and says so where there is nothing", async () => {
  await withFolder(async (folder) => {
    assertStringIncludes((await convbench(folder, "setup", "--remove")).stdout, "Nothing is installed in ");
    await Deno.mkdir(`${folder}/cache/libtensorflow`, { recursive: true });
    await Deno.writeFile(`${folder}/cache/libtensorflow/half`, new Uint8Array(2_000_000));
    assertStringIncludes((await convbench(folder, "setup", "--remove")).stdout, "(2 MB)");
    assertEquals(await list(`${folder}/cache`), []);
  });
});
