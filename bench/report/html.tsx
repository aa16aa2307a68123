/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * A page as HTML in one file: no script, nothing loaded from elsewhere, light and
 * dark. All text is escaped by Hono's JSX; the pictures are ECharts' own.
 *
 * @module
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Figure, Gallery } from "./figures.ts";
import type { Cell, Page, Table } from "./page.ts";
import { STYLE } from "./style.ts";

/** Nothing may be loaded or run, whatever a report's text says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

function CellText({ text, tone, name }: Cell): JSX.Element {
  const mark = tone === "bad" ? "✗ " : tone === "good" ? "✓ " : "";
  const shown = name ? <code>{text}</code> : <>{text}</>;
  return tone === undefined ? shown : <span class={tone}>{mark}{shown}</span>;
}

function DataTable({ caption, columns, rows }: Table): JSX.Element {
  return (
    // Wide tables scroll by themselves, by keyboard too.
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, words }, i) => (
              <th key={i} scope="col" class={i === 0 || words ? "" : "number"}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell, i) =>
                i === 0
                  ? (
                    <th scope="row">
                      <CellText {...cell} />
                    </th>
                  )
                  : (
                    <td class={columns[i]?.words ? "" : "number"}>
                      <CellText {...cell} />
                    </td>
                  )
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

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
  return (
    <figure>
      {heading}
      <div class="plot" role="img" aria-label={alternative} dangerouslySetInnerHTML={{ __html: svg }} />
    </figure>
  );
}

function Section({ title, text, figures }: Gallery): JSX.Element {
  const small = figures.length > 0 && figures.every(({ caption }) => caption === "");
  return (
    <section id={slug(title)} aria-labelledby={`${slug(title)}-title`}>
      <h2 id={`${slug(title)}-title`}>{title}</h2>
      {text === "" ? null : <p>{text}</p>}
      <div class={small ? "small" : "large"}>
        {figures.map((figure) => <Plot key={figure.title} {...figure} small={small} />)}
      </div>
    </section>
  );
}

function Document({ page, galleries }: { page: Page; galleries: readonly Gallery[] }): JSX.Element {
  const { title, outcome, tone, tables, notes, environment } = page;
  const sections = [
    "Results",
    ...galleries.map(({ title }) => title),
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
              {sections.map((name) => (
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
          {galleries.map((gallery) => <Section key={gallery.title} {...gallery} />)}
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
export function htmlPage(page: Page, galleries: readonly Gallery[]): string {
  const shown = galleries.filter(({ figures }) => figures.length > 0);
  return `<!doctype html>\n${<Document page={page} galleries={shown} />}\n`;
}
