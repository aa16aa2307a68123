/**
 * `convbench diagram`: a network as a picture. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { writeWhole } from "../data/whole_file.ts";
import type { ModelName } from "../models/catalog.ts";
import { modelDiagram } from "../models/diagram/diagram.ts";
import { listModels } from "../models/registry.ts";
import { command, parseCommand, usage } from "./flags.ts";
import { say } from "./words.ts";

const size = z.int().positive();
const depth = z.string().transform((text) => text === "all" ? Number.MAX_SAFE_INTEGER : Number(text)).pipe(size);
const input = z.string().transform((text) => text.split(/[x×]/).map(Number)).pipe(z.tuple([size, size, size]));

/** `convbench diagram`. */
export const DIAGRAM = command({
  name: "diagram",
  about: "Draws a network: layers or modules with their shapes and parameters, and what flows between them.",
  args: [{ name: "NAME", what: `the name of a network, as ${listModels()[0]},`, completes: "model" }],
  flags: {
    format: { value: "FORMAT", help: "what is drawn", schema: z.enum(["svg", "mermaid"]).default("svg") },
    depth: {
      value: "N",
      help: "names of a path that stay apart: 1 draws the top modules, all every layer",
      schema: depth.optional(),
      otherwise: "as deep as 100 boxes allow",
    },
    input: {
      value: "HxWxC",
      help: "size of an image",
      schema: input.optional(),
      otherwise: "the network's own",
    },
    out: {
      value: "FILE",
      help: "where it goes",
      schema: z.string().optional(),
      otherwise: "printed",
      completes: "file",
    },
  },
  examples: [
    "convbench diagram torchvision/resnet50 --out resnet50.svg",
    "convbench diagram d2l/googlenet --format mermaid --depth 2",
  ],
});

/**
 * Runs `convbench diagram ARGS`; gives the exit code.
 *
 * @throws {UsageError} Where the network or a flag is unknown, or a value is out of range.
 */
export async function diagram(
  args: readonly string[],
  { print = console.log }: { print?: (text: string) => void } = {},
): Promise<number> {
  const { flags: { format, depth, input: inputShape, out }, args: [name = ""] } = parseCommand(DIAGRAM, args);
  const picture = usage(() =>
    // It refuses what is no name, and says which is the nearest.
    modelDiagram(name as ModelName, {
      format,
      ...(depth === undefined ? {} : { depth }),
      ...(inputShape === undefined ? {} : { inputShape }),
    })
  );
  if (out === undefined) {
    print(picture.trimEnd());
    return 0;
  }
  await writeWhole(out, picture);
  say(`Wrote ${out}`);
  return 0;
}
