/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The pages of `convbench serve`: no script, nothing inline, light and dark. All text
 * is escaped by Hono's JSX.
 *
 * @module
 */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { day, describeTrend, historyPage, titlesOf } from "../history/page.ts";
import type { Overview } from "../history/history.ts";
import type { Trend } from "../history/trend.ts";
import { DataTable } from "../report/data_table.tsx";
import { STYLE } from "../report/style.ts";

/** The style of reports, and what these pages have beyond it. */
export const PAGE_STYLE = `${STYLE}
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin-block: 1rem; }
label { display: grid; font-weight: 600; }
input, select, button { font: inherit; padding: .25rem .5rem; color: var(--ink); background: var(--paper);
  border: 1px solid var(--ink); border-radius: .25rem; }
.plot img { display: block; width: 100%; height: auto; min-width: 700px; max-width: 860px; }
`;

/** Where a model's page lies. */
export function modelAddress(model: string): string {
  return `/model?${new URLSearchParams({ name: model })}`;
}

function Document({ title, children }: { title: string; children?: Child }): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} – convbench`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>{children}</body>
    </html>
  );
}

const html = (element: JSX.Element): string => `<!doctype html>\n${element}\n`;

/** The front page: all networks of a history that match what is looked for. */
export function frontPage(path: string, models: readonly Overview[], wanted: string): string {
  return html(
    <Document title="History">
      <header>
        <h1>History of {path}</h1>
      </header>
      <main>
        <form method="get" action="/" role="search">
          <label>
            Networks
            <input name="models" value={wanted} placeholder="d2l/*" spellcheck={false} autocomplete="off" />
          </label>
          <button type="submit">Show</button>
        </form>
        {models.length === 0 ? <p>No network of this history matches.</p> : (
          <DataTable
            caption={`${models.length} ${models.length === 1 ? "network" : "networks"}`}
            columns={[{ title: "network" }, { title: "series" }, { title: "results" }, { title: "last run" }]}
            rows={models.map(({ model, series, results, last }) => [
              { text: model },
              { text: String(series) },
              { text: results.toLocaleString("en-US") },
              { text: day(last) },
            ])}
            links={models.map(({ model }) => modelAddress(model))}
          />
        )}
      </main>
    </Document>,
  );
}

/** What a model's page is narrowed to. */
export interface Narrowed {
  /** All modes where it is left out. */
  readonly mode?: string;
  /** All backends where it is left out. */
  readonly backend?: string;
}

function Choice({ name, label, values, chosen }: {
  name: string;
  label: string;
  values: readonly string[];
  chosen: string | undefined;
}): JSX.Element {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">all</option>
        {values.map((value) => <option key={value} value={value} selected={value === chosen}>{value}</option>)}
      </select>
    </label>
  );
}

/** A model's page: its series, each with its plot and its levels. `known` are all series, to choose among. */
export function modelPage(
  model: string,
  trends: readonly Trend[],
  { known, narrowed }: { known: readonly Trend["series"][]; narrowed: Narrowed },
): string {
  const page = historyPage(trends);
  const titles = titlesOf(trends);
  const all = (pick: (series: Trend["series"]) => string) => [...new Set(known.map(pick))].sort();
  return html(
    <Document title={model}>
      <header>
        <nav aria-label="Pages">
          <a href="/">All networks</a>
        </nav>
        <h1>{model}</h1>
        <p class="outcome">{page.outcome}</p>
      </header>
      <main>
        <form method="get" action="/model">
          <input type="hidden" name="name" value={model} />
          <Choice name="mode" label="Mode" values={all(({ mode }) => mode)} chosen={narrowed.mode} />
          <Choice name="backend" label="Backend" values={all(({ backend }) => backend)} chosen={narrowed.backend} />
          <button type="submit">Show</button>
        </form>
        {trends.map((trend, i) => (
          <section>
            <h2>{titles[i]}</h2>
            <div class="plot scroll" role="region" aria-label={`Plot of ${titles[i]}`} tabindex={0}>
              <img
                src={`/plot.svg?series=${trend.series.id}`}
                alt={`${describeTrend(trend)} The table below has the levels.`}
                width={860}
                height={240}
                loading="lazy"
              />
            </div>
            <DataTable {...page.tables[i] ?? page.environment} />
          </section>
        ))}
        {page.notes.length === 0
          ? null
          : <ul>{page.notes.map(({ name, text }) => <li key={name}>{name}: {text}</li>)}</ul>}
        <section>
          <h2>Machines</h2>
          <DataTable {...page.environment} />
        </section>
      </main>
    </Document>,
  );
}

/** A page that says what is wrong. */
export function troublePage(message: string): string {
  return html(
    <Document title="Not there">
      <main>
        <h1>Not there</h1>
        <p>{message}</p>
        <p>
          <a href="/">All networks</a>
        </p>
      </main>
    </Document>,
  );
}
