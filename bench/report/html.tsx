/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * A page as HTML in one file: no script, nothing loaded from elsewhere, light and
 * dark. All text is escaped by Hono's JSX; the pictures are ECharts' own.
 *
 * @module
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import { CellText, DataTable } from "./data_table.tsx";
import type { Figure, Gallery } from "./figures.ts";
import type { Page, Table } from "./page.ts";
import { STYLE } from "./style.ts";

/** Nothing may be loaded or run, whatever a report's text says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Plots under one heading, and a table with what they show. */
export interface HtmlSection extends Gallery {
  /** For reading off, and for those who cannot see the plots. */
  readonly table?: Table;
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

function Plot({ title, caption, alternative, svg, small }: Figure & { small: boolean }): JSX.Element {
  const heading = small
    ? (
      <figcaption>
        <code>{title}</code>
      </figcaption>
    )
    : (
      <figcaption>
        <h3>{title}</h3>
        {caption}
      </figcaption>
    );
  const plot = <div class="plot" role="img" aria-label={alternative} dangerouslySetInnerHTML={{ __html: svg }} />;
  return (
    <figure>
      {heading}
      {small ? plot : <div class="scroll" role="region" aria-label={title} tabindex={0}>{plot}</div>}
    </figure>
  );
}

function Section({ title, text, figures, table }: HtmlSection): JSX.Element {
  const small = figures.length > 0 && figures.every(({ caption }) => caption === "");
  return (
    <section id={slug(title)} aria-labelledby={`${slug(title)}-title`}>
      <h2 id={`${slug(title)}-title`}>{title}</h2>
      {text === "" ? null : <p>{text}</p>}
      <div class={small ? "small" : "large"}>
        {figures.map((figure) => <Plot key={figure.title} {...figure} small={small} />)}
      </div>
      {table === undefined ? null : <DataTable {...table} />}
    </section>
  );
}

function Document({ page, sections }: { page: Page; sections: readonly HtmlSection[] }): JSX.Element {
  const { title, outcome, tone, tables, notes, environment } = page;
  const headings = [
    "Results",
    ...sections.map(({ title }) => title),
    ...notes.length > 0 ? ["Notes"] : [],
    "Environment",
  ];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>{`${title} – convbench`}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header>
          <h1>{title}</h1>
          <p class="outcome">
            <CellText text={outcome} tone={tone} />
          </p>
          <nav aria-label="Sections">
            <ul>
              {headings.map((name) => (
                <li>
                  <a href={`#${slug(name)}`}>{name}</a>
                </li>
              ))}
            </ul>
          </nav>
        </header>
        <main>
          <section id="results" aria-labelledby="results-title">
            <h2 id="results-title">Results</h2>
            {tables.map((table) => <DataTable key={table.caption} {...table} />)}
          </section>
          {sections.map((section) => <Section key={section.title} {...section} />)}
          {notes.length === 0 ? null : (
            <section id="notes" aria-labelledby="notes-title">
              <h2 id="notes-title">Notes</h2>
              <ul>
                {notes.map(({ name, text }) => (
                  <li>
                    {name === undefined ? null : (
                      <>
                        <code>{name}</code>:{" "}
                      </>
                    )}
                    {text}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section id="environment" aria-labelledby="environment-title">
            <h2 id="environment-title">Environment</h2>
            <DataTable {...environment} />
          </section>
        </main>
      </body>
    </html>
  );
}

/** A page with its plots as the text of an HTML file. */
export function htmlPage(page: Page, sections: readonly HtmlSection[]): string {
  const shown = sections.filter(({ figures }) => figures.length > 0);
  return `<!doctype html>\n${<Document page={page} sections={shown} />}\n`;
}
