/**
 * Uses the built page in a headless Chromium as a person would, and prints as JSON what
 * came of it: VISIT FOLDER WHAT, where WHAT is `wasm` or `webgpu`. CONVBENCH_SCREENSHOTS
 * names a folder for pictures to look at.
 *
 * @module
 */
import axe from "axe-core";
import { Buffer } from "node:buffer";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../tools/bundle/processes.ts";
import { makeReport, makeResult } from "../report/support.ts";
import { serveFolder } from "./site.ts";

/** What a visit came to. */
export interface Visit {
  /** The backends as the page lists them. */
  readonly backends: string[];
  /** Those that were ticked before anybody chose. */
  readonly preferred: string[];
  /** What Enter in the form says while nothing is chosen. */
  readonly trouble: string;
  /** Networks that the filter left. */
  readonly filtered: string[];
  /** The downloaded report of a whole run. */
  readonly whole: string;
  /** The downloaded report of a run that was stopped. */
  readonly stopped: string;
  /** What the page said after each. */
  readonly said: string[];
  /** Captions of the tables, at the end of the first run. */
  readonly captions: string[];
  /** Headings above the plots, then. */
  readonly headings: string[];
  /** Where the focus was while it ran, and after. */
  readonly focus: string[];
  /** Elements that a report's name made, and its text as shown. */
  readonly foreign: { readonly images: number; readonly title: string; readonly shown: string };
  /** What is said of a file that is no report. */
  readonly noReport: string;
  /** Console, uncaught errors and failed requests. */
  readonly complaints: string[];
  /** All that was asked for. */
  readonly requests: string[];
  /** Where the server was. */
  readonly origin: string;
  /** Findings of axe, light and dark. */
  readonly violations: string[];
  /** How far a narrow page can be scrolled sideways. */
  readonly overflow: number;
}

/** A name that would run if it were not escaped. */
export const MARKUP = `<img src="x.png" onerror="document.title = 'run'"><script>document.title = "run"</script>`;

const FLAGS = ["--headless", "--no-sandbox", "--no-first-run"];
/** Chromium's own software adapter, where no GPU is at hand. */
const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

const pictures = Deno.env.get("CONVBENCH_SCREENSHOTS");

async function picture(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: `${pictures}/browser-${name}.png`, fullPage: true });
}

/** What axe finds; plots are one image each to those who cannot see them. */
async function judge(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run({ exclude: ["svg"] })`);
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes[0]?.html}`);
}

/** A file for the page's field. */
function reportFile(name: string, text: string) {
  return { name, mimeType: "application/json", buffer: Buffer.from(text) };
}

async function download(page: Page): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download JSON" }).click(),
  ]);
  return await Deno.readTextFile(await file.path());
}

/** Chooses one small network, one backend and few samples. */
async function choose(page: Page, backend: string, modes: readonly string[]): Promise<void> {
  await page.getByRole("button", { name: "Choose none" }).click();
  await page.getByLabel("d2l/lenet", { exact: true }).check();
  for (const name of ["webgpu", "wasm", "cpu"]) {
    const box = page.locator(`#backend-${name}`);
    if (await box.isEnabled()) await box.setChecked(name === backend);
  }
  for (const mode of ["forward", "train"]) await page.locator(`#${mode}`).setChecked(modes.includes(mode));
  await page.locator("#limit").uncheck();
  await page.locator("#batch").fill("4");
  await page.locator("#samples").fill("6");
  await page.locator("#starts").fill("2");
}

const focused = (page: Page) => page.evaluate<string>("document.activeElement.id");

async function open(context: BrowserContext, address: string, complaints: string[], requests: string[]): Promise<Page> {
  context.on("request", (request) => requests.push(request.url()));
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(address);
  await page.locator("#start:enabled").waitFor({ timeout: 60_000 });
  return page;
}

