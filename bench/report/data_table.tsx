/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * A table as HTML, for reports and the pages of `convbench serve`. All text is
 * escaped by Hono's JSX.
 *
 * @module
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Cell, Table } from "./page.ts";

/** The text of a cell; a mark tells its tone to those who see no colours. */
export function CellText({ text, tone, name }: Cell): JSX.Element {
  const mark = tone === "bad" ? "✗ " : tone === "good" ? "✓ " : "";
  const shown = name ? <code>{text}</code> : <>{text}</>;
  return tone === undefined ? shown : <span class={tone}>{mark}{shown}</span>;
}

/** A table whose rows' heads lead to `links`, where it has any: one for each row. */
export function DataTable({ caption, columns, rows, links }: Table & { links?: readonly string[] }): JSX.Element {
  const kind = (column: number) => column === 0 || columns[column]?.words ? "" : "number";
  return (
    // Wide tables scroll by themselves, by keyboard too.
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map(({ title }, i) => <th key={i} scope="col" class={kind(i)}>{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head = { text: "" }, ...cells], row) => (
            <tr>
              <th scope="row">
                {links?.[row] === undefined ? <CellText {...head} /> : (
                  <a href={links[row]}>
                    <CellText {...head} />
                  </a>
                )}
              </th>
              {cells.map((cell, i) => (
                <td class={kind(i + 1)}>
                  <CellText {...cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
