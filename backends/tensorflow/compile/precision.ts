/**
 * What the products of a function are computed in.
 *
 * @module
 */
import { show } from "../../../models/errors.ts";
import { type CompileOptions, type Precision, PRECISIONS } from "../../compiler.ts";
import type { FunctionConfig, TensorFlowBinding } from "../binding/mod.ts";
import { encodeRewrites } from "../capi/config.ts";

/** A precision that has been chosen. */
export type Chosen = Exclude<Precision, "auto">;

/** What each kind of device computes in; grappler's pass for the CPU leaves a graph alone where it lacks bfloat16. */
const OF_DEVICE = {
  cpu: ["float32", "bfloat16"],
  gpu: ["float32", "tf32", "float16"],
} as const satisfies Record<string, readonly Chosen[]>;

/** Those that `auto` chooses from. */
const TIMED = { cpu: ["float32", "bfloat16"], gpu: ["float32", "float16"] } as const satisfies Record<
  string,
  readonly Chosen[]
>;

/** How much faster a lower precision has to be: it costs digits. */
const GAIN = 1.15;
/** Runs of each that are timed, in turns, after one in which the graph is optimised. */
const RUNS = 4;

/**
 * What `precision` may come to on the device.
 *
 * @throws {RangeError} Where the device has no such precision.
 */
export function candidates(precision: Precision, binding: TensorFlowBinding): readonly Chosen[] {
  if (!PRECISIONS.includes(precision)) {
    throw new RangeError(`Expected precision to be one of ${PRECISIONS.join(", ")} but found ${show(precision)}`);
  }
  const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
  if (precision === "auto") return TIMED[device];
  const possible: readonly Chosen[] = OF_DEVICE[device];
  if (!possible.includes(precision)) {
    throw new RangeError(
      `Expected precision on the ${device} to be one of ${[...possible, "auto"].join(", ")} but found ${precision}`,
    );
  }
  return [precision];
}

/** The first of `precisions`, or a later one that `run` is clearly faster with. */
export function fastest(precisions: readonly Chosen[], run: (precision: Chosen) => void): Chosen {
  const [first = "float32", ...others] = precisions;
  if (others.length === 0) return first;
  const times = new Map<Chosen, number>();
  for (let round = 0; round <= RUNS; round++) {
    for (const precision of precisions) {
      const started = performance.now();
      run(precision);
      const ms = performance.now() - started;
      if (round > 0) times.set(precision, Math.min(ms, times.get(precision) ?? Infinity));
    }
  }
  const time = (precision: Chosen): number => times.get(precision) ?? Infinity;
  return others.reduce((best, other) => time(other) * GAIN < time(best) ? other : best, first);
}

/** What TensorFlow is told. */
export function configOf(
  precision: Chosen,
  { jit = false, exact = false, frozen = false }: CompileOptions,
): FunctionConfig {
  const mixedPrecision = precision === "bfloat16" || precision === "float16" ? precision : undefined;
  // XLA folds by itself, and knows nothing of what grappler fuses.
  const config = encodeRewrites({ mixedPrecision, fuse: !exact, foldConstants: frozen && !jit });
  return { jit, ...(config ? { config } : {}) };
}