async function visit(browser: Browser, address: string, backend: string): Promise<Visit> {
  const [complaints, requests]: [string[], string[]] = [[], []];
  const context = await browser.newContext({ colorScheme: "light", viewport: { width: 1280, height: 900 } });
  const page = await open(context, address, complaints, requests);
  const backends = await page.locator("#backends li").allInnerTexts();
  const boxes = await page.locator("#backends input:checked").all();
  const preferred = await Promise.all(boxes.map((box) => box.getAttribute("id").then(String)));
  await page.getByLabel("Show those named like").fill("d2l/*net, googlenet_aux");
  const filtered = await page.locator("#names .choice:visible").allInnerTexts();
  await page.getByLabel("Show those named like").fill("");
  await picture(page, `${backend}-form`);

  await page.getByRole("button", { name: "Choose none" }).click();
  await page.locator("#batch").press("Enter");
  const trouble = await page.locator("#trouble").innerText();

  await choose(page, backend, ["train"]);
  await page.locator("#start").focus();
  await page.keyboard.press("Enter");
  const during = await focused(page);
  await page.locator("#start:enabled").waitFor({ timeout: 120_000 });
  const focus = [during, await focused(page)];
  const said = [await page.locator("#status").innerText()];
  const captions = await page.locator("#report caption").allInnerTexts();
  const headings = await page.locator("#report h3").allInnerTexts();
  const whole = await download(page);
  await picture(page, `${backend}-light`);

  await choose(page, backend, ["forward", "train"]);
  await page.locator("#start").click();
  await page.locator("#log li").first().waitFor({ timeout: 60_000 });
  await page.locator("#stop").click();
  await page.locator("#start:enabled").waitFor();
  said.push(await page.locator("#status").innerText());
  const stopped = await download(page);
  await context.close();

  // axe is put into the page from outside, which the policy forbids; what is seen here is not counted.
  const dark = await browser.newContext({
    colorScheme: "dark",
    viewport: { width: 400, height: 900 },
    bypassCSP: true,
  });
  const second = await open(dark, address, complaints, []);
  const violations: string[] = [];
  await second.locator("#open").setInputFiles(reportFile("no.json", "{}"));
  await second.locator("#trouble:not(:empty)").waitFor();
  const noReport = await second.locator("#trouble").innerText();
  const results = (["train", "forward"] as const).flatMap((mode) =>
    ["d2l/lenet", MARKUP].map((model, seed) =>
      makeResult({ milliseconds: 5 + seed, seed }, { mode, model, macs: 4e5, batch: 4 })
    )
  );
  for (const [i, text] of [whole, JSON.stringify(makeReport(results))].entries()) {
    await second.locator("#open").setInputFiles(reportFile(i === 0 ? "own.json" : `${MARKUP}.json`, text));
    await second.locator("#report table").first().waitFor();
    await second.locator("#shown option").nth(i).waitFor({ state: "attached" });
  }
  await second.locator("#report").getByText("onerror").first().waitFor();
  const foreign = {
    images: await second.evaluate<number>("document.querySelectorAll('img, body script').length"),
    title: await second.title(),
    shown: await second.locator("#report tbody th").allInnerTexts().then((names) => names.join("\n")),
  };
  violations.push(...await judge(second));
  const overflow = await second.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  await picture(second, `${backend}-dark`);
  await second.locator("#base").selectOption("0");
  await second.getByText("Time of a step, head against base").first().waitFor();
  await second.emulateMedia({ colorScheme: "light" });
  await second.setViewportSize({ width: 1280, height: 900 });
  violations.push(...await judge(second));
  await picture(second, `${backend}-compared`);
  await dark.close();
  return {
    backends,
    preferred,
    trouble,
    filtered,
    whole,
    stopped,
    said,
    captions,
    headings,
    focus,
    foreign,
    noReport,
    complaints,
    requests,
    origin: new URL(address).origin,
    violations,
    overflow,
  };
}

if (import.meta.main) {
  const [folder = "", backend = "wasm"] = Deno.args;
  const server = serveFolder(folder);
  const browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...FLAGS, ...backend === "webgpu" ? WEBGPU : ["--disable-gpu"]],
  });
  try {
    console.log(JSON.stringify(await visit(browser, `http://127.0.0.1:${server.addr.port}/`, backend)));
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
