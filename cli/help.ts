/**
 * `--help`, written from what is known of a command.
 *
 * @module
 */
import { choicesOf, type Command, COMMON_FLAGS, type Switch, takesValue, type ValueFlag } from "./flags.ts";

const WIDTH = 100;

/** `text` in lines of at most `width`; words longer than that stay whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** Two columns: names, and what they are, wrapped. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, text]) =>
    wrap(text, WIDTH - left).map((line, i) => (i === 0 ? `  ${name}` : "").padEnd(left) + line)
  ).map((line) => line.trimEnd()).join("\n");
}

/** What happens without the flag: `[3]`. */
function otherwise({ schema, otherwise }: ValueFlag): string {
  if (otherwise !== undefined) return ` [${otherwise}]`;
  const absent = schema.safeParse(undefined);
  const shown = absent.success && absent.data !== undefined;
  return shown ? ` [${Array.isArray(absent.data) ? absent.data.join(",") : absent.data}]` : "";
}

function about(flag: Switch | ValueFlag): string {
  if (!takesValue(flag)) return flag.help;
  const choices = choicesOf(flag.schema)?.join(", ") ?? "";
  return [flag.help, choices].filter((part) => part !== "").join(": ") + otherwise(flag);
}

/** `convbench classify IMAGE --model NAME [OPTIONS]`. */
function usageLine({ name, args, flags }: Command): string {
  const named = args.map((argument) => {
    const shown = `${argument.name}${argument.many === true ? "…" : ""}`;
    return argument.optional === true ? `[${shown}]` : shown;
  });
  const required = Object.entries(flags).flatMap(([flag, spec]) =>
    takesValue(spec) && spec.required === true ? [`--${flag} ${spec.value}`] : []
  );
  return ["convbench", name, ...named, ...required, "[OPTIONS]"].join(" ");
}

/** What `convbench NAME --help` prints. */
export function helpText(command: Command): string {
  const flags: [string, Switch | ValueFlag][] = [...Object.entries(command.flags), ...Object.entries(COMMON_FLAGS)];
  const [first, ...more] = command.examples;
  return [
    `Usage: ${usageLine(command)}`,
    ...command.about.split("\n\n").map((paragraph) => wrap(paragraph, WIDTH).join("\n")),
    columns(flags.map(([name, flag]) => [`--${name}${takesValue(flag) ? ` ${flag.value}` : ""}`, about(flag)])),
    ...command.notes?.split("\n\n").map((paragraph) => wrap(paragraph, WIDTH).join("\n")) ?? [],
    more.length === 0 ? `Example: ${first}` : ["Examples:", ...command.examples.map((line) => `  ${line}`)].join("\n"),
  ].join("\n\n");
}
