/**
 * Holds descriptions of networks against PyTorch's counts, without building one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Block } from "../../models/block.ts";
import type { ModelName } from "../../models/catalog.ts";
import { describe, type ModelDescription } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";

/** What tests/fixtures/counts.py says of a network; shapes are PyTorch's, the batch first. */
export interface TorchCounts {
  readonly source: string;
  readonly input_shape: readonly number[];
  /** Null for a block, which has no classes. */
  readonly classes: number | null;
  /** One shape for each output where there are several. */
  readonly output_shape: readonly number[] | readonly (readonly number[])[];
  readonly params: number;
  readonly buffers: number;
  readonly macs: number;
  /** Of `JSON.stringify([[key, shape], …])`, in the order of `state_dict()`, without num_batches_tracked. */
  readonly state_dict_sha256?: string;
}

type Axes = readonly (number | null)[];

/** NHWC without the batch as PyTorch prints it. */
const withoutBatch = ([, ...axes]: Axes): Axes => axes.length === 3 ? [axes[2] ?? null, ...axes.slice(0, 2)] : axes;

/** One shape or several, without the batch. */
function shapes<T>(shape: readonly T[] | readonly (readonly T[])[], one: (shape: readonly T[]) => Axes): Axes[] {
  return Array.isArray(shape[0]) ? (shape as readonly (readonly T[])[]).map(one) : [one(shape as readonly T[])];
}

/** The hash of what a state dict of that description holds. */
async function stateDictHash({ layers }: ModelDescription): Promise<string> {
  const entries = layers.flatMap(({ weights }) => weights.map(({ key, shape }) => [key, shape]));
  const bytes = new TextEncoder().encode(JSON.stringify(entries));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * Compares parameters, buffers, multiply-accumulates, output shapes, and the keys,
 * shapes and order of the state dict where the fixture has them.
 */
export async function assertCounts(description: ModelDescription, expected: TorchCounts): Promise<void> {
  const { params, buffers, macs, outputShape } = description;
  assertEquals({ params, buffers, macs, outputShapes: shapes(outputShape, withoutBatch) }, {
    params: expected.params,
    buffers: expected.buffers,
    macs: expected.macs,
    outputShapes: shapes(expected.output_shape, ([, ...axes]) => axes),
  });
  const { state_dict_sha256: hash } = expected;
  if (hash !== undefined) assertEquals(await stateDictHash(description), hash);
}

/**
 * Registers a test for each entry of `fixture`, which is held against the description
 * by {@linkcode assertCounts}. An entry is a network of the catalog, or one of `blocks`.
 */
export function compareCounts(
  fixture: Readonly<Record<string, TorchCounts>>,
  blocks: Readonly<Record<string, () => Block>> = {},
): void {
  for (const [name, expected] of Object.entries(fixture)) {
    Deno.test(`${name} has PyTorch's shapes, counts and state dict keys`, async () => {
      const [, c = 0, h = 0, w = 0] = expected.input_shape;
      const inputShape = [h, w, c] as const;
      const description = blocks[name] === undefined
        ? describeModel(name as ModelName, {
          inputShape,
          ...(expected.classes === null ? {} : { classes: expected.classes }),
        })
        : describe(blocks[name](), { inputShape });
      await assertCounts(description, expected);
    });
  }
}
