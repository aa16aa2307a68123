/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The page before its script runs: a form and empty places. All text is escaped by
 * Hono's JSX.
 *
 * @module
 */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ModelName } from "../../models/catalog.ts";

/** What is measured where nobody chose. */
export const DEFAULT_MODELS: readonly ModelName[] = ["d2l/lenet", "d2l/bnlenet"];

/**
 * Nothing but this folder's own files, whatever a report's text says. Wasm has to be
 * compiled; plots have styles in attributes, which run nothing and load nothing.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function Choice({ id, checked = false, value, children }: {
  id: string;
  checked?: boolean;
  value?: string;
  children?: Child;
}): JSX.Element {
  return (
    <div class="choice">
      <input type="checkbox" id={id} checked={checked} value={value} />
      <label for={id}>{children}</label>
    </div>
  );
}

function NumberField({ id, label, value, max, placeholder }: {
  id: string;
  label: string;
  value?: string;
  max: number;
  placeholder?: string;
}): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        type="number"
        id={id}
        min={1}
        max={max}
        step={1}
        value={value}
        placeholder={placeholder}
        required={value !== undefined}
      />
    </div>
  );
}

function Models({ models }: { models: readonly ModelName[] }): JSX.Element {
  return (
    <fieldset>
      <legend>Networks</legend>
      <div class="row">
        <div class="field wide">
          <label for="filter">Show those named like</label>
          <input id="filter" type="text" placeholder="d2l/*, resnet" spellcheck={false} autocomplete="off" />
        </div>
        <button type="button" id="choose">Choose all shown</button>
        <button type="button" id="clear">Choose none</button>
      </div>
      <div class="names" id="names" role="group" aria-label="Names" tabindex={0}>
        {models.map((model, i) => (
          <Choice id={`model-${i}`} value={model} checked={DEFAULT_MODELS.includes(model)}>
            <code>{model}</code>
          </Choice>
        ))}
      </div>
      <p id="chosen" role="status"></p>
    </fieldset>
  );
}

function Form({ models }: { models: readonly ModelName[] }): JSX.Element {
  return (
    <form id="form" aria-label="What to measure">
      <div id="settings">
        <Models models={models} />
        <fieldset>
          <legend>Backends</legend>
          <ul class="backends" id="backends">
            <li>Asking the browser …</li>
          </ul>
        </fieldset>
        <fieldset>
          <legend>Steps</legend>
          <div class="row">
            <Choice id="forward" checked>forward: evaluation</Choice>
            <Choice id="train" checked>train: forward and all gradients</Choice>
            <Choice id="limit" checked>what the browser itself can do: roofline</Choice>
          </div>
          <div class="row">
            <NumberField id="batch" label="Batch" placeholder="auto" max={4096} />
            <NumberField id="samples" label="Samples" value="30" max={10_000} />
            <NumberField id="starts" label="Fresh starts" value="3" max={100} />
          </div>
        </fieldset>
      </div>
      <div class="row">
        <button type="submit" id="start" class="main" disabled>Start</button>
        <button type="button" id="stop" disabled>Stop</button>
      </div>
      <p id="trouble" role="alert"></p>
    </form>
  );
}

function Results(): JSX.Element {
  return (
    <section aria-labelledby="measured-title">
      <h2 id="measured-title">Measured</h2>
      <div id="side-by-side"></div>
      <div class="row">
        <div class="field" id="shown-field" hidden>
          <label for="shown">Show</label>
          <select id="shown"></select>
        </div>
        <div class="field" id="base-field" hidden>
          <label for="base">Compared with</label>
          <select id="base"></select>
        </div>
        <button type="button" id="save-json" disabled>Download JSON</button>
        <button type="button" id="save-html" disabled>Download HTML</button>
        <div class="field">
          <label for="open">Open a saved report</label>
          <input type="file" id="open" accept=".json,application/json" />
        </div>
      </div>
      <div id="report"></div>
    </section>
  );
}

function Document({ models }: { models: readonly ModelName[] }): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>convbench in this browser</title>
        <link rel="stylesheet" href="style.css" />
        <script type="module" src="page.js"></script>
      </head>
      <body>
        <header>
          <h1>convbench in this browser</h1>
          <p>
            Measures convolutional networks on this browser's own backends. Each network runs in fresh web workers; a
            step ends when a number has come back that all of its work went into. Nothing leaves this machine.
          </p>
        </header>
        <main>
          <p id="asleep">
            This page is a script, and needs a file server to come from: <code>npx serve</code>{" "}
            in its folder, for instance. Opened as a file it does nothing.
          </p>
          <Form models={models} />
          <section aria-labelledby="progress-title">
            <h2 id="progress-title">Progress</h2>
            <p id="status" role="status">Nothing runs.</p>
            <progress id="progress" max={1} value="0" aria-labelledby="progress-title"></progress>
            <p id="now"></p>
            <ol class="log" id="log" tabindex={0} aria-label="What was measured so far"></ol>
          </section>
          <Results />
        </main>
      </body>
    </html>
  );
}

/** The page as HTML, with all networks to choose from. */
export function skeleton(models: readonly ModelName[]): string {
  return `<!doctype html>\n${<Document models={models} />}\n`;
}
