/**
 * Names of benchmarks that carry what a reader of `deno bench --json` needs to
 * turn times into throughput.
 *
 * @module
 */

/** What one iteration of a benchmark does. */
export interface Work {
  readonly what: string;
  /** How many units one iteration takes. */
  readonly amount: number;
  /** `images`, floating point operations, or calls of operations. */
  readonly unit: "images" | "MFLOP" | "ops";
}

/** `forward, 128 images`. */
export function label({ what, amount, unit }: Work): string {
  return `${what}, ${amount} ${unit}`;
}

/** The inverse of {@linkcode label}; undefined for other names. */
export function parseLabel(text: string): Work | undefined {
  const match = /^(.+), ([\d.]+) (images|MFLOP|ops)$/.exec(text);
  const [, what, amount, unit] = match ?? [];
  if (what === undefined || amount === undefined) return undefined;
  return { what, amount: Number(amount), unit: unit as Work["unit"] };
}
