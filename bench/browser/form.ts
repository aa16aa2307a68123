/**
 * The form: which networks, which backends, how many samples.
 *
 * @module
 */
import type { ModelName } from "../../models/catalog.ts";
import { listModels } from "../../models/registry.ts";
import { MODES } from "../workloads.ts";
import type { BackendChoice } from "./backends.ts";
import { byId, create, type PageElement } from "./dom.ts";
import type { Settings } from "./run.ts";

/** The networks whose names have `text` in them, or match it as a glob; several with commas. */
export function modelsLike(text: string): Set<ModelName> {
  const wanted = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  const all = listModels();
  if (wanted.length === 0) return new Set(all);
  return new Set(
    wanted.flatMap((part) => [...all.filter((model) => model.includes(part)), ...listModels(part)]),
  );
}

/** The rows of networks, each with its box, by name. */
function modelRows(): Map<ModelName, { row: PageElement; box: PageElement }> {
  return new Map([...byId("names").querySelectorAll(".choice")].flatMap((row) => {
    const box = row.querySelector("input");
    return box === null ? [] : [[box.value as ModelName, { row, box }]];
  }));
}

/** Has the fields for networks answer to a person. */
export function wireModels(): void {
  const rows = modelRows();
  let shown = modelsLike("");
  const count = () => {
    const chosen = [...rows.values()].filter(({ box }) => box.checked).length;
    byId("chosen").textContent = `${chosen} chosen, ${shown.size} of ${rows.size} shown`;
  };
  byId("filter").addEventListener("input", () => {
    shown = modelsLike(String(byId("filter").value));
    for (const [model, { row }] of rows) row.hidden = !shown.has(model);
    count();
  });
  byId("choose").addEventListener("click", () => {
    for (const [model, { box }] of rows) if (shown.has(model)) box.checked = true;
    count();
  });
  byId("clear").addEventListener("click", () => {
    for (const { box } of rows.values()) box.checked = false;
    count();
  });
  byId("names").addEventListener("change", count);
  count();
}

/** Shows the backends, those that are not there with the reason. */
export function showBackends(choices: readonly BackendChoice[]): void {
  byId("backends").replaceChildren(...choices.map(({ name, label, text, available, preferred }) => {
    const id = `backend-${name}`;
    const box = create("input", { type: "checkbox", id, "aria-describedby": `${id}-text` });
    box.disabled = !available;
    box.checked = preferred;
    const about = create("span", { id: `${id}-text` }, available ? text : `not here: ${text}`);
    return create("li", { class: "choice" }, box, create("label", { for: id }, create("strong", {}, label)), about);
  }));
}

/** What the form asks for, or what is wrong with it in a sentence. */
export function readForm(
  choices: readonly BackendChoice[],
): { settings: Settings; backends: BackendChoice[] } | string {
  const models = [...modelRows()].flatMap(([model, { box }]) => box.checked ? [model] : []);
  const modes = MODES.filter((mode) => byId(mode).checked);
  const backends = choices.filter(({ name }) => byId(`backend-${name}`).checked);
  if (models.length === 0) return "Choose a network";
  if (backends.length === 0) return "Choose a backend";
  if (modes.length === 0) return "Choose forward or train";
  const number = (id: string) => Number(byId(id).value);
  const settings: Settings = {
    models,
    modes,
    batch: byId("batch").value === "" ? undefined : number("batch"),
    samples: number("samples"),
    starts: number("starts"),
    limit: byId("limit").checked,
  };
  return { settings, backends };
}
