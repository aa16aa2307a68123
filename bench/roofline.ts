/**
 * The roofline of a run (Williams, Waterman, Patterson: Roofline, an insightful visual
 * performance model for multicore architectures, CACM 52, 2009): what each network
 * reached, beneath what the machine allows at as many operations a byte.
 *
 * @module
 */
import type { Report, Result } from "./report/schema.ts";
import { stepBytes, stepFlops } from "./cost.ts";

/** A result beneath the roof. */
export interface RooflinePoint {
  /** The result. */
  readonly name: string;
  /** Floating point operations of a step for each byte that it moves at least. */
  readonly intensity: number;
  /** FLOP/s that it reached at its median. */
  readonly flops: number;
  /** FLOP/s that the machine allows at this intensity. */
  readonly roof: number;
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
  /** In the order of the results. */
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

/** The roofline of a report; undefined where the machine's limit was not measured. Results without counts are left out. */
export function roofline({ limit, results }: Report): Roofline | undefined {
  const compute = Math.max(limit?.convolution ?? 0, limit?.matmul ?? 0);
  const bandwidth = limit?.copy ?? 0;
  if (compute === 0 || bandwidth === 0) return undefined;
  const points = results.flatMap((result): RooflinePoint[] => {
    const cost = costOfResult(result);
    if (cost === undefined || cost.bytes === 0) return [];
    const intensity = cost.flops / cost.bytes;
    const slope = intensity * bandwidth;
    return [{
      name: result.name,
      intensity,
      flops: cost.flops * 1000 / result.median,
      roof: Math.min(slope, compute),
      bound: slope < compute ? "bandwidth" : "compute",
    }];
  });
  return { compute, bandwidth, ridge: compute / bandwidth, points };
}
