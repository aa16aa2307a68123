/**
 * Opens pages of `convbench serve` in a headless Chromium, light and wide, dark and narrow, and prints
 * as JSON what it did and what axe finds; a folder behind the address keeps pictures.
 *
 * @module
 */
import axe from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../../../tools/bundle/processes.ts";

/** A page as a person with these colours opens it. */
export interface Visit {
  /** Its heading. */
  readonly heading: string;
  /** The background's colour. */
  readonly colour: string;
  /** How far the page, not what it holds, can be scrolled sideways, in pixels. */
  readonly overflow: number;
  /** Widths of the pictures, 0 where one did not load. */
  readonly pictures: number[];
  /** What the console and uncaught errors said. */
  readonly said: string[];
  /** What was asked for. */
  readonly requests: string[];
  /** What axe finds wrong. */
  readonly violations: string[];
}

/** Each colour has a window of its own. */
const WIDTHS = { light: 1280, dark: 400 } as const;

async function visit(browser: Browser, url: string, colorScheme: "light" | "dark", picture?: string): Promise<Visit> {
  // The page's own policy holds here; what it forbids would be said.
  const settings = { colorScheme, viewport: { width: WIDTHS[colorScheme], height: 900 } };
  const page = await browser.newPage(settings);
  const [said, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url, { waitUntil: "networkidle" });
  const heading = await page.locator("h1").innerText();
  // As text: these run in the page, whose names Deno does not know.
  const colour = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  const overflow = await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  const pictures = await page.evaluate<number[]>("[...document.images].map(({ naturalWidth }) => naturalWidth)");
  if (picture !== undefined) await page.screenshot({ path: picture, fullPage: true });
  await page.close();
  // axe is put into the page from outside, which the policy forbids.
  const context = await browser.newContext({ ...settings, bypassCSP: true });
  const second = await context.newPage();
  await second.goto(url, { waitUntil: "networkidle" });
  await second.evaluate(axe.source);
  const { violations } = await second.evaluate<axe.AxeResults>("axe.run()");
  await context.close();
  const wrong = violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`);
  return { heading, colour, overflow, pictures, said, requests, violations: wrong };
}

const [folder, ...urls] = Deno.args;
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
});
try {
  const visits: Visit[] = [];
  for (const [i, url] of urls.entries()) {
    for (const scheme of ["light", "dark"] as const) {
      visits.push(await visit(browser, url, scheme, folder ? `${folder}/${i}-${scheme}.png` : undefined));
    }
  }
  console.log(JSON.stringify(visits));
} finally {
  await browser.close();
}
