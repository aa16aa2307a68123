/**
 * A page as GitHub's Markdown: for a step summary or a comment on a pull request.
 *
 * @module
 */
import type { Cell, Page, Table } from "./page.ts";

const entity = (mark: string): string => `&#${mark.codePointAt(0)};`;

/** What neither Markdown nor HTML gives a meaning. */
const MARKS = /[^\p{L}\p{N} .,:;%+/()−–×²³°'-]/gu;

/**
 * `text` where Markdown, HTML, mentions and issue numbers mean nothing. GitHub looks
 * for the last two in what Markdown has become: a word joiner takes them apart.
 */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(MARKS, (mark) => mark === "@" || mark === "#" ? `${entity(mark)}&#8288;` : entity(mark));
}

/**
 * A name as code: GitHub neither mentions nor links what it holds. Within `code` tags
 * Markdown still counts, hence the entities; they cannot open anything.
 */
export function codeMarkdown(name: string): string {
  const plain = /^[\w./:,+()~-]+( [\w./:,+()~-]+)*$/.test(name);
  return plain ? `\`${name}\`` : `<code>${name.replaceAll(MARKS, entity)}</code>`;
}

function cellText({ text, tone, name }: Cell): string {
  if (text === "") return "";
  const shown = name ? codeMarkdown(text) : escapeMarkdown(text);
  return tone === "bad" ? `❌ **${shown}**` : tone === "good" ? `✅ ${shown}` : shown;
}

function table({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => escapeMarkdown(title))),
    line(columns.map(({ words }, i) => i === 0 || words ? "---" : "---:")),
    ...rows.map((cells) => line(cells.map(cellText))),
  ].join("\n");
}

/** A page as Markdown. */
export function markdownPage({ title, outcome, tone, tables, notes, environment }: Page): string {
  const mark = tone === "bad" ? "❌ " : tone === "good" ? "✅ " : "";
  const details = (summary: string, body: string) => `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
  return [
    `## ${escapeMarkdown(title)}`,
    `${mark}${escapeMarkdown(outcome)}`,
    ...tables.flatMap((part) => [`### ${escapeMarkdown(part.caption)}`, table(part)]),
    ...(notes.length === 0 ? [] : [
      details(
        `Notes (${notes.length})`,
        notes.map(({ name, text }) => `- ${name === undefined ? "" : `${codeMarkdown(name)}: `}${escapeMarkdown(text)}`)
          .join("\n"),
      ),
    ]),
    details(escapeMarkdown(environment.caption), table(environment)),
  ].join("\n\n") + "\n";
}
