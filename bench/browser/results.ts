/**
 * The place of results: reports to choose among, to compare, to keep.
 *
 * @module
 */
import { parseReport } from "../report/read.ts";
import type { Report } from "../report/schema.ts";
import { byId, create, page, parseDocument } from "./dom.ts";
import { comparisonHtml, rankingHtml, type Shown, sideBySideHtml } from "./view.ts";

/** A report as the text of a file. */
export function reportText(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The name of a file for a report of `label`. */
export function fileName(label: string, ending: string): string {
  return `convbench-${label.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-").replaceAll(/^-|-$/g, "")}.${ending}`;
}

/** Hands a person a file. */
function save(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = create("a");
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers read it only after the click is over.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A file may have any name. */
const LONGEST = 60;

const wordsOf = (error: unknown): string => error instanceof Error ? error.message : String(error);

/** All reports of the page. */
export class Results {
  #all: Shown[] = [];
  #html = "";
  /** Counts what was asked to be shown: what is overtaken is not shown. */
  #turn = 0;

  /** Has the fields of the page answer to a person. */
  constructor() {
    byId("shown").addEventListener("change", () => void this.#show());
    byId("base").addEventListener("change", () => void this.#show());
    byId("save-json").addEventListener("click", () => {
      const head = this.#head;
      if (head !== undefined) save(fileName(head.label, "json"), reportText(head.report), "application/json");
    });
    byId("save-html").addEventListener("click", () => {
      const head = this.#head;
      if (head !== undefined) save(fileName(head.label, "html"), this.#html, "text/html");
    });
    byId("open").addEventListener("change", () => void this.#open());
  }

  get #head(): Shown | undefined {
    return this.#all[Number(byId("shown").value)];
  }

  /** Adds a report and shows it; one of the same name stays beside it. */
  async add({ label: given, report }: Shown): Promise<void> {
    const shown = { label: given.length <= LONGEST ? given : `${given.slice(0, LONGEST - 1)}…`, report };
    const same = this.#all.filter(({ label }) => label.replace(/ #\d+$/, "") === shown.label).length;
    this.#all.push(same === 0 ? shown : { ...shown, label: `${shown.label} #${same + 1}` });
    const options = () => this.#all.map(({ label }, i) => create("option", { value: String(i) }, label));
    const base = byId("base").value;
    byId("shown").replaceChildren(...options());
    byId("shown").value = String(this.#all.length - 1);
    byId("base").replaceChildren(create("option", { value: "" }, "nothing"), ...options());
    byId("base").value = base;
    byId("shown-field").hidden = byId("base-field").hidden = this.#all.length < 2;
    byId("side-by-side").replaceChildren(
      ...this.#all.length < 2
        ? []
        : [...parseDocument(sideBySideHtml(this.#all)).querySelector("body")?.childNodes ?? []],
    );
    await this.#show();
  }

  async #open(): Promise<void> {
    const file = byId("open").files?.[0];
    if (file === undefined) return;
    byId("trouble").textContent = "";
    try {
      await this.add({ label: file.name, report: parseReport(await file.text(), file.name) });
    } catch (error) {
      byId("trouble").textContent = wordsOf(error);
    }
  }

  async #show(): Promise<void> {
    const turn = ++this.#turn;
    const head = this.#head;
    if (head === undefined) return;
    const chosen = byId("base").value;
    const base = chosen === "" ? undefined : this.#all[Number(chosen)];
    let html: string;
    try {
      html = await (base === undefined || base === head ? rankingHtml(head) : comparisonHtml(base, head));
    } catch (error) {
      if (turn === this.#turn) byId("report").replaceChildren(create("p", { class: "bad" }, wordsOf(error)));
      return;
    }
    if (turn !== this.#turn) return;
    this.#html = html;
    const { title, outcome, main } = partsOf(html);
    byId("report").replaceChildren(create("p", { class: "outcome" }, `${title}: ${outcome}`), ...main);
    byId("save-json").disabled = byId("save-html").disabled = false;
  }
}

/** What of a report's page has a place in this one. */
function partsOf(html: string) {
  // This page has that style already, and its policy allows no other.
  const found = parseDocument(html.replace(/<style>.*?<\/style>/s, ""));
  const text = (selector: string) => found.querySelector(selector)?.textContent ?? "";
  return { title: text("h1"), outcome: text(".outcome"), main: [...found.querySelector("main")?.childNodes ?? []] };
}

/** Warns of leaving the page while `busy`. */
export function guardLeaving(busy: () => boolean): void {
  globalThis.addEventListener("beforeunload", (event) => {
    if (busy()) event.preventDefault();
  });
}

/** Whether the page was out of sight since this was asked last. */
export function sightWatch(): () => boolean {
  let hidden = page.visibilityState === "hidden";
  page.addEventListener("visibilitychange", () => hidden ||= page.visibilityState === "hidden");
  return () => {
    const was = hidden;
    hidden = page.visibilityState === "hidden";
    return was;
  };
}
