import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addReport } from "../../bench/history/add.ts";
import { makeReport, makeResult } from "../bench/report/support.ts";
import { withFolder } from "../data/support.ts";
import { runDeno } from "../run_deno.ts";

Deno.test("serve prints its address, answers there on loopback, and ends well on Ctrl-C", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    await addReport(path, makeReport([makeResult()]));
    let asked: Promise<string> | undefined;
    const { code, stdout, stderr } = await runDeno(
      ["cli.ts", "serve", "--history", path, "--port", "0"],
      (line, child) => {
        asked = fetch(line).then(async (response) => {
          const text = await response.text();
          child.kill("SIGINT");
          return text;
        });
      },
    );
    assert(/^http:\/\/127\.0\.0\.1:\d+\/\n$/.test(stdout), stdout);
    assertStringIncludes(await asked ?? "", "d2l/resnet18");
    assertEquals([code, stderr], [0, "Ctrl-C ends it\n"]);
  });
});

Deno.test("serve ends at once where there is no history, or the port is taken", async () => {
  await withFolder(async (folder) => {
    const missing = await runDeno(["cli.ts", "serve", "--history", `${folder}/h.sqlite`]);
    assertEquals([missing.code, missing.stdout], [1, ""]);
    assertStringIncludes(missing.stderr, "found no such file");
    await addReport(`${folder}/h.sqlite`, makeReport([makeResult()]));
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const { code, stderr } = await runDeno([
      "cli.ts",
      "serve",
      "--history",
      `${folder}/h.sqlite`,
      "--port",
      String(port),
    ]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Expected --port to be free but found ${port} in use`);
  });
});
