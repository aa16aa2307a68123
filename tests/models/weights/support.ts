/**
 * What the tests of weight files share: PyTorch's files and the values that it has for them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { sequential } from "../../../models/block.ts";
import { buildModel } from "../../../models/build.ts";
import * as nn from "../../../models/nn.ts";
import type { StateDict } from "../../../models/state_dict.ts";
import fixture from "../../fixtures/pth/expected.json" with { type: "json" };

/** The files of tests/fixtures/make_pth.py. */
export const PTH = new URL("../../fixtures/pth/", import.meta.url);

/** The bytes of one of them. */
export const readFixture = (name: string): Promise<Uint8Array<ArrayBuffer>> => Deno.readFile(new URL(name, PTH));

/** A tensor as the fixture has it. */
export interface Expected {
  readonly shape: number[];
  readonly values: number[];
}

/** PyTorch's values by dict and key, and the hashes of its tables. */
export const expected = fixture;

/** Fails unless `dict` has exactly these tensors, value by value. */
export function assertDict(dict: StateDict, expected: Readonly<Record<string, Expected>>): void {
  assertEquals(Object.keys(dict).toSorted(), Object.keys(expected).toSorted());
  for (const [key, { shape, values }] of Object.entries(expected)) {
    assertEquals(dict[key]?.shape, shape, key);
    const found = [...dict[key]?.data ?? []];
    assertEquals(found.length, values.length, key);
    found.forEach((value, i) => assert(Object.is(value, values[i]), `${key}[${i}]: ${value}, not ${values[i]}`));
  }
}

/** The network whose state dict is `network` in the fixtures. */
export const network = (seed = 0) =>
  buildModel(sequential(nn.conv2d(4, 3), nn.batchNorm(), nn.flatten(), nn.linear(5)), {
    inputShape: [4, 4, 3],
    name: "network",
    seed,
  });
