import { assert, assertEquals } from "@std/assert";
import { addReport } from "../../../bench/history/add.ts";
import { historyApp } from "../../../bench/serve/app.ts";
import { findChromium } from "../../../tools/bundle/processes.ts";
import { withFolder } from "../../data/support.ts";
import { runDeno } from "../../run_deno.ts";
import { makeReport, makeResult } from "../report/support.ts";
import type { Visit } from "./browse.ts";

/** Whether there is a browser: CI has one, a contributor may not. */
const hasChromium = await findChromium().then(() => true, () => false);

Deno.test({
  name: "Chromium opens the pages under their policy, light and wide, dark and narrow, and axe finds nothing",
  ignore: !hasChromium,
  async fn() {
    await withFolder(async (folder) => {
      const path = `${folder}/h.sqlite`;
      for (let i = 0; i < 40; i++) {
        const slow = i < 25 ? 1 : 1.08;
        const results = (["forward", "train"] as const).map((mode) =>
          makeResult({ seed: i, milliseconds: (mode === "train" ? 60 : 20) * slow }, { mode, model: "d2l/resnet18" })
        );
        await addReport(path, makeReport(results, { started: new Date(Date.UTC(2026, 9, 1 + i)).toISOString() }));
      }
      const server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        (request) => historyApp(path).fetch(request),
      );
      const root = `http://127.0.0.1:${server.addr.port}`;
      const urls = [`${root}/`, `${root}/model?name=d2l%2Fresnet18`];
      // CONVBENCH_SCREENSHOTS names a folder for pictures to look at.
      const pictures = Deno.env.get("CONVBENCH_SCREENSHOTS") ?? "";
      const { code, stdout, stderr } = await runDeno(["tests/bench/serve/browse.ts", pictures, ...urls]);
      await server.shutdown();
      assertEquals(code, 0, stderr);
      const visits: Visit[] = JSON.parse(stdout);
      assertEquals(visits.map(({ colour }) => colour), Array(2).fill(["rgb(255, 255, 255)", "rgb(13, 17, 23)"]).flat());
      assertEquals(visits.map(({ pictures }) => pictures.length), [0, 0, 2, 2]);
      for (const { said, requests, violations, pictures, overflow } of visits) {
        assertEquals(overflow, 0);
        assertEquals([said, violations], [[], []]);
        for (const url of requests) assert(url.startsWith(`${root}/`) || url === "data:,", url);
        for (const width of pictures) assert(width > 0);
      }
    });
  },
});
