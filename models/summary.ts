/**
 * A model as a table in text.
 *
 * @module
 */
import type { Shape } from "@tensorflow/tfjs-layers";
import type { ModelName } from "./catalog.ts";
import type { ModelDescription } from "./describe.ts";
import { describeModel } from "./registry.ts";

const shapeText = (shape: Shape): string => `[${shape.map((size) => size ?? "N").join(", ")}]`;
const number = (value: number): string => value.toLocaleString("en-US");

/**
 * The layers of a model with output shapes, parameters and multiply-accumulates
 * per image, and their sums: what torchinfo prints.
 *
 * @example
 * ```ts
 * import { modelSummary } from "@convbench/convbench";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(modelSummary("d2l/lenet"), "61,706 parameters");
 * ```
 */
export function modelSummary(model: ModelName | ModelDescription): string {
  const description = typeof model === "string" ? describeModel(model) : model;
  const rows = [
    ["Layer", "Type", "Output shape", "Params", "MACs"],
    ["input", "", shapeText(description.inputShape), "", ""],
    ...description.layers.map(({ name, type, outputShape, params, macs }) => [
      name,
      type,
      shapeText(outputShape),
      params === 0 ? "" : number(params),
      macs === 0 ? "" : number(macs),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 3 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd();
  const [head = [], ...body] = rows;
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const { params, buffers, macs, activations } = description;
  return [
    line(head),
    rule,
    ...body.map(line),
    rule,
    `${number(params)} parameters, ${number(buffers)} buffers`,
    `${number(macs)} MACs and ${number(activations)} activations per image`,
  ].join("\n");
}
