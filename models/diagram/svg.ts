/**
 * A diagram as SVG, laid out by dagre.
 *
 * @module
 */
import { graphlib, layout } from "@dagrejs/dagre";
import { hashSeed } from "../random.ts";
import type { DiagramBox, DiagramGraph } from "./graph.ts";
import { type BoxFamily, CLASS, STYLE } from "./style.ts";

const FONT_SIZE = 12;
/** A monospaced letter is 0.6 of its size wide in the fonts of the style: no font has to be measured. */
const LETTER = 0.6 * FONT_SIZE;
const LINE = 16;
const PADDING = 10;
const MARGIN = 16;
/** Twice what a group has above its boxes, where its name stands. */
const RANK_GAP = 44;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle by its middle, as dagre has it. */
interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
const round = (value: number): string => String(Math.round(10 * value) / 10);

const sizeOf = ({ lines }: DiagramBox) => ({
  width: Math.max(...lines.map((line) => line.length)) * LETTER + 2 * PADDING,
  height: lines.length * LINE + 2 * PADDING - 4,
});

/** What a box does, which gives its colour. */
export function boxFamily({ kind, type = "" }: DiagramBox): BoxFamily {
  if (kind === "input" || kind === "output") return "end";
  if (kind === "module") return "module";
  if (/^(Conv2d|Linear)$/.test(type)) return "weights";
  if (/Norm/.test(type)) return "norm";
  if (/Pool/.test(type)) return "pool";
  return /^(Add|Concat|Multiply)$/.test(type) ? "merge" : "plain";
}

/** A line through `points` that goes round their corners. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
  const bends = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1] ?? last;
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(first)}${bends.length === 0 ? `L${at(last)}` : bends.join("")}`;
}

function rect({ x, y, width, height }: Rect, radius: number, attributes = ""): string {
  const at = `x="${round(x - width / 2)}" y="${round(y - height / 2)}"`;
  return `<rect ${at} width="${round(width)}" height="${round(height)}" rx="${radius}"${attributes}/>`;
}

function boxElement(box: DiagramBox, place: Rect): string {
  const top = place.y - (box.lines.length - 1) * LINE / 2 + FONT_SIZE / 3;
  const lines = box.lines.map((line, i) =>
    `<tspan x="${round(place.x)}" y="${round(top + i * LINE)}">${escaped(line)}</tspan>`
  );
  const name = box.path === "" ? box.lines[0] ?? "" : box.path;
  const shape = rect(place, boxFamily(box) === "end" ? 14 : 4);
  return `<g class="box ${boxFamily(box)}"><title>${escaped(name)}</title>${shape}<text>${lines.join("")}</text></g>`;
}

/** The name of a group, in its upper left corner. */
function nameElement(path: string, { x, y, width, height }: Rect): string {
  const at = `x="${round(x - width / 2 + 6)}" y="${round(y - height / 2 + 14)}"`;
  return `<text class="name" ${at}>${escaped(path)}</text>`;
}

/** Whether boxes that are beside each other stand in the reverse of their order more often than not. */
function isReversed(places: readonly Rect[]): boolean {
  let reversed = 0;
  for (const [i, left] of places.entries()) {
    for (const right of places.slice(i + 1)) {
      if (Math.abs(left.y - right.y) < left.height / 2) reversed += Math.sign(left.x - right.x);
    }
  }
  return reversed > 0;
}

/** The picture; `title` and `description` are for screen readers. */
export function svgText({ boxes, groups, edges }: DiagramGraph, title: string, description: string): string {
  // Pages that hold several images share their ids.
  const id = `d${hashSeed(0, title + description).toString(36)}`;
  const graph = new graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: "TB", nodesep: 24, ranksep: RANK_GAP, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { path } of groups) graph.setNode(`g${path}`, {});
  for (const { path, group } of groups) if (group !== undefined) graph.setParent(`g${path}`, `g${group}`);
  for (const [i, box] of boxes.entries()) {
    graph.setNode(`${i}`, sizeOf(box));
    if (box.group !== undefined) graph.setParent(`${i}`, `g${box.group}`);
  }
  for (const [from, to] of edges) graph.setEdge(`${from}`, `${to}`);
  layout(graph);

  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const placeOf = (name: string): Rect => graph.node(name) as Rect;
  // dagre looks for few crossings, not for an order: what it may mirror, we may mirror back.
  const mirrored = isReversed(boxes.map((_, i) => placeOf(`${i}`)));
  const turned = <P extends Point>(point: P): P => mirrored ? { ...point, x: width - point.x } : point;
  const groupPlaces = groups.map(({ path }) => ({ path, place: turned(placeOf(`g${path}`)) }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" ` +
    `height="${round(height)}" class="${CLASS}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-text">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="${id}-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
    '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
    '<rect class="paper" width="100%" height="100%" rx="8"/>',
    ...groupPlaces.map(({ place }) => rect(place, 6, ' class="group"')),
    ...edges.map(([from, to]) => {
      const { points } = graph.edge(`${from}`, `${to}`) as { points: Point[] };
      return `<path class="edge" d="${curve(points.map(turned))}" marker-end="url(#${id}-head)"/>`;
    }),
    ...groupPlaces.map(({ path, place }) => nameElement(path, place)),
    ...boxes.map((box, i) => boxElement(box, turned(placeOf(`${i}`)))),
    "</svg>",
    "",
  ].join("\n");
}
