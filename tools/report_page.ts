/**
 * Opens an HTML report from disk in a headless Chromium, light and dark, wide and
 * narrow, and prints as JSON what it did and what axe finds. Without a FILE it makes
 * the report of a hundred networks, and fails where that misses its targets.
 *
 *     deno run -A tools/jsr.ts run -A tools/report_page.ts [FILE.html] [--screenshots FOLDER]
 *
 * @module
 */
import axe from "axe-core";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { writeRanking } from "../bench/report/format.ts";
import { rankReport } from "../bench/report/rank.ts";
import { listModels } from "../mod.ts";
import { findChromium } from "./bundle/processes.ts";
import { syntheticReport } from "./synthetic_report.ts";

/** A page as a person with these colours and this window opens it. */
export interface Visit {
  /** What the person prefers. */
  readonly scheme: "light" | "dark";
  /** Of the window, in CSS pixels. */
  readonly width: number;
  /** The page's title. */
  readonly title: string;
  /** Until it was loaded and drawn; the fastest of three. */
  readonly milliseconds: number;
  /** Of the page's background and of a plot's text. */
  readonly colours: readonly string[];
  /** How far the page, not a table in it, can be scrolled sideways, in pixels. */
  readonly overflow: number;
  /** What the first press of the tab key leads to. */
  readonly focus: string;
  /** Where the page is after Enter on its last link of the navigation. */
  readonly followed: string;
  /** How far the arrow key scrolls the first table that has the focus, and how far it could. */
  readonly scrolled: readonly [number, number];
  /** What the console and uncaught errors said. */
  readonly said: readonly string[];
  /** What was asked for, from disk or elsewhere. */
  readonly requests: readonly string[];
  /** What axe finds wrong. */
  readonly violations: readonly string[];
}

/** Each colour and each width once; the others are for pictures. */
const WINDOWS = [{ scheme: "light", width: 1280 }, { scheme: "dark", width: 400 }] as const;
const MORE_WINDOWS = [{ scheme: "light", width: 400 }, { scheme: "dark", width: 1280 }] as const;

// Expressions are text: they run in the page, whose names Deno does not know.
const DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))";
const COLOURS =
  `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector(".plot text")).fill]`;
const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const FOCUSED = "document.activeElement";

async function load(page: Page, address: string): Promise<number> {
  const start = performance.now();
  await page.goto(address);
  await page.evaluate(DRAWN);
  return performance.now() - start;
}

/** Uses the page by the keyboard alone. */
async function byKeyboard(page: Page): Promise<Pick<Visit, "focus" | "followed" | "scrolled">> {
  const press = async (key: string) => {
    await page.keyboard.press(key);
    await page.evaluate(DRAWN);
  };
  await press("Tab");
  const focus = await page.evaluate<string>(`${FOCUSED}.textContent`);
  // Past the navigation lies the first table.
  while (await page.evaluate<boolean>(`${FOCUSED}.matches("nav a")`)) await press("Tab");
  const before = await page.evaluate<number>(`${FOCUSED}.scrollLeft`);
  for (let i = 0; i < 3; i++) await press("ArrowRight");
  await page.waitForTimeout(300);
  const scrolled = await page.evaluate<number>(`${FOCUSED}.scrollLeft`) - before;
  const possible = await page.evaluate<number>(`${FOCUSED}.scrollWidth - ${FOCUSED}.clientWidth`);
  await page.keyboard.press("Shift+Tab");
  await press("Enter");
  return { focus, followed: new URL(page.url()).hash, scrolled: [scrolled, possible] };
}

/** A picture of what a person sees who follows each link of the navigation. */
async function screenshots(page: Page, path: string): Promise<void> {
  for (
    const hash of ["", ...await page.evaluate<string[]>(`[...document.querySelectorAll("nav a")].map((a) => a.hash)`)]
  ) {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.evaluate(DRAWN);
    await page.screenshot({ path: `${path}-${hash.slice(1) || "top"}.png` });
  }
}

async function visit(
  browser: Browser,
  path: string,
  { scheme, width, folder }: Pick<Visit, "scheme" | "width"> & { folder?: string },
): Promise<Visit> {
  const [said, requests]: [string[], string[]] = [[], []];
  // axe is put into the page from outside, which the page's own policy forbids.
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    bypassCSP: true,
  });
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const address = `file://${path}`;
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push(await load(page, address));
  const title = await page.title();
  const colours = await page.evaluate<string[]>(COLOURS);
  const overflow = await page.evaluate<number>(OVERFLOW);
  const keyboard = await byKeyboard(page);
  if (folder !== undefined) await screenshots(page, join(folder, `${scheme}-${width}`));
  // Pictures are one image each to those who cannot see them; what is in them takes axe minutes.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run({ exclude: ["svg"] })`);
  await context.close();
  return {
    scheme,
    width,
    title,
    milliseconds: Math.round(Math.min(...times)),
    colours,
    overflow,
    ...keyboard,
    said,
    requests: [...new Set(requests)],
    violations: violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`),
  };
}

/** Opens the file in both colours, in a wide and in a narrow window. */
async function visits(path: string, folder?: string): Promise<Visit[]> {
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
  try {
    const found: Visit[] = [];
    for (const window of folder === undefined ? WINDOWS : [...WINDOWS, ...MORE_WINDOWS]) {
      found.push(await visit(browser, path, { ...window, ...folder === undefined ? {} : { folder } }));
    }
    return found;
  } finally {
    await browser.close();
  }
}

/** What the report of a hundred networks has to hold. */
const TARGETS = { milliseconds: 1000, bytes: 2_000_000 } as const;

function misses({ scheme, width, milliseconds, overflow, said, requests, violations }: Visit): string[] {
  return [
    ...milliseconds < TARGETS.milliseconds ? [] : [`${milliseconds} ms to open`],
    ...overflow <= 0 ? [] : [`${overflow} pixels too wide`],
    ...said.map((text) => `the console says ${text}`),
    ...requests.length === 1 ? [] : [`asks for ${requests.join(", ")}`],
    ...violations,
  ].map((text) => `${scheme}, ${width}: ${text}`);
}

/** Makes the report of a hundred networks, opens it and prints what came of it. */
async function checkLarge(folder?: string): Promise<number> {
  const report = syntheticReport(listModels().slice(0, 100));
  const html = await writeRanking(rankReport(report), report, { format: "html" });
  const file = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(file, html);
    const { size: bytes } = await Deno.stat(file);
    const found = await visits(file, folder);
    const missed = [...bytes < TARGETS.bytes ? [] : [`${bytes} bytes`], ...found.flatMap(misses)];
    console.log(JSON.stringify({ results: report.results.length, bytes, visits: found, missed }, null, 2));
    return missed.length === 0 ? 0 : 1;
  } finally {
    await Deno.remove(file);
  }
}

if (import.meta.main) {
  const [path, flag, folder, ...more] = Deno.args[0] === "--screenshots" ? [undefined, ...Deno.args] : Deno.args;
  if (more.length > 0 || (flag !== undefined && (flag !== "--screenshots" || folder === undefined))) {
    console.error("Usage: tools/report_page.ts [FILE.html] [--screenshots FOLDER]");
    Deno.exit(2);
  }
  if (path === undefined) Deno.exit(await checkLarge(folder));
  console.log(JSON.stringify(await visits(resolve(path), folder), null, 2));
}
