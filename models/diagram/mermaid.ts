/**
 * A diagram as the text of a Mermaid flowchart, which GitHub, GitLab and many
 * editors draw.
 *
 * @module
 */
import type { DiagramBox, DiagramGraph } from "./graph.ts";

/** Text within quotes; `#` begins an entity in Mermaid as `&` does in HTML. */
const quoted = (text: string): string => `"${text.replaceAll("#", "#35;").replaceAll('"', "#quot;")}"`;

const SHAPES: Readonly<Record<DiagramBox["kind"], readonly [string, string]>> = {
  input: ["([", "])"],
  layer: ["[", "]"],
  module: ["[[", "]]"],
  output: ["([", "])"],
};

/** The flowchart, of groups as subgraphs; `title` is for screen readers. */
export function mermaidText({ boxes, groups, edges }: DiagramGraph, title: string, description: string): string {
  const groupIds = new Map(groups.map(({ path }, i) => [path, `g${i}`]));
  const within = (group: string | undefined, indent: string): string[] => [
    ...boxes.flatMap((box, i) => {
      if (box.group !== group) return [];
      const [open, close] = SHAPES[box.kind];
      return [`${indent}n${i}${open}${quoted(box.lines.join("<br/>"))}${close}`];
    }),
    ...groups.flatMap(({ path, group: outer }) =>
      outer !== group ? [] : [
        `${indent}subgraph ${groupIds.get(path)}[${quoted(path)}]`,
        ...within(path, `${indent}  `),
        `${indent}end`,
      ]
    ),
  ];
  return [
    "flowchart TB",
    `  accTitle: ${title}`,
    `  accDescr: ${description}`,
    ...within(undefined, "  "),
    ...edges.map(([from, to]) => `  n${from} --> n${to}`),
    "",
  ].join("\n");
}
