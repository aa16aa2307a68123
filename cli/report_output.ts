/**
 * What `convbench compare` and `convbench report` have in common: the format, where
 * it goes, and how they fail. Deno only.
 *
 * @module
 */
import { z } from "zod";
import { type Format, FORMATS } from "../bench/report/format.ts";
import { writeWhole } from "../data/whole_file.ts";
import { type FlagValues, UsageError } from "./flags.ts";
import { say } from "./words.ts";

/** Formats by the ending of a file's name. */
const ENDINGS: Readonly<Record<string, Format>> = {
  md: "markdown",
  html: "html",
  json: "json",
  csv: "csv",
  xml: "junit",
  svg: "roofline",
};

/** The flags of both commands. */
export const OUTPUT_FLAGS = {
  format: {
    value: "FORMAT",
    help: "how the answer is written",
    schema: z.enum(FORMATS).optional(),
    otherwise: "table, or what the ending of --out says",
  },
  out: { value: "FILE", help: "where it goes", schema: z.string().optional(), otherwise: "printed", completes: "file" },
} as const;

/** Where and how the answer is written. */
export interface Output {
  /** How. */
  readonly format: Format;
  /** Printed where it is left out. */
  readonly out?: string;
}

/** What `--format` and `--out` ask for. */
export function outputOf({ format, out }: FlagValues<typeof OUTPUT_FLAGS>): Output {
  const ending = out === undefined ? undefined : ENDINGS[/\.(\w+)$/.exec(out)?.[1]?.toLowerCase() ?? ""];
  return { format: format ?? ending ?? "table", ...out === undefined ? {} : { out } };
}

/** Whether the answer may have colours: where a person sees it who does not mind them. */
export function inColour({ out }: Output): boolean {
  return out === undefined && !Deno.noColor && Deno.stdout.isTerminal();
}

/** Prints `text`, or writes it to the file and says so. */
export async function deliver(text: string, { out }: Output): Promise<void> {
  if (out === undefined) {
    await new Blob([text]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
    return;
  }
  await writeWhole(out, text);
  say(`Wrote ${out}`);
}

/**
 * Runs `use`; whatever stops it is code 2, since 1 means that the check was made and
 * failed.
 */
export async function orUnusable(use: () => Promise<number>): Promise<number> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UsageError) throw error;
    console.error(error.message);
    return 2;
  }
}
