/**
 * A page for a terminal.
 *
 * @module
 */
import type { Cell, Page, Table, Tone } from "./page.ts";

const COLOURS: Readonly<Record<Tone, string>> = { good: "\x1b[32m", bad: "\x1b[31m" };

/** Columns in a line of a terminal: Han, kana and Hangul take two, marks that join none. */
function width(text: string): number {
  return [...text].reduce(
    (sum, char) =>
      sum +
      (/\p{M}/u.test(char)
        ? 0
        : /\p{sc=Han}|\p{sc=Hira}|\p{sc=Kana}|\p{sc=Hang}|\p{Emoji_Presentation}/u.test(char)
        ? 2
        : 1),
    0,
  );
}

function table({ columns, rows }: Table, colour: boolean): string {
  const head: readonly Cell[] = columns.map(({ title }) => ({ text: title }));
  const widths = columns.map((_, i) => Math.max(...[head, ...rows].map((cells) => width(cells[i]?.text ?? ""))));
  const line = (cells: readonly Cell[]) =>
    cells.map(({ text, tone }, i) => {
      const space = " ".repeat(Math.max(0, (widths[i] ?? 0) - width(text)));
      const shown = tone !== undefined && colour ? `${COLOURS[tone]}${text}\x1b[0m` : text;
      return i === 0 || columns[i]?.words ? shown + space : space + shown;
    }).join("  ").trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

/** A page as text, with ANSI colours or without. */
export function terminalPage({ outcome, tables, notes, environment }: Page, colour: boolean): string {
  return [
    ...tables.map((part) => `${part.caption}\n${table(part, colour)}`),
    ...(notes.length === 0
      ? []
      : [notes.map(({ name, text }) => name === undefined ? text : `${name}: ${text}`).join("\n")]),
    `${environment.caption}\n${table(environment, false)}`,
    outcome,
  ].join("\n\n");
}
