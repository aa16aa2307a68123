import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { choicesOf, command, parseCommand, parseFlags, UsageError } from "../../cli/flags.ts";
import { columns, helpText } from "../../cli/help.ts";

const COOK = command({
  name: "cook",
  about: "Cooks what is there.\n\nIt takes a while.",
  args: [{ name: "FOOD", what: "something to cook" }, { name: "SPICE", optional: true, many: true }],
  flags: {
    minutes: { value: "N", help: "how long", schema: z.coerce.number().int().positive().default(3) },
    heat: { value: "HEAT", help: "how hot", schema: z.enum(["low", "high"]).optional(), otherwise: "as it comes" },
    to: { value: "WHOM", help: "for whom", schema: z.string().optional(), required: true },
    lid: { help: "with a lid" },
  },
  notes: "Mind the pot.",
  examples: ["convbench cook rice", "convbench cook soup salt pepper --lid"],
});

Deno.test("parseCommand() reads values by their schemas, wherever flags stand, with = or a space", () => {
  const rest = { heat: undefined, to: undefined };
  assertEquals(parseCommand(COOK, ["rice"]), {
    flags: { minutes: 3, lid: false, ...rest },
    args: ["rice"],
    quiet: false,
  });
  const expected = {
    flags: { minutes: 7, lid: true, ...rest, heat: "low" as const },
    args: ["soup", "salt"],
    quiet: true,
  };
  assertEquals(parseCommand(COOK, ["soup", "--minutes", "7", "--heat=low", "--lid", "salt", "--quiet"]), expected);
  assertEquals(parseCommand(COOK, ["--", "-q", "--lid", "soup", "salt", "--heat", "low", "--minutes=7"]), expected);
});

Deno.test("a lone dash is the value of a flag that takes one, and an argument elsewhere", () => {
  assertEquals(parseCommand(COOK, ["rice", "--to", "-", "--lid"]).flags.to, "-");
  assertEquals(parseCommand(COOK, ["rice", "--to=-"]).flags.to, "-");
  assertEquals(parseCommand(COOK, ["rice", "-", "--lid"]).args, ["rice", "-"]);
});

Deno.test("parseCommand() types what it gives", () => {
  const { flags } = parseCommand(COOK, ["rice"]);
  const [minutes, heat, lid]: [number, "low" | "high" | undefined, boolean] = [flags.minutes, flags.heat, flags.lid];
  assertEquals([minutes, heat, lid], [3, undefined, false]);
});

Deno.test("parseCommand() leaves what looks like a number a word where it is no flag's value", () => {
  assertEquals(parseCommand(COOK, ["7", "1e3"]).args, ["7", "1e3"]);
});

for (
  const [args, message] of [
    [[], "Expected something to cook but found none"],
    [["rice", "--minuts", "3"], "Expected a known flag but found --minuts: is it --minutes"],
    [["rice", "--quite"], "is it --quiet"],
    [["rice", "--minutes", "0"], 'Expected --minutes of cook to be greater than 0 but found "0"'],
    [["rice", "--heat", "hot"], 'Expected --heat of cook to be one of "low", "high" but found "hot"'],
    [["rice", "--minutes", "--lid"], "Expected --minutes to have a value but found none"],
    [["rice", "--minutes="], "Expected --minutes to have a value but found none"],
  ] as const
) {
  Deno.test(`parseCommand() refuses ${args.join(" ") || "nothing"}`, () => {
    assertThrows(() => parseCommand(COOK, args), UsageError, message);
  });
}

Deno.test("parseCommand() refuses more arguments than there are", () => {
  const one = command({ name: "one", about: "", args: [{ name: "THING" }], flags: {}, examples: ["convbench one"] });
  assertThrows(() => parseCommand(one, ["a", "b"]), UsageError, "found b: convbench one takes THING");
});

Deno.test("helpText() has usage, defaults, choices, notes and examples, in lines that fit", () => {
  const text = helpText(COOK);
  assertEquals(text.split("\n"), [
    "Usage: convbench cook FOOD [SPICE…] --to WHOM [OPTIONS]",
    "",
    "Cooks what is there.",
    "",
    "It takes a while.",
    "",
    "  --minutes N  how long [3]",
    "  --heat HEAT  how hot: low, high [as it comes]",
    "  --to WHOM    for whom",
    "  --lid        with a lid",
    "  --quiet      no words and no progress on stderr, errors only",
    "  --help       this text",
    "",
    "Mind the pot.",
    "",
    "Examples:",
    "  convbench cook rice",
    "  convbench cook soup salt pepper --lid",
  ]);
});

Deno.test("columns() wraps the right one", () => {
  const lines = columns([["a", "word ".repeat(60).trim()], ["long name", "text"]]).split("\n");
  assert(lines.length > 3 && lines.every((line) => line.length <= 100), lines.join("\n"));
  assert(lines[0]?.startsWith("  a          word"), lines[0]);
  assert(lines[1]?.startsWith("             word"), lines[1]);
  assertEquals(lines.at(-1), "  long name  text");
});

Deno.test("choicesOf() looks through defaults and absence", () => {
  assertEquals(choicesOf(z.enum(["a", "b"]).default("a")), ["a", "b"]);
  assertEquals(choicesOf(z.enum(["a", "b"]).optional()), ["a", "b"]);
  assertEquals(choicesOf(z.string()), undefined);
});

Deno.test("parseFlags() refuses what is no flag", () => {
  const known = { strings: ["models"], booleans: ["force"] } as const;
  assertEquals(parseFlags(["--models", "x", "--force"], known), { models: "x", force: true });
  assertThrows(() => parseFlags(["modles"], known), UsageError, "found modles: is it --models");
});
