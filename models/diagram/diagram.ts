/**
 * Networks as diagrams.
 *
 * @module
 */
import { z } from "zod";
import type { Block } from "../block.ts";
import type { ModelName } from "../catalog.ts";
import { describe, type ModelDescription } from "../describe.ts";
import { parseConfig } from "../errors.ts";
import { describeModel } from "../registry.ts";
import { defaultDepth, diagramGraph, shapeText } from "./graph.ts";
import { mermaidText } from "./mermaid.ts";
import { svgText } from "./svg.ts";

/** What a diagram can be: an SVG image, or the text of a Mermaid flowchart. */
export type DiagramFormat = "svg" | "mermaid";

/** Options of {@linkcode modelDiagram}. */
export interface ModelDiagramOptions {
  /** What comes out. @default {"svg"} */
  format?: DiagramFormat;
  /**
   * How many names of a path stay apart: 1 draws the top modules of PyTorch's definition as one box each, `Infinity`
   * every layer. The deepest level of at most 100 boxes where left out; a layout of 500 boxes takes seconds.
   */
  depth?: number;
  /** What the picture is called; the network's name, where it has one. */
  title?: string;
  /** [height, width, channels] of one image: a block needs it, a name has its own, a description has been given it. */
  inputShape?: readonly [number, number, number];
}

const size = z.int().positive();
const schema = z.strictObject({
  format: z.enum(["svg", "mermaid"]).default("svg"),
  depth: size.optional(),
  title: z.string().min(1).optional(),
  inputShape: z.tuple([size, size, size]).optional(),
});

function descriptionOf(
  model: ModelName | ModelDescription | Block,
  inputShape: [number, number, number] | undefined,
): ModelDescription {
  if (typeof model === "string") return describeModel(model, inputShape === undefined ? {} : { inputShape });
  if (typeof model === "object") return model;
  if (inputShape === undefined) {
    throw new RangeError("Expected inputShape of modelDiagram() for a block but found none");
  }
  return describe(model, { inputShape });
}

/** What a screen reader says of the picture. */
function summary({ layers, inputShape, outputs, params }: ModelDescription): string {
  const heads = outputs.length === 1 ? "one output" : `${outputs.length} outputs`;
  return `From images of ${shapeText(inputShape)} through ${layers.length} layers with ${
    params.toLocaleString("en-US")
  } parameters to ${heads}`;
}

/**
 * Draws a network: a box for each layer or module with its output shape (without the batch) and its parameters, within
 * the modules of PyTorch's definition. Nothing is allocated and no backend is needed.
 *
 * An SVG follows the reader's preference of light or dark, and has a title and a description for screen readers.
 *
 * @throws {RangeError} Where the name is unknown, `depth` is not a positive integer, or a block comes without `inputShape`.
 * @throws {TypeError} Where an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { modelDiagram } from "@convbench/convbench";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const flowchart = modelDiagram("d2l/lenet", { format: "mermaid" });
 * assertStringIncludes(flowchart, 'n1["net.0 · Conv2d<br/>28×28×6<br/>156 params"]');
 * assertStringIncludes(flowchart, "n1 --> n2");
 * ```
 */
export function modelDiagram(
  model: ModelName | ModelDescription | Block,
  options: ModelDiagramOptions = {},
): string {
  const { format, depth, inputShape, title = typeof model === "string" ? model : "Network" } = parseConfig(
    schema,
    // zod's integers end before infinity does.
    options.depth === Infinity ? { ...options, depth: Number.MAX_SAFE_INTEGER } : options,
    "modelDiagram()",
  );
  const description = descriptionOf(model, inputShape);
  const graph = diagramGraph(description, depth ?? defaultDepth(description));
  return format === "svg"
    ? svgText(graph, title, summary(description))
    : mermaidText(graph, title, summary(description));
}
