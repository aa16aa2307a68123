/**
 * What a diagram shows, before it is drawn: boxes, the modules around them, and
 * what flows between them.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import type { LayerDescription, ModelDescription } from "../describe.ts";

/** A box of a diagram. */
export interface DiagramBox {
  /** `layer`: one layer; `module`: several, as one; `input` and `output`: where the network begins and ends. */
  readonly kind: "input" | "layer" | "module" | "output";
  /** The path of the layer or module; "" for inputs and outputs. */
  readonly path: string;
  /** What is written in it, line by line: the name first. */
  readonly lines: readonly string[];
  /** PyTorch's class name of a layer. */
  readonly type?: string;
  /** The innermost group around it, if there is one. */
  readonly group?: string;
}

/** A module that is drawn around what it holds. */
export interface DiagramGroup {
  /** Its path; groups are known by it. */
  readonly path: string;
  /** The group around it, if there is one. */
  readonly group?: string;
}

/** Boxes in the order of PyTorch's definition, and edges as pairs of their places. */
export interface DiagramGraph {
  readonly boxes: readonly DiagramBox[];
  /** Outer groups before inner ones. */
  readonly groups: readonly DiagramGroup[];
  /** Each pair once. */
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** More boxes than this are no picture any more, and Mermaid draws no more than 500 edges. */
const MOST_BOXES = 100;

const segments = (path: string): string[] => path.split(".");
const cut = (path: string, depth: number): string => segments(path).slice(0, depth).join(".");
const number = (value: number): string => value.toLocaleString("en-US");

/** A shape without its batch: `224×224×3`. */
export const shapeText = (shape: Shape): string => shape.slice(1).map((size) => size ?? "?").join("×");

/** The deepest level of modules that has few enough boxes, or the top one. */
export function defaultDepth({ layers }: ModelDescription): number {
  const deepest = Math.max(...layers.map(({ name }) => segments(name).length), 1);
  for (let depth = deepest; depth > 1; depth--) {
    if (new Set(layers.map(({ name }) => cut(name, depth))).size <= MOST_BOXES) return depth;
  }
  return 1;
}

/** The last name of a path, with the one before where it is but a number: `layer1.0`. */
function shortName(path: string): string {
  const names = segments(path);
  return names.slice(/^\d+$/.test(names.at(-1) ?? "") ? -2 : -1).join(".");
}

const paramsLine = (layers: readonly LayerDescription[]): string[] => {
  const params = layers.reduce((sum, layer) => sum + layer.params, 0);
  return params === 0 ? [] : [`${number(params)} params`];
};

/** The paths of the modules around `path`, outermost first. */
const around = (path: string): string[] => segments(path).slice(1).map((_, i) => cut(path, i + 1));

/** The groups around boxes at `paths`: modules that hold several of them, but not all. */
function groupsOf(paths: readonly string[]): Set<string> {
  const counts = new Map<string, number>();
  for (const path of paths.flatMap(around)) counts.set(path, (counts.get(path) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count > 1 && count < paths.length).map(([path]) => path));
}

/**
 * The boxes and edges of `description`, whose modules below `depth` names are one box each. Edges within a box are left
 * out, those between two boxes are one.
 */
export function diagramGraph(description: ModelDescription, depth: number): DiagramGraph {
  const members = new Map<string, LayerDescription[]>();
  for (const layer of description.layers) {
    const key = cut(layer.name, depth);
    members.set(key, [...(members.get(key) ?? []), layer]);
  }
  // A module of one layer is that layer.
  const named = [...members.values()].map((layers) => {
    const [first] = layers;
    const path = layers.length === 1 && first !== undefined ? first.name : cut(first?.name ?? "", depth);
    return { path, layers };
  });
  const groups = groupsOf(named.map(({ path }) => path));
  const groupOf = (path: string): { group?: string } => {
    const group = around(path).findLast((path) => groups.has(path));
    return group === undefined ? {} : { group };
  };

  const outputShapes = description.outputs.length === 1
    ? [description.outputShape as Shape]
    : description.outputShape as Shape[];
  const placeOf = new Map([
    ["", 0],
    ...named.flatMap(({ layers }, i) => layers.map(({ name }) => [name, i + 1] as const)),
  ]);
  const place = (name: string): number => placeOf.get(name) ?? 0;
  const links = [
    ...description.layers.flatMap(({ name, inputs }) => inputs.map((input) => [input, place(name)] as const)),
    ...description.outputs.map((name, i) => [name, named.length + 1 + i] as const),
  ];
  const edges = new Map<string, readonly [number, number]>();
  const leaving = new Set<string>();
  for (const [input, to] of links) {
    const from = place(input);
    if (from === to) continue;
    edges.set(`${from} ${to}`, [from, to]);
    leaving.add(input);
  }

  const boxes = named.map(({ path, layers }): DiagramBox => {
    const shapes = new Set(
      layers.filter(({ name }) => leaving.has(name)).map(({ outputShape }) => shapeText(outputShape)),
    );
    const [only] = layers;
    if (layers.length === 1 && only !== undefined) {
      const lines = [`${shortName(path)} · ${only.type}`, ...shapes, ...paramsLine(layers)];
      return { kind: "layer", path, lines, type: only.type, ...groupOf(path) };
    }
    const lines = [shortName(path), `${number(layers.length)} layers`, [...shapes].join(", "), ...paramsLine(layers)];
    return { kind: "module", path, lines: lines.filter((line) => line !== ""), ...groupOf(path) };
  });
  return {
    boxes: [
      { kind: "input", path: "", lines: ["input", shapeText(description.inputShape)] },
      ...boxes,
      ...outputShapes.map((shape, i): DiagramBox => ({
        kind: "output",
        path: "",
        lines: [i === 0 ? "output" : `output ${i + 1}`, shapeText(shape)],
      })),
    ],
    groups: [...groups].sort((a, b) => segments(a).length - segments(b).length).map((path) => ({
      path,
      ...groupOf(path),
    })),
    edges: [...edges.values()],
  };
}
