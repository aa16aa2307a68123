/**
 * Opens an HTML report in a headless Chromium, light and dark, and prints as JSON what
 * it did and what axe finds; --screenshots FOLDER keeps pictures to look at.
 *
 *     deno run -A tools/jsr.ts run -A tools/report_page.ts FILE.html [--screenshots FOLDER]
 *
 * @module
 */
import axe from "axe-core";
import { resolve } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { findChromium } from "./bundle/processes.ts";

/** A page as a person with these colours opens it. */
export interface Visit {
  /** Its title. */
  readonly title: string;
  /** Until it was loaded and drawn. */
  readonly milliseconds: number;
  /** Of the page's background and of a plot's text. */
  readonly colours: string[];
  /** What the first press of the tab key leads to. */
  readonly focus: string;
  /** What the console and uncaught errors said. */
  readonly said: string[];
  /** What was asked for, from disk or elsewhere. */
  readonly requests: string[];
  /** What axe finds wrong. */
  readonly violations: string[];
}

async function visit(browser: Browser, path: string, colorScheme: "light" | "dark", folder?: string): Promise<Visit> {
  // axe is put into the page from outside, which the page's own policy forbids.
  const context = await browser.newContext({ colorScheme, bypassCSP: true });
  const page = await context.newPage();
  const [said, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const start = performance.now();
  await page.goto(`file://${path}`);
  // As text, here and below: these run in the page, whose names Deno does not know.
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  const milliseconds = performance.now() - start;
  const title = await page.title();
  const colours = await page.evaluate<string[]>(
    `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector(".plot text")).fill]`,
  );
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${colorScheme}.png`, fullPage: true });
  await page.keyboard.press("Tab");
  const focus = await page.evaluate<string>("document.activeElement.textContent");
  // Pictures are one image each to those who cannot see them; what is in them takes axe minutes.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run({ exclude: ["svg"] })`);
  await context.close();
  const wrong = violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`);
  return { title, milliseconds, colours, focus, said, requests, violations: wrong };
}

/** Opens the file in both colours. */
async function visits(path: string, folder?: string): Promise<Record<"light" | "dark", Visit>> {
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
  try {
    return { light: await visit(browser, path, "light", folder), dark: await visit(browser, path, "dark", folder) };
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  const [file, flag, folder] = Deno.args;
  if (file === undefined || (flag !== undefined && (flag !== "--screenshots" || folder === undefined))) {
    console.error("Usage: tools/report_page.ts FILE.html [--screenshots FOLDER]");
    Deno.exit(2);
  }
  console.log(JSON.stringify(await visits(resolve(file), folder), null, 2));
}
