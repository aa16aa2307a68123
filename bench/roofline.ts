/**
 * The roofline of a run (Williams, Waterman, Patterson: Roofline, an insightful visual
 * performance model for multicore architectures, CACM 52, 2009): what each network
 * reached, beneath what the machine allows at as many operations a byte.
 *
 * @module
 */
import { stepBytes, stepFlops } from "./cost.ts";
import { median } from "./report/median.ts";
import type { Report, Result } from "./report/schema.ts";

/** A result beneath the roof. */
export interface RooflinePoint {
  /** The result. */
  readonly name: string;
  /** Its network. */
  readonly model: string;
  /** What was run of it. */
  readonly mode: Result["mode"];
  /**
   * Floating point operations of a step, two for each multiply-accumulate, for each byte that it moves at least: what
   * {@linkcode stepFlops} and {@linkcode stepBytes} count. What lies between convolutions moves more, so that the true
   * intensity is lower.
   */
  readonly intensity: number;
  /** FLOP/s that it reached at its median. */
  readonly flops: number;
  /** FLOP/s that the machine allows at this intensity. */
  readonly roof: number;
  /** `flops` as a share of `roof`. */
  readonly share: number;
  /** What bounds it there. */
  readonly bound: "compute" | "bandwidth";
}

/** The picture's data. */
export interface Roofline {
  /** FLOP/s of the fastest matrix product or convolution: the flat part of the roof. */
  readonly compute: number;
  /** Bytes a second of the fastest copy: the slope. */
  readonly bandwidth: number;
  /** Operations a byte where slope and flat part meet. */
  readonly ridge: number;
  /** In the order of the results; those without counts of operations are left out. */
  readonly points: readonly RooflinePoint[];
}

/** Its operations and bytes; undefined where the report does not tell them. */
function costOfResult(
  { params, macs, activations, mode, batch }: Result,
): { flops: number; bytes: number } | undefined {
  if (params === null || macs === null || activations === null || activations === undefined) return undefined;
  const cost = { params, macs, activations };
  return { flops: stepFlops(cost, mode, batch), bytes: stepBytes(cost, mode, batch) };
}

/** The roofline of a report; undefined where the machine's limit was not measured. */
export function roofline({ limit, results }: Report): Roofline | undefined {
  const compute = Math.max(limit?.convolution ?? 0, limit?.matmul ?? 0);
  const bandwidth = limit?.copy ?? 0;
  if (compute === 0 || bandwidth === 0) return undefined;
  const points = results.flatMap((result): RooflinePoint[] => {
    const cost = costOfResult(result);
    // On logarithmic axes there is no place for nothing.
    if (cost === undefined || cost.bytes === 0 || cost.flops === 0) return [];
    const intensity = cost.flops / cost.bytes;
    const slope = intensity * bandwidth;
    const flops = cost.flops * 1000 / median(result.samplesMs);
    const roof = Math.min(slope, compute);
    return [{
      name: result.name,
      model: result.model,
      mode: result.mode,
      intensity,
      flops,
      roof,
      share: flops / roof,
      bound: slope < compute ? "bandwidth" : "compute",
    }];
  });
  return { compute, bandwidth, ridge: compute / bandwidth, points };
}
