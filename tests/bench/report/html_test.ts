import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compareReports } from "../../../bench/report/compare.ts";
import { writeComparison, writeRanking } from "../../../bench/report/format.ts";
import { rankReport } from "../../../bench/report/rank.ts";
import type { Report } from "../../../bench/report/schema.ts";
import { hashSeed } from "../../../models/random.ts";
import { findChromium } from "../../../tools/bundle/processes.ts";
import type { Visit } from "../../../tools/report_page.ts";
import { runDeno } from "../../run_deno.ts";
import { makeReport, makeResult } from "./support.ts";

const SCRIPT = `<script>document.title = "run"</script><img src="https://example.org/x.png" onerror="alert(1)">`;

/** A run of `count` networks in both modes; the last one's name is markup. */
function runOf(count: number, run: number): Report {
  return makeReport([...Array(count).keys()].flatMap((i) =>
    (["forward", "train"] as const).map((mode) => {
      const model = i === count - 1 ? SCRIPT : `timm/network_of_some_length${i}`;
      return makeResult(
        { milliseconds: (5 + 3 * i) * (mode === "train" ? 3 : 1), seed: hashSeed(run, `${i} ${mode}`) },
        { model, mode, params: 1e6 * (1 + i * 37 % 50), macs: 1e8 * (1 + i * 71 % 40) },
      );
    })
  ));
}

const pages = {
  comparison: (count: number) => {
    const [base, head] = [runOf(count, 1), runOf(count, 2)];
    return writeComparison(compareReports(base, head), { base, head }, { format: "html" });
  },
  ranking: (count: number) => {
    const head = runOf(count, 2);
    return writeRanking(rankReport(head), head, { format: "html" });
  },
} as const;

/** Whether there is a browser: CI has one, a contributor may not. */
const hasChromium = await findChromium().then(() => true, () => false);

for (const [what, write] of Object.entries(pages)) {
  Deno.test(`the ${what} of a hundred networks is one small file without script`, async () => {
    const html = await write(100);
    assert(html.length < 2_000_000, `${html.length}`);
    assert(!/<script|<img|<iframe|@import|url\((?!#)/.test(html));
    assertStringIncludes(html, "&lt;script&gt;");
  });

  Deno.test({
    name: `Chromium opens the ${what} from a file, light and dark, and axe finds nothing`,
    ignore: !hasChromium,
    async fn() {
      const path = await Deno.makeTempFile({ suffix: ".html" });
      try {
        await Deno.writeTextFile(path, await write(5));
        const { code, stdout, stderr } = await runDeno(["tools/report_page.ts", path]);
        assertEquals(code, 0, stderr);
        const visits: Visit[] = JSON.parse(stdout);
        assertEquals(visits.map(({ scheme, width }) => `${scheme} ${width}`), [
          "light 1280",
          "dark 400",
        ]);
        for (const { title, focus, followed, scrolled, overflow, said, requests, violations } of visits) {
          assert(title.endsWith("– convbench"), title);
          assertEquals([said, requests, violations], [[], [`file://${path}`], []]);
          assertEquals([focus, followed, overflow], ["Results", "#environment", 0]);
          const [moved, possible] = scrolled;
          assert(possible === 0 || moved > 0, `${scrolled}`);
        }
        const colours = (of: string) =>
          new Set(visits.filter(({ scheme }) => scheme === of).flatMap(({ colours }) => colours));
        assertEquals(colours("light"), new Set(["rgb(255, 255, 255)", "rgb(31, 35, 40)"]));
        assertEquals(colours("dark"), new Set(["rgb(13, 17, 23)", "rgb(230, 237, 243)"]));
      } finally {
        await Deno.remove(path);
      }
    },
  });
}
